"""Puts a persona together by rules: every note of a list stands, and of notes for one text the best, which is the first."""

from factbook.persona.computing.leaves import Leaf
from factbook.persona.computing.tasks import ComposedPersona, ComposedStatement, ComposePersona, read_note_line


def compose_persona(task: ComposePersona) -> ComposedPersona:
    """The notes as statements, word for word."""
    statements: list[ComposedStatement] = []
    filled: set[Leaf] = set()
    for source in task.sources:
        leaf, text = read_note_line(source.text)
        if leaf.is_list or leaf not in filled:
            filled.add(leaf)
            statements.append(ComposedStatement(path=leaf, text=text, source_ids=[source.id]))
    return ComposedPersona(statements=statements)
