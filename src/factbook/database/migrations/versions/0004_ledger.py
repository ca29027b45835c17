"""The ledger's read model: derived from truth by one view, filled in the transaction that records, dropped and rebuilt at will."""

from alembic import op

from factbook.database.migrations.walls import protect

revision = "0004"
down_revision = "0003"

_COLUMNS = """
    tenant_id        uuid NOT NULL,
    customer_id      uuid NOT NULL,
    at               timestamptz(3) NOT NULL,
    type_order       smallint NOT NULL,
    job_id           caller_id NOT NULL,
    record_id        caller_id NOT NULL,
    visible_from     bigint NOT NULL,
    job_address      text,
    job_type         text COLLATE "C" NOT NULL,
    flow_id          caller_id NOT NULL,
    workflow_id      caller_id NOT NULL,
    workflow_name    text COLLATE "C",
    workflow_version integer NOT NULL,
    node_id          caller_id,
    node_name        text COLLATE "C",
    task_id          caller_id,
    task_name        text COLLATE "C",
    iteration        integer,
    actor            text,
    evidence_type    text COLLATE "C",
    outcome          text
"""

_INSERTED = ", ".join(line.split()[0] for line in _COLUMNS.strip().splitlines())

# Where each kind of entry comes from. The order is seed 000 section 6: node activation 1, task start 2, evidence 3, outcome 4.
# An outcome goes by the id of the execution it ends, as its start does.
_EVENTS = {
    1: (
        "node_activations e",
        "e.id, e.activated_at, e.flow_id, e.node_id, NULL::caller_id, e.iteration, NULL::text, NULL::text, NULL::text",
    ),
    2: (
        "task_starts e",
        "e.id, e.started_at, e.flow_id, NULL::caller_id, e.task_id, e.iteration, e.started_by, NULL::text, NULL::text",
    ),
    3: (
        "evidence e LEFT JOIN task_starts s ON s.tenant_id = e.tenant_id AND s.id = e.task_execution_id",
        "e.id, e.attached_at, e.flow_id, NULL::caller_id, e.task_id, s.iteration, e.attached_by, e.evidence_type, NULL::text",
    ),
    4: (
        "task_outcomes e JOIN task_starts s ON s.tenant_id = e.tenant_id AND s.id = e.task_execution_id",
        "e.task_execution_id, e.outcome_at, s.flow_id, NULL::caller_id, s.task_id, s.iteration, e.outcome_by, NULL::text, e.outcome",
    ),
}

# The union stands outermost, so that a condition on customer or number reaches each arm and its index.
_ARM = """
    SELECT e.tenant_id, j.customer_id, x.at, {order}::smallint AS type_order, j.id AS job_id, x.record_id,
           greatest(e.recorded_seq, f.recorded_seq, g.recorded_seq, j.recorded_seq) AS visible_from,
           j.address AS job_address, g.scope_type AS job_type, f.id AS flow_id, f.workflow_id, w.name AS workflow_name, v.version AS workflow_version,
           coalesce(x.node_id, p.node_id) AS node_id, p.node_name, x.task_id, p.name AS task_name,
           x.iteration, x.actor, x.evidence_type, x.outcome,
           e.recorded_seq, j.recorded_seq AS job_recorded_seq
    FROM {source}
    CROSS JOIN LATERAL (SELECT {columns}) AS x (record_id, at, flow_id, node_id, task_id, iteration, actor, evidence_type, outcome)
    {join} flows f ON f.tenant_id = e.tenant_id AND f.id = x.flow_id
    {join} flow_groups g ON g.tenant_id = f.tenant_id AND g.id = f.flow_group_id
    {join} jobs j ON j.tenant_id = f.tenant_id AND j.flow_group_id = f.flow_group_id
    {join} workflow_versions v ON v.tenant_id = f.tenant_id AND v.id = f.workflow_version_id
    LEFT JOIN workflow_names w ON w.tenant_id = f.tenant_id AND w.workflow_version_id = v.id AND w.part = 'workflow' AND w.id = v.workflow_id
    LEFT JOIN workflow_names p ON p.tenant_id = f.tenant_id AND p.workflow_version_id = v.id
         AND p.part = '{part}' AND p.id = coalesce(x.task_id, x.node_id)
    WHERE coalesce(j.id, '') <> ''
"""

