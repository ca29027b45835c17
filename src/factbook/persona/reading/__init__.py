"""Reads submissions by rules of English: what people say of themselves in so many words, each with the sentence that says it."""

from collections.abc import Mapping
from typing import Any

from factbook.language import Rule, Task
from factbook.persona.computing.tasks import ComposePersona, TakeNotes
from factbook.persona.reading.composing import compose_persona
from factbook.persona.reading.taking import take_notes

# Raised whenever a rule changes what is read: notes are then taken anew, and personas are computed anew when they are regenerated.
RULES_VERSION = "1"
RULES: Mapping[type[Task[Any]], Rule] = {TakeNotes: take_notes, ComposePersona: compose_persona}

__all__ = ["RULES", "RULES_VERSION"]
