"""The map of the trails: made by following them, and made anew whenever it is lost."""
