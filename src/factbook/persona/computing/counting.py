"""What is counted of personas. No label says anything of a tenant or a person."""

from prometheus_client import Counter

COMPUTED = Counter("factbook_personas_computed_total", "Versions of personas that were stored, by who computed them.", ["by"])
NOTES_DROPPED = Counter("factbook_persona_notes_dropped_total", "Notes that quote nothing their text says.")
STATEMENTS_DROPPED = Counter("factbook_persona_statements_dropped_total", "Statements of personas that rest on no note, or repeat one.")
