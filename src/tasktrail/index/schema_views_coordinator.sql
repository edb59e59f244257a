-- The five tables of coordinators, as they are asked for in SQL. Times are UTC text.

-- Every session that anything names, when the first of it was recorded, and its earliest own time.
CREATE VIEW every_session AS
SELECT session_id, min(first_at) AS first_at, min(at) AS at
FROM (
    SELECT session_id, first_at, NULL AS at FROM known_sessions
    UNION ALL
    SELECT session_id, created, NULL FROM trails WHERE family = 'tasks' AND session_id IS NOT NULL
    UNION ALL
    SELECT session_id, first_at, NULL FROM known_workers WHERE session_id IS NOT NULL
    UNION ALL
    SELECT session_id, first_at, at FROM session_tasks
    UNION ALL
    SELECT id, created, NULL FROM trails WHERE family = 'sessions'
)
WHERE session_id NOT IN ('unassigned', 'tasktrail')
GROUP BY session_id;

CREATE VIEW sessions AS
SELECT s.session_id,
    strftime('%Y-%m-%dT%H:%M:%S', s.started_at / 1000000, 'unixepoch')
        || printf('.%06dZ', s.started_at % 1000000) AS started_at,
    strftime('%Y-%m-%dT%H:%M:%S', s.ended_at / 1000000, 'unixepoch')
        || printf('.%06dZ', s.ended_at % 1000000) AS ended_at,
    s.git_commit, s.exit_reason, s.config, s.branch, s.host, s.pid
FROM (
    SELECT e.session_id,
        CASE WHEN k.session_id IS NULL THEN coalesce(e.at, e.first_at) ELSE k.started_at END
        AS started_at, k.ended_at, k.git_commit, k.exit_reason, k.config, k.branch, k.host, k.pid
    FROM every_session AS e LEFT JOIN known_sessions AS k ON k.session_id = e.session_id
) AS s;

-- A start and an end are of one attempt: a task that was done and is tried again is not done, and
-- the start of one that was only told to be done is not known.
CREATE VIEW tasks AS
SELECT t.id AS task_id, t.session_id, m.issue_number, t.title,
    coalesce(strftime('%Y-%m-%dT%H:%M:%S', m.detected_at / 1000000, 'unixepoch')
        || printf('.%06dZ', m.detected_at % 1000000),
        json_extract(CAST(t.summary AS TEXT), '$.created_at')) AS detected_at,
    CASE WHEN t.status = 'completed' AND m.started_at > m.last_completed_at THEN NULL
        ELSE coalesce(strftime('%Y-%m-%dT%H:%M:%S', m.started_at / 1000000, 'unixepoch')
            || printf('.%06dZ', m.started_at % 1000000),
            CASE WHEN t.status = 'completed'
                AND json_extract(CAST(t.summary AS TEXT), '$.started_at')
                    > strftime('%Y-%m-%dT%H:%M:%S', m.last_completed_at / 1000000, 'unixepoch')
                        || printf('.%06dZ', m.last_completed_at % 1000000) THEN NULL
                ELSE json_extract(CAST(t.summary AS TEXT), '$.started_at') END) END AS started_at,
    CASE WHEN m.started_at > m.last_completed_at AND t.status <> 'completed' THEN NULL
        WHEN m.started_at > m.completed_at
        THEN strftime('%Y-%m-%dT%H:%M:%S', m.last_completed_at / 1000000, 'unixepoch')
            || printf('.%06dZ', m.last_completed_at % 1000000)
        ELSE strftime('%Y-%m-%dT%H:%M:%S', m.completed_at / 1000000, 'unixepoch')
            || printf('.%06dZ', m.completed_at % 1000000) END AS completed_at,
    strftime('%Y-%m-%dT%H:%M:%S', m.failed_at / 1000000, 'unixepoch')
        || printf('.%06dZ', m.failed_at % 1000000) AS failed_at,
    t.status, json_extract(CAST(t.summary AS TEXT), '$.pr_number') AS pr_number,
    t.source, json_extract(CAST(t.summary AS TEXT), '$.error') AS failure_reason,
    CASE WHEN c.unpriced < c.parts THEN c.cost END AS cost_micro_usd,
    coalesce(c.unpriced, 0) AS unpriced_calls
