"""Jobs as they stand now: the list, one job, and a customer's jobs with what their flows say of them. Reads only."""
