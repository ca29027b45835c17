"""Where profiles are kept: one contract and its three stores."""
