-- The index: where things are, how many there are, and what each trail folds to. No message text.
-- Everything here is derived from the trails. Another version of this file means: rebuild.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- How far each partition of the spool is indexed: a place like the one in its checkpoint.
CREATE TABLE partitions (
    p INTEGER PRIMARY KEY,
    pos INTEGER NOT NULL
);

-- One trail: how far it is read (`places`: an offset per channel), and its summary as of `as_of`.
CREATE TABLE trails (
    trail INTEGER PRIMARY KEY,
    family TEXT NOT NULL,
    id TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    created INTEGER NOT NULL,    -- µs: when its first entry was recorded
    updated INTEGER NOT NULL,    -- µs: when its latest entry was recorded
    damaged INTEGER NOT NULL,    -- lines that could not be read
    status TEXT NOT NULL,
    source TEXT,                 -- the origin
    agent TEXT,
    title TEXT,
    session_id TEXT,
    job_id TEXT,
    places BLOB NOT NULL,
    summary BLOB NOT NULL,
    UNIQUE (family, id)
);
CREATE INDEX trails_by_age
    ON trails (family, created, id, status, source, agent, session_id, job_id, title);
CREATE INDEX trails_of_session ON trails (family, session_id, created, id)
    WHERE session_id IS NOT NULL;
CREATE INDEX trails_of_job ON trails (family, job_id, created, id) WHERE job_id IS NOT NULL;

-- The dictionary of what entries are; '' where an entry says nothing.
CREATE TABLE kinds (
    kind INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    level TEXT NOT NULL,
    source TEXT NOT NULL,
    stage TEXT NOT NULL,
    event_type TEXT NOT NULL,
    UNIQUE (channel, level, source, stage, event_type)
);

-- The dictionary of whom a trail's entries belong to; '' where an entry says nothing.
CREATE TABLE labels (
    label INTEGER PRIMARY KEY,
    trail INTEGER NOT NULL,
    worker_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    item TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    UNIQUE (trail, worker_id, job_id, item, execution_id, session_id)
);
CREATE INDEX labels_of_job ON labels (job_id, trail) WHERE job_id <> '';
CREATE INDEX labels_of_execution ON labels (execution_id, trail) WHERE execution_id <> '';

-- One entry: what it is, when, and where its line stands.
CREATE TABLE entries (
    trail INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    label INTEGER NOT NULL,      -- 0: none
    level INTEGER NOT NULL,      -- the rank
    at INTEGER NOT NULL,         -- µs: the entry's own time
    place INTEGER NOT NULL,      -- the line's offset in its channel
    length INTEGER NOT NULL,     -- bytes without the line end
    PRIMARY KEY (trail, seq)
) WITHOUT ROWID;
CREATE INDEX trouble ON entries (trail, level, seq, kind) WHERE level >= 30;

-- The same by stretches of 1,024 seqs that are full: what is asked over time reads few entries.
CREATE TABLE blocks (
    trail INTEGER NOT NULL,
    block INTEGER NOT NULL,      -- seq / 1,024
    kind INTEGER NOT NULL,
    level INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    least_at INTEGER NOT NULL,
    most_at INTEGER NOT NULL,
    PRIMARY KEY (trail, block, kind)
) WITHOUT ROWID;

-- The times of the entries that a block sums up, in their order, and where these stand in it.
CREATE TABLE block_times (
    trail INTEGER NOT NULL,
    block INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    times BLOB NOT NULL,         -- µs after the least, in four bytes or eight
    places BLOB NOT NULL,        -- the seq after the first of the block, in two bytes
    PRIMARY KEY (trail, block, kind)
) WITHOUT ROWID;

-- How many entries of each kind and label a trail has, and the first and the last of them.
CREATE TABLE rollups (
    trail INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    label INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    first_at INTEGER NOT NULL,   -- µs: the first entry's own time
    last_at INTEGER NOT NULL,
    least_at INTEGER NOT NULL,   -- producers' clocks need not rise
    most_at INTEGER NOT NULL,
    PRIMARY KEY (trail, label, kind)
) WITHOUT ROWID;
