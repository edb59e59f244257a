-- Queries about sessions, workers and what happened beside the tasks.

-- name: add_facts
-- What entries said of sessions and workers.
INSERT INTO facts (subject, trail, seq, recorded, at, verb, said) VALUES {rows}
ON CONFLICT DO NOTHING;

-- name: facts_about
-- All that was said of some sessions and workers.
SELECT subject, trail, seq, recorded, at, verb, said FROM facts
WHERE subject IN (SELECT value FROM json_each(:subjects));

-- name: subjects_of_trail
-- Whom a trail tells of.
SELECT DISTINCT subject FROM facts WHERE trail = :trail;

-- name: drop_facts
-- What a trail told is forgotten.
DELETE FROM facts WHERE trail = :trail;

-- name: drop_sessions
-- Sessions are about to be worked out anew.
DELETE FROM known_sessions WHERE session_id IN (SELECT value FROM json_each(:ids));

-- name: add_sessions
-- Many sessions at once.
INSERT INTO known_sessions (session_id, started_at, ended_at, git_commit, exit_reason, config,
    branch, host, pid, first_at) VALUES {rows};

-- name: drop_workers
-- Workers are about to be worked out anew.
DELETE FROM known_workers WHERE worker_id IN (SELECT value FROM json_each(:ids));

-- name: add_workers
-- Many workers at once.
INSERT INTO known_workers (worker_id, session_id, task_id, spawned_at, completed_at, pid, status,
    exit_code, log_file, parent_worker_id, agent, first_at) VALUES {rows};

-- name: add_session_tasks
-- What sessions said of tasks; the first end stands.
INSERT INTO session_tasks VALUES {rows}
ON CONFLICT (session_id, trail) DO UPDATE SET
    status = CASE WHEN status IN ('completed', 'failed', 'cancelled') THEN status
        ELSE coalesce(excluded.status, status) END,
    at = min(at, excluded.at),
    last_seq = max(last_seq, excluded.last_seq);

-- name: reopen_session_tasks
-- Sessions try tasks again, whatever came of them before.
INSERT INTO session_tasks VALUES {rows}
ON CONFLICT (session_id, trail) DO UPDATE SET status = excluded.status;

-- name: drop_session_tasks
-- What sessions said in a trail is forgotten.
DELETE FROM session_tasks WHERE trail = :trail;

-- name: add_task_times
-- When tasks were first in each status; what is known stays.
INSERT INTO task_times VALUES {rows}
ON CONFLICT (trail) DO UPDATE SET
    issue_number = coalesce(issue_number, excluded.issue_number),
    detected_at = coalesce(detected_at, excluded.detected_at),
    started_at = coalesce(started_at, excluded.started_at),
    completed_at = coalesce(completed_at, excluded.completed_at),
    failed_at = coalesce(failed_at, excluded.failed_at),
    last_completed_at = coalesce(excluded.last_completed_at, last_completed_at);

-- name: drop_task_times
-- A task is forgotten.
DELETE FROM task_times WHERE trail = :trail;

-- name: add_coordinator_events
-- Many events at once.
INSERT INTO coordinator_events (at, trail, seq, session_id, worker_id, event_type, context_type,
    context_id, severity) VALUES {rows}
ON CONFLICT DO NOTHING;

-- name: drop_coordinator_events
-- What a trail told is forgotten.
DELETE FROM coordinator_events WHERE trail = :trail;

-- name: sessions_page
-- Sessions that anything names, newest first, after a place in that order.
-- scan: all that names one; there are few, and nothing else knows them all
-- sort: the same
SELECT e.session_id, e.first_at,
    CASE WHEN k.session_id IS NULL THEN coalesce(e.at, e.first_at) ELSE k.started_at END,
    k.ended_at, k.git_commit, k.exit_reason, k.config,
    k.branch, k.host, k.pid
FROM every_session AS e LEFT JOIN known_sessions AS k ON k.session_id = e.session_id
WHERE (e.first_at, e.session_id) < (:at, :id) AND (:session_id IS NULL OR e.session_id = :session_id)
ORDER BY e.first_at DESC, e.session_id DESC LIMIT :limit;

-- name: sessions_count
-- How many sessions anything names.
-- scan: all that names one
-- sort: each once
SELECT count(*) FROM every_session;

