"""How a tenant wants to be served."""
