"""What designers do: save scenarios and rules, read them in any version, take them away."""
