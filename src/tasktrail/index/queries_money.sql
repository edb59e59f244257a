-- Queries about model calls and what they cost.

-- part: sum_columns
-- The columns of every table of sums, in the order of `Sums`.
parts INTEGER NOT NULL,      -- rows of `calls` in it
calls INTEGER NOT NULL,
failed INTEGER NOT NULL,
estimated INTEGER NOT NULL,
unpriced INTEGER NOT NULL,
undated INTEGER NOT NULL,    -- calls and rests whose time is a guess
input_uncached INTEGER NOT NULL,
cache_read INTEGER NOT NULL,
cache_write_5m INTEGER NOT NULL,
cache_write_1h INTEGER NOT NULL,
output INTEGER NOT NULL,
reasoning INTEGER NOT NULL,
unsorted INTEGER NOT NULL,   -- tokens told only in sum
cost INTEGER NOT NULL,       -- reported where the source told it, else computed
reported INTEGER NOT NULL,
computed INTEGER NOT NULL,
compared INTEGER NOT NULL,   -- calls that have both costs, and the sums of both
compared_reported INTEGER NOT NULL,
compared_computed INTEGER NOT NULL

-- part: sums
-- The sums of many rows of sums.
sum(parts), sum(calls), sum(failed), sum(estimated), sum(unpriced), sum(undated),
sum(input_uncached), sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), sum(output),
sum(reasoning), sum(unsorted), sum(cost), sum(reported), sum(computed), sum(compared),
sum(compared_reported), sum(compared_computed)

-- part: sums_added
-- Sums that are there already become larger.
parts = parts + excluded.parts, calls = calls + excluded.calls,
failed = failed + excluded.failed, estimated = estimated + excluded.estimated,
unpriced = unpriced + excluded.unpriced, undated = undated + excluded.undated,
input_uncached = input_uncached + excluded.input_uncached,
cache_read = cache_read + excluded.cache_read,
cache_write_5m = cache_write_5m + excluded.cache_write_5m,
cache_write_1h = cache_write_1h + excluded.cache_write_1h,
output = output + excluded.output, reasoning = reasoning + excluded.reasoning,
unsorted = unsorted + excluded.unsorted, cost = cost + excluded.cost,
reported = reported + excluded.reported, computed = computed + excluded.computed,
compared = compared + excluded.compared,
compared_reported = compared_reported + excluded.compared_reported,
compared_computed = compared_computed + excluded.compared_computed

-- name: price_book
-- The prices by which the costs were computed.
-- scan: one row
SELECT version, user_text, trouble FROM price_book;

-- name: clear_price_book
-- Other prices are about to hold.
DELETE FROM price_book;

-- name: set_price_book
-- The prices that hold from now on.
INSERT INTO price_book VALUES (:version, :user_text, :trouble);

-- name: calls_named
-- Calls by their names.
SELECT * FROM calls WHERE name IN (SELECT value FROM json_each(:names));

-- name: price_call
-- A call costs something else by other prices.
UPDATE calls SET computed = :computed, price_source = :price_source WHERE call = :call;

-- name: calls_after
-- Calls in the order of their numbers, for a walk over all.
SELECT * FROM calls WHERE call > :call ORDER BY call LIMIT :limit;

-- name: tellings_named
-- The tellings of calls that were told more than once.
SELECT * FROM tellings WHERE name IN (SELECT value FROM json_each(:names));

-- name: call_names_of_trail
-- The calls that a trail tells of.
-- sort: each name once
SELECT name FROM calls WHERE trail = :trail
UNION SELECT name FROM tellings WHERE trail = :trail;

-- name: drop_calls
-- Calls are forgotten.
DELETE FROM calls WHERE name IN (SELECT value FROM json_each(:names));

-- name: drop_tellings_of_trail
-- What a trail told of calls is forgotten.
DELETE FROM tellings WHERE trail = :trail;

-- name: drop_tellings_named
-- The tellings of calls are forgotten.
DELETE FROM tellings WHERE name IN (SELECT value FROM json_each(:names));

