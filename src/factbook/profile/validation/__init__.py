"""Whether a value is what its field says: of its type, in the form of its expression, among its allowed values. Pure; it never changes a value."""
