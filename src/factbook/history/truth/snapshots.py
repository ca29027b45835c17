"""The shape a workflow snapshot must have for its names to be read; everything else in it is kept as it came."""

from typing import Any

from factbook.kernel.json_text import json_text

_MAX_NAME = 500


def checked_snapshot(value: Any) -> str:
    """The snapshot's text. `ValueError` when the workflow, a node or a task cannot be told from another by its id.

    `name`, `nodes` and a node's `tasks` are read and are spelt alike in snake_case and in the original's camelCase. Missing lists are
    taken as empty (history facts, section 1.2).
    """
    if not isinstance(value, dict):
        raise ValueError("a snapshot is an object")
    _check_name(value, "snapshot")
    tasks: list[Any] = []
    for node in _identified(_list_of(value, "nodes"), "nodes"):
        tasks.extend(_list_of(node, "tasks"))
    _identified(tasks, "tasks")
    return json_text(value)


def _list_of(owner: dict[str, Any], key: str) -> list[Any]:
    items = owner.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        raise ValueError(f"{key} is a list")
    return items


def _identified(items: list[Any], what: str) -> list[dict[str, Any]]:
    seen: set[str] = set()
    for item in items:
        identity = item.get("id") if isinstance(item, dict) else None
        if not isinstance(identity, str) or not 1 <= len(identity) <= 128:
            raise ValueError(f"each of the {what} is an object with an id of 1 to 128 characters")
        if identity in seen:
            raise ValueError(f"two of the {what} share one id")
        seen.add(identity)
        _check_name(item, f"each of the {what}")
    return items


def _check_name(item: dict[str, Any], what: str) -> None:
    name = item.get("name")
    if name is not None and (not isinstance(name, str) or len(name) > _MAX_NAME):
        raise ValueError(f"the name of {what} is a text of at most {_MAX_NAME} characters")