-- name: add_calls
-- Many calls at once.
INSERT INTO calls VALUES {rows};

-- name: add_tellings
-- Many tellings at once; those that are there stay.
INSERT INTO tellings VALUES {rows} ON CONFLICT DO NOTHING;

-- name: trail_names
-- The names of trails by their numbers.
SELECT trail, family, id FROM trails WHERE trail IN (SELECT value FROM json_each(:trails));

-- name: add_run_totals
-- Totals that the ends of runs told.
INSERT INTO run_totals VALUES {rows} ON CONFLICT DO NOTHING;

-- name: run_totals_of
-- The totals of runs.
SELECT * FROM run_totals WHERE session_id IN (SELECT value FROM json_each(:sessions));

-- name: run_totals_told_by
-- The runs whose totals a trail told.
SELECT DISTINCT session_id FROM run_totals WHERE trail = :trail;

-- name: drop_run_totals
-- The totals that a trail told are forgotten.
DELETE FROM run_totals WHERE trail = :trail;

-- name: add_undated_ends
-- Ends of tasks whose source told no time.
INSERT INTO undated_ends VALUES {rows} ON CONFLICT DO NOTHING;

-- name: drop_undated_ends
-- What a trail told is forgotten.
DELETE FROM undated_ends WHERE trail = :trail;

-- name: rests_of_runs
-- What was found to be missing of runs.
SELECT * FROM calls WHERE session_id IN (SELECT value FROM json_each(:sessions)) AND kind = 1;

-- name: parts_of_run
-- The tokens that the calls of a run and model account for.
SELECT sum(input_uncached), sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), sum(output),
    sum(reasoning)
FROM calls WHERE session_id = :session_id AND model = :model AND kind = 0;

-- name: trails_that_tell_of
-- The trails for whose totals these calls count, wherever they are counted.
-- sort: each trail once
SELECT trail FROM calls WHERE name IN (SELECT value FROM json_each(:names))
UNION SELECT trail FROM tellings WHERE name IN (SELECT value FROM json_each(:names))
UNION SELECT t.trail FROM calls AS c
JOIN run_totals AS t ON t.session_id = c.session_id AND t.model = c.model
WHERE c.kind = 1 AND c.name IN (SELECT value FROM json_each(:names));

-- name: told_costs
-- What tasks were reported to have cost as a whole, where they were.
SELECT trail, family, id, json_extract(told, '$.cost_micro_usd'), json_extract(told, '$.input_tokens'),
    json_extract(told, '$.output_tokens'), json_extract(told, '$.attempts'),
    (SELECT json_group_array(at) FROM undated_ends AS u WHERE u.trail = found.trail)
FROM (
    SELECT trail, family, id, CAST(summary AS TEXT) AS told FROM trails
    WHERE trail IN (SELECT value FROM json_each(:trails))
) AS found;

-- name: parts_of_task
-- What the calls come to that a trail told, wherever they are counted.
SELECT count(*), coalesce(sum(coalesce(reported, computed)), 0)
FROM calls WHERE kind < 2
AND (trail = :trail OR name IN (SELECT name FROM tellings WHERE trail = :trail)
    OR name IN (
        SELECT 'run:' || session_id || ':' || model FROM run_totals WHERE trail = :trail));

-- name: add_to_call_rollups
-- Many sums at once.
INSERT INTO call_rollups VALUES {rows}
ON CONFLICT (quarter, trail, session_id, worker_id, model) DO UPDATE SET {sums_added};

-- name: drop_empty_rollup
-- A sum of nothing is forgotten.
DELETE FROM call_rollups
WHERE quarter = :quarter AND trail = :trail AND session_id = :session_id
    AND worker_id = :worker_id AND model = :model AND parts = 0;

-- name: add_to_cost_totals
-- Many sums at once.
INSERT INTO cost_totals VALUES {rows}
ON CONFLICT (trail, session_id, worker_id, model) DO UPDATE SET {sums_added};

-- name: drop_empty_cost_total
-- A sum of nothing is forgotten.
DELETE FROM cost_totals
WHERE trail = :trail AND session_id = :session_id
    AND worker_id = :worker_id AND model = :model AND parts = 0;

