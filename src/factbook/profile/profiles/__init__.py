"""The profile itself: one row per customer, its version, and the document that shows all of it."""
