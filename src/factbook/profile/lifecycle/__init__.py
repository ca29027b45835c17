"""How items leave `active` without a successor: their time is over, their source is gone, or somebody deleted them."""