-- name: tasks_of_session
-- The tasks of a session, each as it is, or as it was for it where another tried it later.
-- sort: each task of one session once
-- scan: the same
SELECT t.id, t.title,
    CASE WHEN s.last_seq < (SELECT max(o.last_seq) FROM session_tasks AS o WHERE o.trail = t.trail)
        THEN coalesce(s.status, t.status) ELSE t.status END,
    t.trail
FROM (
    SELECT trail FROM trails WHERE family = 'tasks' AND session_id = :session_id
    UNION
    SELECT trail FROM session_tasks WHERE session_id = :session_id
    UNION
    SELECT t.trail FROM known_workers AS w
    JOIN trails AS t ON t.family = 'tasks' AND t.id = w.task_id WHERE w.session_id = :session_id
) AS f
JOIN trails AS t ON t.trail = f.trail AND t.family = 'tasks'
LEFT JOIN session_tasks AS s ON s.session_id = :session_id AND s.trail = t.trail
ORDER BY t.id;

-- name: workers_page
-- Workers that match, newest first, after a place in that order.
SELECT worker_id, session_id, task_id, spawned_at, completed_at, pid, status, exit_code, log_file,
    parent_worker_id, agent, first_at,
    (SELECT title FROM trails WHERE family = 'tasks' AND id = task_id)
FROM known_workers INDEXED BY workers_by_age
WHERE (first_at, worker_id) < (:at, :id)
    AND (:task_id IS NULL OR task_id = :task_id)
    AND (:session_id IS NULL OR session_id = :session_id)
    AND (:status IS NULL OR status = :status)
ORDER BY first_at DESC, worker_id DESC LIMIT :limit;

-- name: workers_count
-- How many workers match.
-- scan: one row per process that was ever told of
SELECT count(*) FROM known_workers
WHERE (:task_id IS NULL OR task_id = :task_id)
    AND (:session_id IS NULL OR session_id = :session_id)
    AND (:status IS NULL OR status = :status);

-- name: worker
-- One worker.
SELECT worker_id, session_id, task_id, spawned_at, completed_at, pid, status, exit_code, log_file,
    parent_worker_id, agent, first_at,
    (SELECT title FROM trails WHERE family = 'tasks' AND id = task_id)
FROM known_workers WHERE worker_id = :worker_id;

-- name: workers_under
-- The workers that a worker started.
-- scan: one row per process that was ever told of
SELECT worker_id, session_id, task_id, spawned_at, completed_at, pid, status, exit_code, log_file,
    parent_worker_id, agent, first_at,
    (SELECT title FROM trails WHERE family = 'tasks' AND id = task_id)
FROM known_workers INDEXED BY workers_by_age WHERE parent_worker_id = :worker_id
ORDER BY first_at, worker_id;

-- name: events_page
-- Events of coordinators that match, newest first, after a place in that order.
-- sort: only events of the same microsecond
SELECT e.at, t.family, t.id, e.seq, e.session_id, e.worker_id, e.event_type, e.context_type,
    e.context_id, e.severity, n.place, n.length
FROM coordinator_events AS e JOIN trails AS t ON t.trail = e.trail
JOIN entries AS n ON n.trail = e.trail AND n.seq = e.seq
WHERE e.at >= :since AND (e.at, t.family || '/' || t.id, e.seq) < (:at, :name, :seq)
    AND (:event_type IS NULL OR e.event_type = :event_type)
    AND (:session_id IS NULL OR e.session_id = :session_id)
    AND (:context_id IS NULL OR e.context_id = :context_id
        OR (t.family = 'tasks' AND t.id = :context_id))
    AND (:severities IS NULL OR e.severity IN (SELECT value FROM json_each(:severities)))
ORDER BY e.at DESC, t.family || '/' || t.id DESC, e.seq DESC LIMIT :limit;

-- name: events_count
-- How many events of coordinators match.
SELECT count(*)
FROM coordinator_events AS e JOIN trails AS t ON t.trail = e.trail
WHERE e.at >= :since
    AND (:event_type IS NULL OR e.event_type = :event_type)
    AND (:session_id IS NULL OR e.session_id = :session_id)
    AND (:context_id IS NULL OR e.context_id = :context_id
        OR (t.family = 'tasks' AND t.id = :context_id))
    AND (:severities IS NULL OR e.severity IN (SELECT value FROM json_each(:severities)));
