"""The night shift: check and verify."""
