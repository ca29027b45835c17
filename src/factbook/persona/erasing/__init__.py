"""A person is erased: out of every table at once, and off the disk by `factbook purge`."""
