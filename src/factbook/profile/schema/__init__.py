"""The schema: definitions of fields, and the requirements of scenarios."""
