"""Requirements as designers see them: listed, written by hand, reviewed, taken away."""
