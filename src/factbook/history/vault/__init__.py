"""The evidence vault: everything attached to any job of a customer, grouped by type or by job. Reads only."""
