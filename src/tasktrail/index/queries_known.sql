-- What the index knows of trails that may be gone.

-- name: known_heads
-- Every trail with the last entry of it that was indexed.
-- scan: it is asked about all of them
SELECT family, id, as_of FROM trails;
