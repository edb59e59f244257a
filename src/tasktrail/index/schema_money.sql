-- What model calls used and cost. Everything here is derived from entries and one book of prices.

-- The prices by which the costs were computed: one row.
CREATE TABLE price_book (
    version TEXT PRIMARY KEY,
    user_text TEXT,              -- the user's price file, as it was then
    trouble TEXT                 -- why that file is not used
) WITHOUT ROWID;

-- One model call, however often it was told; or what a reported total has beyond its calls.
CREATE TABLE calls (
    call INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,   -- `id:` and its call_id, or `at:`, `run:`, `task:` and its place
    kind INTEGER NOT NULL,       -- 0 a call, 1 the rest of a run, 2 the rest of a task
    tellings INTEGER NOT NULL,
    trail INTEGER NOT NULL,      -- where it was told first, as is `seq`
    seq INTEGER NOT NULL,
    recorded INTEGER NOT NULL,   -- µs
    at INTEGER NOT NULL,         -- µs: its own time
    session_id TEXT,
    worker_id TEXT,
    model TEXT,
    provider TEXT,
    input_uncached INTEGER,
    cache_read INTEGER,
    cache_write_5m INTEGER,
    cache_write_1h INTEGER,
    output INTEGER,
    reasoning INTEGER,
    total INTEGER,
    web_searches INTEGER,
    tier TEXT,                   -- what else chose its price: `processing=batch`, `speed=fast`
    reported INTEGER,            -- micro-dollars that the source told
    duration_ms INTEGER,
    success INTEGER,
    is_embedded INTEGER NOT NULL,
    is_sidechain INTEGER NOT NULL,
    is_estimated INTEGER NOT NULL,
    is_undated INTEGER NOT NULL, -- its source told no time: `at` is a guess
    unread TEXT,                 -- tokens under names that nobody knows
    computed INTEGER,            -- micro-dollars by the prices of its day
    price_source TEXT
);
CREATE INDEX calls_of_trail ON calls (trail, seq);
CREATE INDEX calls_by_time ON calls (at);
CREATE INDEX calls_of_session ON calls (session_id, model) WHERE session_id IS NOT NULL;
CREATE INDEX rests_of_runs ON calls (session_id) WHERE kind = 1;
CREATE INDEX calls_of_worker ON calls (worker_id) WHERE worker_id IS NOT NULL;

-- The tellings of calls that were told more than once.
CREATE TABLE tellings (
    name TEXT NOT NULL,
    trail INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    at INTEGER NOT NULL,
    session_id TEXT,
    worker_id TEXT,
    model TEXT,
    provider TEXT,
    input_uncached INTEGER,
    cache_read INTEGER,
    cache_write_5m INTEGER,
    cache_write_1h INTEGER,
    output INTEGER,
    reasoning INTEGER,
    total INTEGER,
    web_searches INTEGER,
    tier TEXT,
    reported INTEGER,
    duration_ms INTEGER,
    success INTEGER,
    is_embedded INTEGER NOT NULL,
    is_sidechain INTEGER NOT NULL,
    is_estimated INTEGER NOT NULL,
    is_undated INTEGER NOT NULL,
    unread TEXT,
    PRIMARY KEY (name, trail, seq)
) WITHOUT ROWID;
CREATE INDEX tellings_of_trail ON tellings (trail);

-- What the end of a run told of each model it used, in sum.
CREATE TABLE run_totals (
    session_id TEXT NOT NULL,
    model TEXT NOT NULL,
    trail INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    at INTEGER NOT NULL,
    input_uncached INTEGER,
    cache_read INTEGER,
    cache_write_5m INTEGER,
    output INTEGER,
    is_undated INTEGER NOT NULL,
    PRIMARY KEY (session_id, model, trail, seq)
) WITHOUT ROWID;
CREATE INDEX run_totals_of_trail ON run_totals (trail);

-- Ends of tasks whose source told no time; they are few.
CREATE TABLE undated_ends (
    trail INTEGER NOT NULL,
    at INTEGER NOT NULL,         -- µs: a guess
    PRIMARY KEY (trail, at)
) WITHOUT ROWID;

-- Sums of calls by quarter of an hour: a day of any time zone is made of whole ones.
CREATE TABLE call_rollups (
    quarter INTEGER NOT NULL,    -- of an hour since the epoch
    trail INTEGER NOT NULL,
    session_id TEXT NOT NULL,    -- '' where none, as the next
    worker_id TEXT NOT NULL,
    model TEXT NOT NULL,
    {sum_columns},
    PRIMARY KEY (quarter, trail, session_id, worker_id, model)
) WITHOUT ROWID;

CREATE INDEX rollups_of_trail ON call_rollups (trail);
CREATE INDEX rollups_of_session ON call_rollups (session_id) WHERE session_id <> '';

-- The same sums over all of time: what is asked without a day looks at far fewer rows.
CREATE TABLE cost_totals (
    trail INTEGER NOT NULL,
    session_id TEXT NOT NULL,    -- '' where none, as the next
    worker_id TEXT NOT NULL,
    model TEXT NOT NULL,
    {sum_columns},
    PRIMARY KEY (trail, session_id, worker_id, model)
) WITHOUT ROWID;

CREATE INDEX totals_of_worker ON cost_totals (worker_id) WHERE worker_id <> '';

-- The same sums by model alone: a stretch of days looks at no row per task or worker.
CREATE TABLE quarter_costs (
    quarter INTEGER NOT NULL,    -- of an hour since the epoch
    model TEXT NOT NULL,         -- '' where none
    {sum_columns},
    PRIMARY KEY (quarter, model)
) WITHOUT ROWID;

-- The same sums by trail.
CREATE TABLE trail_costs (
    trail INTEGER PRIMARY KEY,
    {sum_columns}
);
CREATE INDEX trails_by_cost ON trail_costs (cost);
