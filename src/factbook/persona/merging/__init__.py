"""Two persons turn out to be one: a human says so, and what was submitted about both is about one from then on."""
