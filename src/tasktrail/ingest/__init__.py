"""The way in: spool, pumps, partitions, recorder."""
