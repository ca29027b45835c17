"""What the settings mean, told in one place. Every process of the service asks here, so that all of them read one setting alike."""
