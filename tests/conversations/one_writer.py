"""A lint over sources: which of our files write the link, and which read customers without saying whose.

It goes by the texts that are SQL. It reads sources only and imports none of them.
"""

import ast
import re
from collections.abc import Iterator, Mapping

# A link is written where a statement sets it, or lists it among the columns of an insertion into conversations.
_SETS_LINK = re.compile(r"\bSET\b(?:(?!\bWHERE\b).)*?\bcustomer_id\s*=", re.DOTALL | re.IGNORECASE)
_INSERTS_LINK = re.compile(r"\bINSERT\s+INTO\s+conversations\b[^)]*\bcustomer_id\b", re.DOTALL | re.IGNORECASE)
_UPDATES_ANOTHER_TABLE = re.compile(r"\s*UPDATE\s+(?!conversations\b)\w+\s+SET\b", re.IGNORECASE)  # persons belong to customers, too
_UPDATES_CONVERSATIONS = re.compile(r"\bUPDATE\s+conversations\b", re.IGNORECASE)
_READS_CUSTOMERS = re.compile(
    r"\b(?:FROM|JOIN)\s+(?:customers|identity_keys|channel_identities|conversations|messages|conversation_links)\b", re.IGNORECASE
)
_SAYS_WHOSE = re.compile(r"\btenant_id\b", re.IGNORECASE)


def writers_of_the_link(sources: Mapping[str, str]) -> list[str]:
    """The modules that write `conversations.customer_id`, or update a conversation at all."""
    return sorted({module for module, text in _sql(sources) if _writes_the_link(text)})


def _writes_the_link(text: str) -> bool:
    if _UPDATES_ANOTHER_TABLE.match(text):
        return False
    return any(writing.search(text) for writing in (_SETS_LINK, _INSERTS_LINK, _UPDATES_CONVERSATIONS))


def reads_of_nobody_in_particular(sources: Mapping[str, str]) -> list[str]:
    """The modules with a statement that reads customers, their keys or conversations and does not name the tenant."""
    return sorted({module for module, text in _sql(sources) if _READS_CUSTOMERS.search(text) and not _SAYS_WHOSE.search(text)})


def _sql(sources: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every text of every module that is no docstring, migrations left out: they make tables and touch no rows of customers."""
    for module, source in sources.items():
        if module.startswith("factbook.database.migrations."):
            continue
        tree = ast.parse(source)
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield module, "".join(str(part.value) if isinstance(part, ast.Constant) else "..." for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield module, node.value
