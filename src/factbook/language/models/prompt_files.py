"""Prompts as files, one for each task, `prompts/NAME.vNUMBER.md`. A reply tells which bytes it was asked with.

`data.v1.md` is what every model is told about data, `frame.v1.md` how the data stands in the message.
"""

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

_FOLDER = files("factbook.language.models") / "prompts"
_FILE = re.compile(r"(?P<name>\w+)\.v(?P<number>\d+)\.md")
_DIGEST_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told: instructions, and the message that frames the data. `version` is name, number and digest of all of it."""

    instructions: str
    frame: str
    version: str

    def message(self, nonce: str, data: str) -> str:
        """The message, with the data in its fence. The data is put in last, so nothing in it is read as a place for something else."""
        before, after = self.frame.replace("{nonce}", nonce).split("{data}")
        return f"{before}{data}{after}"


@cache
def prompt_named(name: str) -> Prompt:
    """The newest version of the prompt. `LookupError` when there is no file of that name."""
    label, text = _newest(name)
    data, frame = _newest("data")[1], _newest("frame")[1]
    digest = sha256("\0".join((text, data, frame)).encode()).hexdigest()[:_DIGEST_DIGITS]
    return Prompt(f"{text}\n{data}", frame, f"{label}+{digest}")


def prompt_names() -> list[str]:
    """Every name for which there is a file."""
    return sorted({found["name"] for each in _FOLDER.iterdir() if (found := _FILE.fullmatch(each.name))})


def _newest(name: str) -> tuple[str, str]:
    """`name.vN` and the text of the file with the highest number."""
    numbers = [int(found["number"]) for each in _FOLDER.iterdir() if (found := _FILE.fullmatch(each.name)) and found["name"] == name]
    if not numbers:
        raise LookupError(f"there is no prompt {name}")
    label = f"{name}.v{max(numbers)}"
    return label, (_FOLDER / f"{label}.md").read_text(encoding="utf-8").strip() + "\n"
