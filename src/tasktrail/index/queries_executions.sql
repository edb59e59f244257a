-- name: execution_in_trail
-- An execution as one trail tells it.
SELECT job_id, first_at, started_at, ended_at, end_rank, status, duration_ms, summary, error
FROM executions WHERE execution_id = :execution_id AND trail = :trail;

-- name: save_execution
-- An execution as one trail tells it now.
INSERT INTO executions (execution_id, trail, job_id, first_at, started_at, ended_at, end_rank,
    status, duration_ms, summary, error)
VALUES (:execution_id, :trail, :job_id, :first_at, :started_at, :ended_at, :end_rank,
    :status, :duration_ms, :summary, :error)
ON CONFLICT (execution_id, trail) DO UPDATE SET job_id = excluded.job_id,
    started_at = excluded.started_at, ended_at = excluded.ended_at, end_rank = excluded.end_rank,
    status = excluded.status, duration_ms = excluded.duration_ms, summary = excluded.summary,
    error = excluded.error;

-- name: drop_executions
-- The executions of a trail are forgotten.
DELETE FROM executions WHERE trail = :trail;

-- name: executions_of_ids
-- What each trail tells of an execution, the trail that knew it first coming first.
-- sort: an execution has few trails
SELECT execution_id, t.family, t.id, coalesce(nullif(e.job_id, ''), t.job_id), e.first_at,
    e.started_at, e.ended_at, e.end_rank, e.status, e.duration_ms, e.summary, e.error, t.trail
FROM executions AS e JOIN trails AS t USING (trail)
WHERE execution_id = :execution_id ORDER BY e.first_at, t.id;

-- name: execution_list
-- Every execution: since when, and its status.
-- scan: the list of executions is asked for as a whole
-- sort: newest first, over all trails of each
SELECT execution_id, min(first_at) AS first,
    CASE min(end_rank * 2 + (status = 'completed')) WHEN 6 THEN 'running' WHEN 2 THEN 'failed'
        WHEN 4 THEN 'failed' ELSE 'completed' END AS state
FROM executions GROUP BY execution_id
HAVING (:status IS NULL OR state IN (SELECT value FROM json_each(:status)))
ORDER BY first DESC, execution_id DESC;

-- name: execution_list_of_job
-- The same of one job.
-- sort: newest first, over all trails of each
SELECT execution_id, min(first_at) AS first,
    CASE min(end_rank * 2 + (status = 'completed')) WHEN 6 THEN 'running' WHEN 2 THEN 'failed'
        WHEN 4 THEN 'failed' ELSE 'completed' END AS state
FROM executions WHERE execution_id IN (
    SELECT execution_id FROM executions INDEXED BY executions_of_job WHERE job_id = :job
    UNION ALL
    SELECT execution_id FROM executions INDEXED BY executions_of_trail WHERE job_id = ''
        AND trail IN (SELECT trail FROM trails INDEXED BY trails_of_job
            WHERE family = 'tasks' AND job_id = :job AND job_id IS NOT NULL))
GROUP BY execution_id
HAVING (:status IS NULL OR state IN (SELECT value FROM json_each(:status)))
ORDER BY first DESC, execution_id DESC;

-- name: execution_entries
-- How many entries of an execution a trail has, and the time of the latest.
SELECT coalesce(sum(r.entries), 0), max(r.last_at)
FROM labels AS l INDEXED BY labels_of_execution JOIN rollups AS r
    ON r.trail = l.trail AND r.label = l.label
WHERE l.execution_id = :execution_id AND l.execution_id <> '';
