"""Each task has a prompt in a file of its own, and a reply names the very bytes of it."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from factbook.language import Answer, FindRequirements, FindValues, Source, SuggestDefinitions, Task
from factbook.language.models import prompt_files
from factbook.language.models.prompt_files import prompt_named, prompt_names
from factbook.persona.computing.tasks import ComposePersona, TakeNotes
from tests.language.model_server import model_server, says
from tests.language.model_world import executor_on

TASKS = (FindValues, FindRequirements, SuggestDefinitions, TakeNotes, ComposePersona)
SHARED = {"data", "frame"}


def test_every_task_has_a_prompt_and_every_prompt_a_task() -> None:
    assert set(prompt_names()) == {task.prompt for task in TASKS} | SHARED


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.prompt)
def test_a_prompt_tells_of_every_field_of_its_answer(task: type[Any]) -> None:
    instructions = prompt_named(task.prompt).instructions
    (parts,) = [part for part in task.answer.model_json_schema()["$defs"].values() if "properties" in part]
    assert {name for name in parts["properties"] if f"`{name}`" not in instructions} == set()


def test_a_task_without_a_prompt_is_refused() -> None:
    with pytest.raises(LookupError, match="there is no prompt find_nothing"):
        prompt_named("find_nothing")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the prompts that a test may change."""
    for each in prompt_files._FOLDER.iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    monkeypatch.setattr(prompt_files, "_FOLDER", tmp_path)
    prompt_named.cache_clear()
    return tmp_path


@pytest.fixture(autouse=True)
def forgotten() -> Any:
    yield
    prompt_named.cache_clear()


@pytest.mark.parametrize("file", ["find_values.v1.md", "data.v1.md", "frame.v1.md"])
def test_any_change_of_what_a_model_is_told_changes_the_version(folder: Path, file: str) -> None:
    before = prompt_named("find_values").version
    assert re.fullmatch(r"find_values\.v1\+[0-9a-f]{8}", before)
    with (folder / file).open("a") as opened:
        opened.write("One more sentence.\n")
    prompt_named.cache_clear()
    after = prompt_named("find_values").version
    assert after != before
    assert after.startswith("find_values.v1+")


def test_the_newest_version_counts_by_its_number(folder: Path) -> None:
    for number in (2, 10, 9):
        (folder / f"find_values.v{number}.md").write_text(f"This is number {number}.")
    assert prompt_named("find_values").version.startswith("find_values.v10+")
    assert "number 10" in prompt_named("find_values").instructions


def test_data_is_not_read_as_a_place_for_something_else() -> None:
    message = prompt_named("find_values").message("word", "{nonce} {data}")
    assert "\n{nonce} {data}\n" in message
    assert message.count("word") == 2


class Told(Answer):
    """A sentence and what it rests on."""

    text: str
    source_ids: list[str]


class Portrait(Answer):
    """What is told of a person."""

    sentences: list[Told]


@dataclass(frozen=True, slots=True)
class Portray(Task[Portrait]):
    """A task of another kind, as any domain may have one."""

    tone: str
    earlier: Portrait

    prompt: ClassVar[str] = "portray"
    answer: ClassVar[type[Answer]] = Portrait


async def test_a_new_task_is_a_dataclass_and_a_prompt_file(folder: Path) -> None:
    (folder / "portray.v3.md").write_text("Portray the person.")
    sources = (Source("message-7", "I like tea."), Source("message-9", "And hiking."))
    task = Portray(sources, "friendly", Portrait(sentences=[Told(text="Likes tea.", source_ids=["message-7"])]))
    answer = {"sentences": [{"text": "Likes tea and hiking.", "source_ids": ["s1", "s2"]}]}
    wrong = {"sentences": [{"text": "?", "source_ids": ["s3"]}]}
    async with model_server(says(wrong), says(answer)) as server, executor_on(server.choice()) as executor:
        reply = await executor.execute(task)
    assert reply.answer == Portrait(sentences=[Told(text="Likes tea and hiking.", source_ids=["message-7", "message-9"])])
    assert reply.prompt_version.startswith("portray.v3+")
    asked = server.asked[0]
    assert asked.system.startswith("Portray the person.")
    assert asked.schema["$defs"]["Told"]["properties"]["source_ids"] == {"type": "array", "items": {"type": "string", "enum": ["s1", "s2"]}}
    data = json.loads(asked.message.split("\n")[1])
    assert (data["tone"], data["earlier"]) == ("friendly", {"sentences": [{"text": "Likes tea.", "source_ids": ["s1"]}]})


PROGRAM = """
import sys
{program}
print(sorted(each for each in ("pydantic_ai", "openai", "anthropic") if each in sys.modules))
"""


@pytest.mark.parametrize(
    "program",
    [
        "import factbook.app",
        "import factbook.language",
        "import factbook.language.models",
        "from factbook.cli.commands import application; application()",
    ],
)
def test_no_library_of_models_is_loaded_unless_a_model_is_named(program: str) -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM.format(program=program)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
