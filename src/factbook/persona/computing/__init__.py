"""A persona is computed from all submissions of a person: notes of each, taken once and kept, then one document put together from the notes."""
