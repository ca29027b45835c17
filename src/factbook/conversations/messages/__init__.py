"""What was said in a conversation: recorded as it comes in, never changed."""
