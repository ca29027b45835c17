"""The link between a conversation and a customer: a human's decision, exactly reversible, its whole history kept."""
