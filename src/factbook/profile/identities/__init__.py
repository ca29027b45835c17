"""The addresses of a customer as the profile shows them."""
