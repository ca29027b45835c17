"""Decides whether two persons can be merged, and what is then known for certain of the one who is left."""

from uuid import UUID

from factbook.audit import ActorType, Event, EventName
from factbook.kernel.problems import FieldError, ProblemKind
from factbook.persona.merging.model import Merge
from factbook.persona.model import Demographics, HeldPerson
from factbook.persona.rules import person_event

MERGE_WITH_ITSELF = ProblemKind("merge_with_itself", 409, "A person cannot be merged with itself")
PERSONS_DISAGREE = ProblemKind("persons_disagree", 409, "Two persons say different things that are certain")


def refuse_one_person(kept: UUID, merged: UUID) -> None:
    """Raise `merge_with_itself` for one person under whatever two ids."""
    if kept == merged:
        raise MERGE_WITH_ITSELF.because("Nothing was changed: both ids are of one person.")


def merged_demographics(kept: HeldPerson, merged: HeldPerson) -> Demographics:
    """What either of them is known to be. Raises `persons_disagree` where both are known to be something else: a human settles that first."""
    first, second = kept.demographics.as_json(), merged.demographics.as_json()
    pairs = {**{name: (first[name], second[name]) for name in first}, "customer_id": (kept.customer_id, merged.customer_id)}
    at_odds = [name for name, (ours, theirs) in pairs.items() if ours is not None and theirs is not None and ours != theirs]
    if at_odds:
        faults = [FieldError(name, "differs between the two persons") for name in at_odds]
        raise PERSONS_DISAGREE.because("Nothing was changed. Change one of the persons, so that it is clear what holds.", faults)
    return Demographics(**{name: first[name] if first[name] is not None else second[name] for name in first})


def event_of(merge: Merge) -> Event:
    """The audit event of a merge: it goes by the merge's id, so that one merge has one event."""
    context = {"merged_person_id": str(merge.merged_person_id), "submissions": merge.submissions}
    return person_event(merge.id, EventName.PERSONS_MERGED, merge.person_id, merge.actor_id, ActorType.HUMAN, merge.created_at, context=context)
