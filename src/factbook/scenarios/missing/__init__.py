"""Which fields a scenario still needs of a customer, and whether it may begin without them."""
