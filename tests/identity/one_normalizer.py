"""A lint over sources: nothing but the normalizer changes an identifier, in Python or in SQL.

It goes by names. A name, attribute, key or argument that speaks of an identifier, a phone number or an e-mail address is one, and so is a
local variable that such a value was assigned to. It reads sources only and imports none of them.
"""

import ast
import re
from collections.abc import Iterator, Mapping

# Modules that may do what all others may not, each with its reason.
ALLOWED: Mapping[str, str] = {
    "factbook.identity.normalize": "it is the normalizer",
    "factbook.profile.validation.value_types": "it tells whether a value has an address's form; the value stays as it came",
    "factbook.language.reading.emails": "it tells where in a message an address stands; nobody is looked up by it",
    "factbook.language.reading.phones": "it tells where in a message a number stands; nobody is looked up by it",
}

_LIBRARIES = frozenset({"email_validator", "phonenumbers"})
_PYDANTIC_TYPES = frozenset({"EmailStr", "NameEmail", "validate_email"})
_PYDANTIC_SWITCHES = frozenset({"strip_whitespace", "to_lower", "to_upper"})
_MODEL_SWITCHES = frozenset({"str_strip_whitespace", "str_to_lower", "str_to_upper"})
_SUBJECT = r"(?:identifier|phone|e_?mail|msisdn|wa_id)"
_IDENTIFIER = re.compile(_SUBJECT)
_CHANGES = frozenset(
    {
        *("strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "zfill"),
        *("lower", "upper", "casefold", "title", "capitalize", "swapcase", "replace", "translate"),
        *("split", "rsplit", "partition", "rpartition", "splitlines"),
    }
)
_PATTERN_CALLS = frozenset({"match", "fullmatch", "search", "sub", "subn", "findall", "finditer", "split"})
_SECOND_NORMALIZER = re.compile(rf"_*(?:(?:normali[sz]|clean|canonicali[sz]|saniti[sz]|standardi[sz]|strip)\w*{_SUBJECT}|normali[sz]e$)")
_SQL_FUNCTIONS = r"lower|upper|initcap|trim|btrim|ltrim|rtrim|replace|regexp_replace|translate|normalize"
_SQL_CHANGE = re.compile(rf"\b(?:{_SQL_FUNCTIONS})\s*\([^()]*{_SUBJECT}", re.IGNORECASE)


def violations(sources: Mapping[str, str]) -> list[str]:
    """One line per place, `module:line: what`, for `{module: source}`; sorted and without repeats."""
    found = set()
    for module, source in sources.items():
        if module not in ALLOWED:
            reader = _Reader()
            reader.visit(ast.parse(source))
            found |= {(module, line, what) for line, what in reader.found.items()}
    return [f"{module}:{line}: {what}; only factbook.identity.normalize may" for module, line, what in sorted(found)]


class _Reader(ast.NodeVisitor):
    """Reads one module. `found` has at most one finding per line, the outermost; `aliases` are the local names that hold identifiers."""

    def __init__(self) -> None:
        self.found: dict[int, str] = {}
        self.aliases: frozenset[str] = frozenset()

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.name.partition(".")[0] in _LIBRARIES:
                self._find(node, f"import {alias.name} brings a second normalizer")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        package = (node.module or "").partition(".")[0]
        names = {alias.name for alias in node.names}
        if package in _LIBRARIES or (package == "pydantic" and names & _PYDANTIC_TYPES):
            self._find(node, f"from {node.module} import {', '.join(sorted(names))} brings a second normalizer")

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if _SECOND_NORMALIZER.match(node.name):
            self._find(node, f"def {node.name} is a second normalizer")
        outside = self.aliases
        self.generic_visit(node)
        self.aliases = outside

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            if isinstance(target, ast.Name):
                changed = {target.id}
                self.aliases = self.aliases | changed if self._is_identifier(node.value) else self.aliases - changed

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._check_annotation(node, node.target, node.annotation)
        self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        if node.annotation:
            self._check_annotation(node, ast.Name(node.arg), node.annotation)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if any(keyword.arg in _MODEL_SWITCHES for keyword in node.keywords) or any(self._changes(node)):
            self._find(node, f"{ast.unparse(node)} changes an identifier")
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.slice, ast.Slice) and self._is_identifier(node.value) and not ast.unparse(node.value).endswith("s"):
            self._find(node, f"{ast.unparse(node)} cuts an identifier")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and (matched := _SQL_CHANGE.search(node.value)):
            self._find(node, f"{' '.join(matched[0].split())} in SQL changes an identifier")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if matched := _SQL_CHANGE.search(ast.unparse(node)):
            self._find(node, f"{' '.join(matched[0].split())} in SQL changes an identifier")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring may speak of SQL
            self.generic_visit(node)

    def _find(self, node: ast.stmt | ast.expr | ast.arg, what: str) -> None:
        self.found.setdefault(node.lineno, what)

    def _check_annotation(self, node: ast.stmt | ast.arg, target: ast.expr, annotation: ast.expr) -> None:
        switches = {inner.arg for inner in ast.walk(annotation) if isinstance(inner, ast.keyword)}
        if switches & _PYDANTIC_SWITCHES and self._is_identifier(target):
            self._find(node, f"{ast.unparse(annotation)} changes an identifier")

    def _changes(self, call: ast.Call) -> Iterator[bool]:
        """Each way in which a call may change an identifier, and whether this one does."""
        takes = any(self._is_identifier(argument) for argument in call.args)
        yield takes and any(_is_method_of_str(argument) for argument in call.args)  # map(str.lower, phones)
        if isinstance(call.func, ast.Attribute):
            method, receiver = call.func.attr, call.func.value
            yield method in _CHANGES and self._is_identifier(receiver)  # identifier.strip()
            yield method in _CHANGES and takes and _is_method_of_str(call.func)  # str.strip(identifier)
            yield method in _PATTERN_CALLS and _is_pattern(receiver) and takes  # re.sub("[^0-9]", "", phone)
            yield method in _PATTERN_CALLS - _CHANGES and _is_pattern(receiver) and _speaks_of_one(ast.unparse(receiver))  # PHONE.sub("", raw)
            yield method == "normalize" and takes and ast.unparse(receiver) == "unicodedata"
            yield method == "join" and any(self._iterates(argument) for argument in call.args)  # "".join(c for c in phone if ...)

    def _iterates(self, argument: ast.expr) -> bool:
        if not isinstance(argument, ast.GeneratorExp | ast.ListComp):
            return False
        iterated = argument.generators[0].iter
        return self._is_identifier(iterated) and not ast.unparse(iterated).endswith("s")

    def _is_identifier(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self.aliases or (not name.isupper() and _speaks_of_one(name))
            case ast.Attribute(attr=name):
                return _speaks_of_one(name)
            case ast.Subscript(value=value, slice=key):
                return _is_key_of_one(key) or self._is_identifier(value)
            case ast.Call(func=ast.Name(id="str"), args=[value, *_]) | ast.NamedExpr(value=value) | ast.FormattedValue(value=value):
                return self._is_identifier(value)
            case ast.Call(func=ast.Attribute(attr="get" | "pop"), args=[key, *_]) | ast.Call(func=ast.Name(id="getattr"), args=[_, key, *_]):
                return _is_key_of_one(key)
            case ast.Call(func=ast.Attribute(attr=method, value=value)):
                return method in _CHANGES and self._is_identifier(value)
            case ast.BoolOp(values=values) | ast.JoinedStr(values=values):
                return any(map(self._is_identifier, values))
            case ast.IfExp(body=body, orelse=orelse):
                return self._is_identifier(body) or self._is_identifier(orelse)
            case _:
                return False


def _speaks_of_one(name: str) -> bool:
    return _IDENTIFIER.search(name.lower()) is not None


def _is_key_of_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and _speaks_of_one(node.value)


def _is_method_of_str(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "str"


def _is_pattern(node: ast.expr) -> bool:
    """Whether the expression reads like a regular expression: `re`, `re.compile(...)` or a constant."""
    text = ast.unparse(node)
    return text == "re" or text.startswith("re.compile(") or text.isupper()
