"""Where items come from: chains, what was derived, and whether a source is there."""
