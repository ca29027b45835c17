"""PostgreSQL: where it runs, who may do what in it, and the only way into a transaction."""