FROM trails AS t
LEFT JOIN task_times AS m ON m.trail = t.trail
LEFT JOIN trail_costs AS c ON c.trail = t.trail
WHERE t.family = 'tasks';

-- Beside the workers that were told of, one for each task of which some calls name no worker: its
-- name is that of its trail. So every call of a task is one of a worker of it.
CREATE VIEW workers AS
SELECT worker_id, session_id, task_id,
    strftime('%Y-%m-%dT%H:%M:%S', spawned_at / 1000000, 'unixepoch')
        || printf('.%06dZ', spawned_at % 1000000) AS spawned_at,
    strftime('%Y-%m-%dT%H:%M:%S', completed_at / 1000000, 'unixepoch')
        || printf('.%06dZ', completed_at % 1000000) AS completed_at,
    pid, status, exit_code, log_file, parent_worker_id, agent
FROM known_workers
UNION ALL
SELECT 'tasks/' || t.id, t.session_id, t.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, t.agent
FROM trails AS t
WHERE t.family = 'tasks'
    AND EXISTS (SELECT 1 FROM cost_totals AS r WHERE r.trail = t.trail AND r.worker_id = '');

CREATE VIEW events AS
SELECT t.id || '#' || e.seq AS event_id, e.session_id,
    strftime('%Y-%m-%dT%H:%M:%S', e.at / 1000000, 'unixepoch')
        || printf('.%06dZ', e.at % 1000000) AS timestamp,
    e.event_type, e.context_type, e.context_id, e.severity,
    said_by(t.family, t.id, n.place, n.length, 'message') AS message,
    said_by(t.family, t.id, n.place, n.length, 'details') AS details,
    CASE t.family WHEN 'tasks' THEN t.id END AS task_id, e.worker_id
FROM coordinator_events AS e JOIN trails AS t ON t.trail = e.trail
JOIN entries AS n ON n.trail = e.trail AND n.seq = e.seq;

CREATE VIEW api_calls AS
SELECT CASE WHEN c.kind > 0 THEN NULL WHEN c.name LIKE 'id:%' THEN substr(c.name, 4)
        ELSE t.id || '#' || c.seq END AS call_id,
    coalesce(c.worker_id, CASE t.family WHEN 'tasks' THEN 'tasks/' || t.id END) AS worker_id,
    strftime('%Y-%m-%dT%H:%M:%S', c.at / 1000000, 'unixepoch')
        || printf('.%06dZ', c.at % 1000000) AS timestamp,
    c.model,
    CASE WHEN coalesce(c.input_uncached, c.cache_read, c.cache_write_5m, c.cache_write_1h)
            IS NOT NULL
        THEN coalesce(c.input_uncached, 0) + coalesce(c.cache_read, 0)
            + coalesce(c.cache_write_5m, 0) + coalesce(c.cache_write_1h, 0) END AS tokens_input,
    c.output AS tokens_output,
    CASE WHEN coalesce(c.input_uncached, c.cache_read, c.cache_write_5m, c.cache_write_1h,
            c.output, c.reasoning, c.total) IS NOT NULL
        THEN max(coalesce(c.input_uncached, 0) + coalesce(c.cache_read, 0)
            + coalesce(c.cache_write_5m, 0) + coalesce(c.cache_write_1h, 0)
            + coalesce(c.output, 0) + coalesce(c.reasoning, 0), coalesce(c.total, 0))
        END AS tokens_total,
    coalesce(c.reported, c.computed) / 1000000.0 AS estimated_cost_usd,
    c.duration_ms, c.success,
    c.input_uncached AS tokens_input_uncached, c.cache_read AS tokens_cache_read,
    c.cache_write_5m AS tokens_cache_write_5m, c.cache_write_1h AS tokens_cache_write_1h,
    c.reasoning AS tokens_reasoning,
    c.computed AS cost_micro_usd, c.reported AS reported_cost_micro_usd,
    CASE WHEN c.computed IS NOT NULL THEN (SELECT version FROM price_book) END AS price_version,
    coalesce(c.session_id, w.session_id, CASE t.family WHEN 'tasks' THEN t.session_id END)
        AS session_id,
    coalesce(CASE t.family WHEN 'tasks' THEN t.id END, w.task_id) AS task_id,
    c.provider, c.is_estimated, c.is_undated, c.unread AS tokens_unread,
    CASE c.kind WHEN 0 THEN 'call' WHEN 1 THEN 'rest of run' ELSE 'rest of task' END AS kind
