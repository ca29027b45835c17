"""Our own sources as text, for tests that judge how the house is built, and what a relative import in them means."""

import ast
from pathlib import Path

import factbook


def our_sources() -> dict[str, str]:
    """`{module: source}` of every Python file of ours; a package's own file ends in `.__init__`."""
    folder = Path(factbook.__file__).parent
    files = sorted(folder.rglob("*.py"))
    return {".".join(["factbook", *file.relative_to(folder).with_suffix("").parts]): file.read_text(encoding="utf-8") for file in files}


def origin_of(module: str, node: ast.ImportFrom) -> str:
    """The absolute name of the module after `from`, in a file of `module`."""
    above = module.split(".")[: -node.level] if node.level else []
    return ".".join([*above, *filter(None, [node.module])])
