"""The map: derived, disposable, a follower of the store."""
