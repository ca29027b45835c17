"""Who computes personas: the model that does tasks of language, or rules of our own, without a network and always alike."""

from typing import Any

from factbook.database.pools import Database
from factbook.language import LLMExecutor, RuleBook, Task
from factbook.language.models.prompt_files import prompt_named
from factbook.persona.computing.backend import Backend
from factbook.persona.reading import RULES, RULES_VERSION


def persona_backend(database: Database, language: LLMExecutor, seconds: float | None = None) -> Backend:
    """The backend for whoever does tasks of language: a model with its prompts, and rules in place of rules. A call may take so many seconds."""
    if language.extractor == RuleBook.extractor:
        return backend_by_rules(database, seconds)
    return Backend(database, language, _version_of_prompt, seconds)


def backend_by_rules(database: Database, seconds: float | None = None) -> Backend:
    """Rules take the notes and compose."""
    return Backend(database, RuleBook(RULES, RULES_VERSION), lambda _task: RULES_VERSION, seconds)


def _version_of_prompt(task: type[Task[Any]]) -> str:
    return prompt_named(task.prompt).version
