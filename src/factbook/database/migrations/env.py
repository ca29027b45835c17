"""How Alembic runs here: on the connection that `factbook.database.steps` hands over, one transaction per migration."""

from alembic import context

from factbook.database.roles import SCHEMA

context.configure(connection=context.config.attributes["connection"], version_table_schema=SCHEMA, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
