-- One execution of a scheduled job in one trail: since when it is known, and how it went. An end
-- that an execution:* event told (rank 1) stands before one that the task's own end told (2).
CREATE TABLE executions (
    execution_id TEXT NOT NULL,
    trail INTEGER NOT NULL,
    job_id TEXT NOT NULL,        -- '' where nobody said it
    first_at INTEGER NOT NULL,   -- µs: the time of its first entry
    started_at INTEGER,          -- µs
    ended_at INTEGER,            -- µs
    end_rank INTEGER NOT NULL,   -- 3: not ended
    status TEXT NOT NULL,        -- running, completed, failed
    duration_ms INTEGER,         -- as reported
    summary TEXT,
    error TEXT,
    PRIMARY KEY (execution_id, trail)
) WITHOUT ROWID;
CREATE INDEX executions_of_job ON executions (job_id, execution_id);
CREATE INDEX executions_of_trail ON executions (trail);
