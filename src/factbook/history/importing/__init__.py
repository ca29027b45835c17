"""Files into truth: event logs (XES) and records as lines (NDJSON). Nothing is recorded but through the truth recorder."""
