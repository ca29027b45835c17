"""Tries statements as a role, each on its own and taken back at once, all of them in one round trip."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

Session = psycopg.Connection[TupleRow]

DENIED = "42501"  # insufficient_privilege: a missing grant, a row-level policy, or not the owner
READ_ONLY = "25006"  # read_only_sql_transaction
READ_WRITE = "BEGIN; SET LOCAL transaction_read_only = off"  # as the first statement every role may

# Every statement runs in a subtransaction, which the exception takes back whether the statement was refused or carried out.
_TRY_ALL = """
DO $all$
DECLARE
    statement text;
    touched bigint;
    answers jsonb := '[]';
BEGIN
    FOR statement IN SELECT jsonb_array_elements_text(current_setting('walls.statements')::jsonb) LOOP
        BEGIN
            EXECUTE statement;
            GET DIAGNOSTICS touched = ROW_COUNT;
            RAISE EXCEPTION USING ERRCODE = 'WDONE', MESSAGE = touched;
        EXCEPTION WHEN OTHERS THEN
            answers := answers || jsonb_build_array(jsonb_build_array(SQLSTATE, SQLERRM));
        END;
    END LOOP;
    PERFORM set_config('walls.answers', answers::text, true);
END $all$
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` is how many rows the statement returned or changed, None when it was refused; then `state` and `message` say how."""

    state: str
    message: str
    rows: int | None

    @classmethod
    def read(cls, state: str, message: str) -> "Answer":
        """The answer in what `_TRY_ALL` kept of a statement."""
        return cls("", "", int(message)) if state == "WDONE" else cls(state, message, None)

    @property
    def what(self) -> str:
        """What happened, for a sentence."""
        return self.message if self.rows is None else f"{self.rows} rows"


def answers(session: Session, statements: Sequence[str], *, tenant_id: UUID | None = None, begin: str = "BEGIN") -> list[Answer]:
    """What the database answers to each statement, in a transaction of the tenant (None: of none) that is rolled back."""
    # Planning the ledger's view takes longer than reading it; any plan will do.
    settings = sql.SQL("SET LOCAL join_collapse_limit = 1; SET LOCAL walls.statements = {}; SET LOCAL factbook.tenant = {}").format(
        sql.Literal(json.dumps(statements)), sql.Literal(str(tenant_id or ""))
    )
    together = f"{begin}; {settings.as_string(session)}; {_TRY_ALL}; SELECT current_setting('walls.answers'); ROLLBACK"
    try:
        cursor = session.execute(together.encode())
        while cursor.description is None:
            cursor.nextset()
        row = cursor.fetchone()
    except psycopg.Error:
        session.execute("ROLLBACK")
        raise
    return [Answer.read(*answer) for answer in json.loads(row[0] if row else "[]")]