FROM calls AS c JOIN trails AS t ON t.trail = c.trail
LEFT JOIN known_workers AS w ON w.worker_id = c.worker_id;

-- The sums of calls, with the task and session that they belong to by what is known now.
CREATE VIEW costs_resolved AS
SELECT r.quarter, nullif(r.model, '') AS model, nullif(r.worker_id, '') AS worker_id,
    CASE t.family WHEN 'tasks' THEN t.id ELSE w.task_id END AS task_id,
    coalesce(nullif(r.session_id, ''), w.session_id,
        CASE t.family WHEN 'tasks' THEN t.session_id END) AS session_id,
    CASE t.family WHEN 'tasks' THEN t.status ELSE o.status END AS status,
    r.parts, r.calls, r.failed, r.estimated, r.unpriced, r.undated, r.input_uncached,
    r.cache_read, r.cache_write_5m, r.cache_write_1h, r.output, r.reasoning, r.unsorted, r.cost, r.reported,
    r.computed, r.compared, r.compared_reported, r.compared_computed
FROM call_rollups AS r JOIN trails AS t ON t.trail = r.trail
LEFT JOIN known_workers AS w ON w.worker_id = r.worker_id AND r.worker_id <> ''
LEFT JOIN trails AS o ON o.family = 'tasks' AND o.id = w.task_id AND t.family = 'sessions';

-- The same over all of time.
CREATE VIEW totals_resolved AS
SELECT nullif(r.model, '') AS model, nullif(r.worker_id, '') AS worker_id,
    CASE t.family WHEN 'tasks' THEN t.id ELSE w.task_id END AS task_id,
    coalesce(nullif(r.session_id, ''), w.session_id,
        CASE t.family WHEN 'tasks' THEN t.session_id END) AS session_id,
    CASE t.family WHEN 'tasks' THEN t.status ELSE o.status END AS status,
    r.parts, r.calls, r.failed, r.estimated, r.unpriced, r.undated, r.input_uncached,
    r.cache_read, r.cache_write_5m, r.cache_write_1h, r.output, r.reasoning, r.unsorted, r.cost, r.reported,
    r.computed, r.compared, r.compared_reported, r.compared_computed
FROM cost_totals AS r JOIN trails AS t ON t.trail = r.trail
LEFT JOIN known_workers AS w ON w.worker_id = r.worker_id AND r.worker_id <> ''
LEFT JOIN trails AS o ON o.family = 'tasks' AND o.id = w.task_id AND t.family = 'sessions';

-- The same of single calls.
CREATE VIEW calls_resolved AS
SELECT c.*, t.family, t.id AS trail_id,
    CASE t.family WHEN 'tasks' THEN t.id ELSE w.task_id END AS task_id,
    coalesce(c.session_id, w.session_id, CASE t.family WHEN 'tasks' THEN t.session_id END)
        AS whose_session,
    CASE t.family WHEN 'tasks' THEN t.status ELSE o.status END AS status
FROM calls AS c JOIN trails AS t ON t.trail = c.trail
LEFT JOIN known_workers AS w ON w.worker_id = c.worker_id
LEFT JOIN trails AS o ON o.family = 'tasks' AND o.id = w.task_id AND t.family = 'sessions';
