"""The floors of the house, checked on sources: who may import whom, and through which door. Pure; imports none of what it judges.

A tree is `{module: source}`; a package's own file ends in `.__init__`. `violations` also asks `rooms` what each file may hold.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from tests.architecture.rooms import room_of, room_violations
from tests.architecture.sources import origin_of

ROOT = "factbook"
DOMAINS = ("identity", "conversations", "profile", "scenarios", "persona", "history")
COMPOSITION_ROOT = ("app", "composition", "cli", "mcp", "__main__")  # `__main__` is the command under another name
FLOORS: Mapping[str, int] = {
    "kernel": 0,
    "database": 1,
    "cache": 2,
    **dict.fromkeys(("access", "audit", "idempotency", "jobs", "content", "language"), 3),
    **dict.fromkeys(DOMAINS, 4),
    **dict.fromkeys((*COMPOSITION_ROOT, "console", "edge"), 5),
}
DOMAIN_EDGES: Mapping[str, frozenset[str]] = {
    "conversations": frozenset({"identity"}),
    "profile": frozenset({"identity", "conversations"}),
    "scenarios": frozenset({"profile", "conversations"}),
    "persona": frozenset({"identity"}),
    "history": frozenset({"identity"}),
}
OPEN_TO_THE_TOP = frozenset({"routes", "jobs", "queries", "answers", "operations"})
VAGUE_NAMES = frozenset({"util", "utils", "helper", "helpers", "common", "manager", "managers", "base"})


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a module imports: out of `module`, which is as the statement means it; `name` is None when the module itself is meant."""

    module: str
    name: str | None

    @property
    def package(self) -> str:
        """The room of the house, or an empty text for the root package itself."""
        return self.module.split(".")[1] if "." in self.module else ""


def violations(sources: Mapping[str, str]) -> list[str]:
    """One line per breach, `module: what and why`, sorted. An empty list: the house stands."""
    trees = {module: ast.parse(source) for module, source in sources.items()}
    imports = {module: list(_imports(module, tree, trees)) for module, tree in trees.items()}
    found: set[str] = set()
    for module, tree in trees.items():
        found.update(_breaches_of_the_name(module))
        found.update(f"{module}: {breach}" for taken in imports[module] for breach in _breaches_of_an_import(module, taken, trees))
        found.update(room_violations(module, tree))
    return sorted(found | set(_cycles(imports)))


def _imports(module: str, tree: ast.Module, trees: Mapping[str, ast.Module]) -> Iterator[Import]:
    """Every import of ours in the module, wherever it stands: at the top, in a function or for type checking only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            taken = [Import(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = origin_of(module, node)
            taken = [_from(origin, alias.name, trees) for alias in node.names]
        else:
            continue
        yield from (each for each in taken if each.module.split(".")[0] == ROOT)


def _from(origin: str, name: str, trees: Mapping[str, ast.Module]) -> Import:
    """`from origin import name`: the module of that name, unless the package gives the name another meaning."""
    inner = f"{origin}.{name}"
    is_module = inner in trees or f"{inner}.__init__" in trees
    return Import(inner, None) if is_module and name not in _names_of(f"{origin}.__init__", trees) else Import(origin, name)


def _names_of(package: str, trees: Mapping[str, ast.Module]) -> set[str]:
    """What a package's `__init__` exports: its `__all__`, else every name that it binds."""
    names: set[str] = set()
    for node in trees[package].body if package in trees else []:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                return {str(text) for text in ast.literal_eval(value)}
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names |= {alias.asname or alias.name for alias in aliases}
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return names


def _breaches_of_the_name(module: str) -> Iterator[str]:
    room, *_ = path = module.split(".")[1:]
    if room not in FLOORS and room not in ("settings", "__init__"):
        yield f"{module}: no room of the house is called {room}"
    for part in path:
        if vague := VAGUE_NAMES & set(part.split("_")):
            yield f"{module}: a name with {min(vague)} does not say what is inside"


def _breaches_of_an_import(module: str, taken: Import, trees: Mapping[str, ast.Module]) -> Iterator[str]:
    here, there = module.split(".")[1], taken.package
    if there in (here, "", "__init__"):
        return
    reason = _wrong_floor(here, there)
    if reason is None and there in DOMAINS:
        reason = _wrong_door(here, taken, trees)
    if reason is not None:
        yield f"imports {taken.module}{f' ({taken.name})' if taken.name else ''}, but {reason}"


def _wrong_floor(here: str, there: str) -> str | None:
    """Why the room `here` may not look into the room `there`, or None when it may."""
    if there == "settings":
        return None if here in COMPOSITION_ROOT else "settings are read at the composition root only"
    if here in ("settings", "__init__"):
        return None if here == "settings" and there == "kernel" else f"{here} stands beside the floors and takes nothing from {there}"
    if there not in FLOORS:
        return f"no room of the house is called {there}"
    if here in DOMAINS and there in DOMAINS:
        return None if there in DOMAIN_EDGES.get(here, ()) else f"the domain {here} does not build on the domain {there}"
    if here in COMPOSITION_ROOT and FLOORS[there] == FLOORS[here]:
        return None  # the composition root puts its own floor together
    if here in FLOORS and FLOORS[there] >= FLOORS[here]:
        return f"{there} stands on {'the same floor as' if FLOORS[there] == FLOORS[here] else 'a higher floor than'} {here}"
    return None


def _wrong_door(here: str, taken: Import, trees: Mapping[str, ast.Module]) -> str | None:
    """Why this is not the way into a domain, or None when it is: the names its `__init__` exports, or, from the top floor, its open rooms."""
    domain = f"{ROOT}.{taken.package}"
    if taken.module == domain:
        exported = _names_of(f"{domain}.__init__", trees)
        if taken.name is None or taken.name == "*":
            return f"a domain is used by name: from {domain} import ..."
        return None if taken.name in exported or f"{domain}.__init__" not in trees else f"{domain} does not export it"
    if here in DOMAINS:
        return f"the inside of {domain} is its own: use what its __init__ exports"
    return None if room_of(taken.module) in OPEN_TO_THE_TOP else f"only {', '.join(sorted(OPEN_TO_THE_TOP))} of a domain are open to {here}"


def _cycles(imports: Mapping[str, list[Import]]) -> Iterator[str]:
    """One line for each package whose parts import each other in a circle; a part is a file or a package inside."""
    edges: dict[str, dict[str, set[str]]] = {}
    for module, taken in imports.items():
        for each in taken:
            here, there = module.split("."), _file(each.module, imports).split(".")
            shared = next((i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), None)
            if shared is not None:
                parent = edges.setdefault(".".join(here[:shared]), {})
                parent.setdefault(here[shared], set()).add(there[shared])
    for parent_name, graph in sorted(edges.items()):
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = list(reversed(error.args[1]))
            yield f"{parent_name}: {' -> '.join(circle)} is a circle of imports, and circles cannot be understood or tested in parts"


def _file(module: str, imports: Mapping[str, list[Import]]) -> str:
    return f"{module}.__init__" if f"{module}.__init__" in imports else module
