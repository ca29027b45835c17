"""One customer on one page, each of its sections in a file of its own, and the pages that lie behind a section."""
