"""Chaos: breaks a running Tasktrail on purpose and proves from the files what became of it."""
