"""Assets: documents and media of a customer, their bytes in the content store."""
