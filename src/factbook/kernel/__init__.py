"""The ground floor: ids, clock, canonical bytes, problems, paging, secrets. Knows nothing of any domain and does no I/O."""