# One definition, two views. The first lets the planner begin where a reader asks from, at a customer or a job. The second is for records just
# made: outer joins, which the condition undoes without the planner seeing through it, have it begin at the records and follow keys from there. Left
# free, it would begin at all of a tenant's flows whenever its statistics are older than an import.
_VIEWS = {"ledger_from_truth": "JOIN", "ledger_from_new_truth": "LEFT JOIN"}

# Lists that a snapshot lacks or leaves null count as empty.
_NODES = "json_array_elements(CASE json_typeof(v.snapshot -> 'nodes') WHEN 'array' THEN v.snapshot -> 'nodes' END) AS n"
_TASKS = "json_array_elements(CASE json_typeof(n -> 'tasks') WHEN 'array' THEN n -> 'tasks' END) AS t"

_NAMES = f"""
    SELECT tenant_id, id AS workflow_version_id, recorded_seq, 'workflow' AS part, workflow_id AS id,
           snapshot ->> 'name' AS name, NULL::caller_id AS node_id, NULL::text AS node_name
    FROM workflow_versions
    UNION ALL
    SELECT v.tenant_id, v.id, v.recorded_seq, 'node', n ->> 'id', NULL, n ->> 'id', n ->> 'name'
    FROM workflow_versions v, {_NODES}
    UNION ALL
    SELECT v.tenant_id, v.id, v.recorded_seq, 'task', t ->> 'id', t ->> 'name', n ->> 'id', n ->> 'name'
    FROM workflow_versions v, {_NODES}, {_TASKS}
"""


# The one definition of an entry on the wire, as compact JSON beside everything that pages and filters go by.
_SHOWN = """
    SELECT e.*, (
        SELECT row_to_json(wire)::text FROM (SELECT
            (ARRAY['NODE_ACTIVATED', 'TASK_STARTED', 'EVIDENCE_ATTACHED', 'TASK_OUTCOME'])[e.type_order] AS type,
            CASE e.type_order WHEN 2 THEN 'start-' WHEN 4 THEN 'outcome-' ELSE '' END || e.record_id AS id,
            to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS timestamp,
            e.job_id, e.job_address, e.flow_id, e.workflow_id, e.workflow_name, e.workflow_version,
            e.node_id, e.node_name, e.task_id, e.task_name, e.iteration, e.actor, e.evidence_type, e.outcome
        ) AS wire
    ) AS entry
    FROM ledger_entries e
"""

# The hot read in one round trip: the tenant is set for this statement alone, then the page is read behind its wall. The bounds that a caller
# leaves open come as infinities, so that one plan, a walk along the primary key, serves every page; it is kept generic, because planning
# anew would take as long as the walk. Without `basis` everything recorded is shown.
_PAGE = """
    CREATE FUNCTION ledger_page(
        tenant uuid, customer uuid, basis bigint,
        after_at timestamptz, after_type smallint, after_job text, after_record text,
        since timestamptz, until timestamptz, workflows text[], job_types text[], job_ids text[], types smallint[], evidence_types text[],
        page_length integer
    )
    RETURNS TABLE (head bigint, customer_known boolean, entry text, at timestamptz, type_order smallint, job_id text, record_id text)
    LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
        PERFORM set_config('factbook.tenant', tenant::text, true);
        RETURN QUERY
            SELECT (SELECT h.last_seq FROM truth_heads h WHERE h.tenant_id = tenant),
                   EXISTS (SELECT FROM customers c WHERE c.tenant_id = tenant AND c.id = customer), page.*
            FROM (SELECT 1) AS always
            LEFT JOIN LATERAL (
                SELECT e.entry, e.at, e.type_order, e.job_id::text, e.record_id::text FROM ledger_shown e
                WHERE e.tenant_id = tenant AND e.customer_id = customer AND e.visible_from <= coalesce(basis, 9223372036854775807)
                  AND (e.at, e.type_order, e.job_id, e.record_id) > (after_at, after_type, after_job, after_record)
                  AND e.at >= since AND e.at < until
                  AND (workflows IS NULL OR e.workflow_id = ANY(workflows) OR e.workflow_name = ANY(workflows))
                  AND (job_types IS NULL OR e.job_type = ANY(job_types))
                  AND (job_ids IS NULL OR e.job_id = ANY(job_ids))
                  AND (types IS NULL OR e.type_order = ANY(types))
                  AND (evidence_types IS NULL OR e.evidence_type = ANY(evidence_types))
                ORDER BY e.at, e.type_order, e.job_id, e.record_id LIMIT page_length
            ) AS page ON true;
    END $$
"""