-- name: add_to_quarter_costs
-- Many sums at once.
INSERT INTO quarter_costs VALUES {rows}
ON CONFLICT (quarter, model) DO UPDATE SET {sums_added};

-- name: drop_empty_quarter_cost
-- A sum of nothing is forgotten.
DELETE FROM quarter_costs WHERE quarter = :quarter AND model = :model AND parts = 0;

-- name: add_to_trail_costs
-- Many sums at once.
INSERT INTO trail_costs VALUES {rows}
ON CONFLICT (trail) DO UPDATE SET {sums_added};

-- name: drop_empty_trail_cost
-- A sum of nothing is forgotten.
DELETE FROM trail_costs WHERE trail = :trail AND parts = 0;

-- name: costs_by
-- Sums between two quarters of an hour, by what is asked for.
-- sort: a group per row of the answer
-- scan: a range of quarters, all of them when all of history is asked for
SELECT CASE :by WHEN 'model' THEN model WHEN 'task' THEN task_id WHEN 'session' THEN session_id
        WHEN 'worker' THEN worker_id WHEN 'status' THEN status ELSE quarter END AS asked, {sums}
FROM costs_resolved
WHERE quarter >= :first AND quarter < :last
    AND (:task_id IS NULL OR task_id = :task_id) AND (:model IS NULL OR model = :model)
    AND (:session_id IS NULL OR session_id = :session_id)
    AND (:worker_id IS NULL OR worker_id = :worker_id)
GROUP BY asked;

-- name: costs_ever_by
-- Sums over all of time, by what is asked for.
-- sort: a group per row of the answer
-- scan: a row per task, worker and model
SELECT CASE :by WHEN 'model' THEN model WHEN 'task' THEN task_id WHEN 'session' THEN session_id
        WHEN 'worker' THEN worker_id ELSE status END AS asked, {sums}
FROM totals_resolved
WHERE (:task_id IS NULL OR task_id = :task_id) AND (:model IS NULL OR model = :model)
    AND (:session_id IS NULL OR session_id = :session_id)
    AND (:worker_id IS NULL OR worker_id = :worker_id)
GROUP BY asked;

-- name: costs_between
-- The sum between two quarters of an hour.
SELECT {sums}
FROM quarter_costs
WHERE quarter >= :first AND quarter < :last AND (:model IS NULL OR model = :model);

-- name: model_costs_between
-- The sums of each model between two quarters of an hour.
-- sort: a group per model
SELECT nullif(model, '') AS asked, {sums}
FROM quarter_costs
WHERE quarter >= :first AND quarter < :last AND (:model IS NULL OR model = :model)
GROUP BY asked;

-- name: costs_of_statuses_between
-- The sum of what tasks took that are of some statuses, between two quarters of an hour.
-- scan: of tasks by their statuses, and of what workers told without naming a task
SELECT {sums}
FROM call_rollups AS r INDEXED BY rollups_of_trail
JOIN trails AS t ON t.trail = r.trail
LEFT JOIN known_workers AS w ON w.worker_id = r.worker_id AND r.worker_id <> ''
LEFT JOIN trails AS o ON o.family = 'tasks' AND o.id = w.task_id AND t.family = 'sessions'
WHERE r.trail IN (
        SELECT trail FROM trails
        WHERE family = 'sessions' OR status IN (SELECT value FROM json_each(:statuses)))
    AND r.quarter >= :first AND r.quarter < :last AND (:model IS NULL OR r.model = :model)
    AND CASE t.family WHEN 'tasks' THEN t.status ELSE o.status END
        IN (SELECT value FROM json_each(:statuses));

-- name: next_quarter
-- The first quarter of an hour, from one on, in which anything was called.
SELECT min(quarter) FROM quarter_costs WHERE quarter >= :first AND quarter < :last;

-- name: model_is_known
-- Whether any call was of that model.
-- scan: asked only where nothing else was found
SELECT 1 FROM cost_totals WHERE model = :model LIMIT 1;

