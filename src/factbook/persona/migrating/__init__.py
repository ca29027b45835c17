"""The old table of personas is brought in: read as a stream, each row taken whole or named with the reason why not, and taken back on demand."""
