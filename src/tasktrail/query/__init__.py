"""The way out: the reader and the follower."""
