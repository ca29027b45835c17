"""Decides what saving a scenario or rule makes of the versions that there are."""

from datetime import datetime
from uuid import UUID

from factbook.kernel.canonical import canonical_json, sha256_hex
from factbook.kernel.problems import ProblemKind
from factbook.scenarios.model import Design, DesignKind, Head, Version

ID_TAKEN = ProblemKind("id_taken", 409, "The id stands for another agent's already")


TOO_MANY_DESIGNS = ProblemKind("too_many_designs", 409, "The agent has as many as it may have")


def check_room(kind: DesignKind, standing: int, most: int) -> None:
    """Raise `too_many_designs` where one more than the `standing` ones is one too many."""
    if standing >= most:
        raise TOO_MANY_DESIGNS.because(f"Nothing was stored: the agent has {standing} {kind}s, and may have {most}.")


def content_hash_of(content: Design) -> str:
    """The SHA-256 of the canonical bytes of what a designer wrote."""
    return sha256_hex(canonical_json(content.model_dump(mode="json")))


def version_after(head: Head | None, kind: DesignKind, agent_id: UUID, design_id: UUID, content: Design, now: datetime) -> Version:
    """The version that saving this content makes; the one after the last, also of one that was deleted. Raises `id_taken`."""
    if head is not None and head.agent_id != agent_id:
        raise ID_TAKEN.because("Nothing was stored: another agent of yours has or had something with this id.")
    return Version(
        kind=kind,
        id=design_id,
        agent_id=agent_id,
        version=head.version + 1 if head is not None else 1,
        content=content,
        content_hash=content_hash_of(content),
        created_at=head.created_at if head is not None else now,
        saved_at=now,
    )
