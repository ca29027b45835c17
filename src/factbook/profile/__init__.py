"""What is known of a customer: fields and assets, each with its source."""
