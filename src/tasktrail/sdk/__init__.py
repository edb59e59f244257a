"""The producer's side: what a job's process uses."""