def upgrade() -> None:
    """Create names, ledger and view, then derive everything that the truth recorded so far holds."""
    op.execute(
        """
        CREATE TABLE workflow_names (
            tenant_id           uuid NOT NULL,
            workflow_version_id caller_id NOT NULL,
            part                text NOT NULL CHECK (part IN ('workflow', 'node', 'task')),
            id                  caller_id NOT NULL,
            name                text COLLATE "C",
            node_id             caller_id,
            node_name           text COLLATE "C",
            PRIMARY KEY (tenant_id, workflow_version_id, part, id),
            FOREIGN KEY (tenant_id, workflow_version_id) REFERENCES workflow_versions (tenant_id, id)
        )
        """
    )
    op.execute(f"CREATE TABLE ledger_entries ({_COLUMNS}, PRIMARY KEY (tenant_id, customer_id, at, type_order, job_id, record_id))")
    op.execute(
        """
        CREATE INDEX vault_of_customer ON ledger_entries (tenant_id, customer_id, evidence_type, at DESC, job_id, record_id)
        WHERE type_order = 3
        """
    )
    for table in ("workflow_names", "ledger_entries"):
        protect(table)
    op.execute(f"CREATE VIEW workflow_names_from_truth WITH (security_invoker = true) AS {_NAMES}")
    for view, join in _VIEWS.items():
        arms = (
            _ARM.format(order=order, source=source, columns=columns, part="node" if order == 1 else "task", join=join)
            for order, (source, columns) in _EVENTS.items()
        )
        op.execute(f"CREATE VIEW {view} WITH (security_invoker = true) AS {' UNION ALL '.join(arms)}")
    op.execute(f"CREATE VIEW ledger_shown WITH (security_invoker = true) AS {_SHOWN}")
    for view in ("workflow_names_from_truth", *_VIEWS, "ledger_shown"):
        op.execute(f"GRANT SELECT ON {view} TO factbook_writer, factbook_reader")
    op.execute(_PAGE)
    _derive_for_every_tenant()


def _derive_for_every_tenant() -> None:
    connection = op.get_bind()
    for (tenant_id,) in connection.exec_driver_sql("SELECT tenant_id FROM tenants").fetchall():
        op.execute(f"SET LOCAL factbook.tenant = '{tenant_id}'")
        op.execute(
            """
            INSERT INTO workflow_names (tenant_id, workflow_version_id, part, id, name, node_id, node_name)
            SELECT tenant_id, workflow_version_id, part, id, name, node_id, node_name FROM workflow_names_from_truth
            """
        )
        op.execute(f"INSERT INTO ledger_entries ({_INSERTED}) SELECT {_INSERTED} FROM ledger_from_truth")


def downgrade() -> None:
    """Drop what is derived; the truth it came from stays."""
    op.execute("DROP FUNCTION ledger_page")
    op.execute("DROP VIEW ledger_shown")
    for view in _VIEWS:
        op.execute(f"DROP VIEW {view}")
    op.execute("DROP VIEW workflow_names_from_truth")
    op.execute("DROP TABLE ledger_entries")
    op.execute("DROP TABLE workflow_names")
