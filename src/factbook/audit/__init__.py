"""Who did what, when and why? Append-only events in a hash chain per tenant: recorded, verified, exported. Nobody else writes audit rows."""

from factbook.audit.heads import ExportedHead, read_line, signed_line
from factbook.audit.model import ActorType, Event, EventName, Head
from factbook.audit.operations import record, record_all, restore
from factbook.audit.queries import event_page, head_of_chain, newest_events, recorded_ids
from factbook.audit.verification import ChainVerdict, verify_chain

__all__ = [
    "ActorType",
    "ChainVerdict",
    "Event",
    "EventName",
    "ExportedHead",
    "Head",
    "event_page",
    "head_of_chain",
    "newest_events",
    "read_line",
    "record",
    "record_all",
    "recorded_ids",
    "restore",
    "signed_line",
    "verify_chain",
]