-- name: calls_between
-- Single calls of a stretch that is shorter than a quarter of an hour, and whose they are.
SELECT * FROM calls_resolved
WHERE at >= :since AND at < :until
    AND (:task_id IS NULL OR task_id = :task_id) AND (:model IS NULL OR model = :model)
    AND (:session_id IS NULL OR whose_session = :session_id)
    AND (:worker_id IS NULL OR worker_id = :worker_id);

-- name: calls_of_task
-- Every call of a task, in the order in which they were told, after a place in that order.
-- sort: the calls of one task and its workers, by their time
SELECT * FROM calls_resolved
WHERE trail = (SELECT trail FROM trails WHERE family = 'tasks' AND id = :task_id)
UNION ALL
SELECT * FROM calls_resolved
WHERE family = 'sessions'
    AND worker_id IN (SELECT worker_id FROM known_workers WHERE task_id = :task_id)
ORDER BY at, trail_id, seq, name;

-- name: calls_counted_elsewhere
-- Calls that a task tells of and that belong to another trail.
-- sort: few calls of one task
SELECT DISTINCT c.name, o.family, o.id, t.seq
FROM tellings AS t JOIN calls AS c ON c.name = t.name JOIN trails AS o ON o.trail = c.trail
WHERE t.trail = (SELECT trail FROM trails WHERE family = 'tasks' AND id = :task_id)
    AND c.trail <> t.trail
ORDER BY t.seq;

-- name: costs_of_tasks
-- What the calls of each task's own trail come to.
-- scan: of what is asked for
SELECT t.id, c.parts, c.calls, c.failed, c.estimated, c.unpriced, c.undated, c.input_uncached,
    c.cache_read, c.cache_write_5m, c.cache_write_1h, c.output, c.reasoning, c.unsorted, c.cost,
    c.reported, c.computed, c.compared, c.compared_reported, c.compared_computed
FROM json_each(:task_ids) AS wanted
JOIN trails AS t ON t.family = 'tasks' AND t.id = wanted.value
JOIN trail_costs AS c ON c.trail = t.trail;

-- name: costs_of_loose_workers
-- What the calls come to that workers of each task told without naming it.
-- sort: a group per task that is asked for
SELECT w.task_id, {sums}
FROM known_workers AS w JOIN cost_totals AS r ON r.worker_id = w.worker_id
JOIN trails AS t ON t.trail = r.trail
WHERE w.task_id IN (SELECT value FROM json_each(:task_ids)) AND t.family = 'sessions'
    AND r.worker_id <> ''
GROUP BY w.task_id;

-- name: costs_of_worker
-- What the calls of a worker come to.
SELECT {sums}
FROM cost_totals WHERE worker_id = :worker_id AND worker_id <> '' HAVING count(*) > 0;

-- name: dear_tasks
-- Tasks that cost so much and more and called a model of late, and the session each was last in.
SELECT t.id, c.cost,
    coalesce((SELECT s.session_id FROM session_tasks AS s WHERE s.trail = t.trail
        ORDER BY s.last_seq DESC LIMIT 1), t.session_id)
FROM trail_costs AS c INDEXED BY trails_by_cost
JOIN trails AS t ON t.trail = c.trail
WHERE c.cost >= :least AND t.family = 'tasks'
    AND EXISTS (SELECT 1 FROM call_rollups AS r WHERE r.trail = c.trail AND r.quarter >= :first);

-- name: dearest_task
-- Of those tasks the one that cost most.
SELECT t.id, c.cost
FROM trail_costs AS c INDEXED BY trails_by_cost
JOIN trails AS t ON t.trail = c.trail
WHERE c.cost > 0 AND t.family = 'tasks'
    AND EXISTS (SELECT 1 FROM call_rollups AS r WHERE r.trail = c.trail AND r.quarter >= :first)
ORDER BY c.cost DESC
LIMIT 1;

-- name: recent_sessions
-- Sessions that called a model since a quarter of an hour.
-- sort: each once
SELECT DISTINCT session_id FROM costs_resolved
WHERE quarter >= :first AND session_id IS NOT NULL;
