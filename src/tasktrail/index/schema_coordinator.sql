-- What coordinators told of sessions, workers and tasks, and what happened beside the tasks.

-- What one entry said of a session (`s:` and its id) or a worker (`w:` and its id).
CREATE TABLE facts (
    subject TEXT NOT NULL,
    trail INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    recorded INTEGER NOT NULL,   -- µs
    at INTEGER NOT NULL,         -- µs: its own time
    verb TEXT NOT NULL,          -- started, ended, spawned, imported, completed, failed, called
    said BLOB NOT NULL,          -- JSON: what it named
    PRIMARY KEY (subject, trail, seq)
) WITHOUT ROWID;
CREATE INDEX facts_of_trail ON facts (trail);

-- A coordinator run, as all that was said of it comes to; times in µs.
CREATE TABLE known_sessions (
    session_id TEXT PRIMARY KEY,
    started_at INTEGER,
    ended_at INTEGER,
    git_commit TEXT,
    exit_reason TEXT,
    config TEXT,                 -- JSON
    branch TEXT,
    host TEXT,
    pid INTEGER,
    first_at INTEGER NOT NULL    -- when the first of it was recorded
) WITHOUT ROWID;

-- A process that executed a task; times in µs.
CREATE TABLE known_workers (
    worker_id TEXT PRIMARY KEY,
    session_id TEXT,
    task_id TEXT,
    spawned_at INTEGER,
    completed_at INTEGER,
    pid INTEGER,
    status TEXT,                 -- NULL: known by its calls only
    exit_code INTEGER,
    log_file TEXT,
    parent_worker_id TEXT,
    agent TEXT,
    first_at INTEGER NOT NULL    -- when the first of it was recorded
) WITHOUT ROWID;
CREATE INDEX workers_by_age ON known_workers (first_at, worker_id);
CREATE INDEX workers_of_task ON known_workers (task_id);
CREATE INDEX workers_of_session ON known_workers (session_id);

-- What a session said in a trail: a task may be tried by several.
CREATE TABLE session_tasks (
    session_id TEXT NOT NULL,
    trail INTEGER NOT NULL,
    status TEXT,                 -- as of this session; NULL: it only tells calls
    first_at INTEGER NOT NULL,   -- µs: when the first of it was recorded
    at INTEGER NOT NULL,         -- µs: the earliest of its own times
    last_seq INTEGER NOT NULL,   -- of what it said of the task's life
    PRIMARY KEY (session_id, trail)
) WITHOUT ROWID;
CREATE INDEX sessions_of_trail ON session_tasks (trail, last_seq);

-- When a task was first in each status, whatever came later; times in µs.
CREATE TABLE task_times (
    trail INTEGER PRIMARY KEY,
    issue_number INTEGER,
    detected_at INTEGER,
    started_at INTEGER,
    completed_at INTEGER,
    failed_at INTEGER,
    last_completed_at INTEGER    -- of a task that was done again
);

-- What coordinators decided, were told or ran into; the text is in the trail.
CREATE TABLE coordinator_events (
    at INTEGER NOT NULL,         -- µs
    trail INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    session_id TEXT,
    worker_id TEXT,
    event_type TEXT NOT NULL,
    context_type TEXT,
    context_id TEXT,
    severity TEXT NOT NULL,
    PRIMARY KEY (at, trail, seq)
) WITHOUT ROWID;
CREATE INDEX coordinator_events_of_trail ON coordinator_events (trail);
