"""A command's output and end, told to a trail while it runs."""
