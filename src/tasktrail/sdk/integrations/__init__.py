"""Where other libraries speak through us: each file needs its library; only you load it."""
