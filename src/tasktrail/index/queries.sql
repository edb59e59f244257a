-- Every query of the index, by name. A line `-- scan:` says why a query reads a whole table.
-- `{rows}` stands for the rows of a statement that inserts many at once.

-- name: meta
-- What the index is of: schema, root, generation.
-- scan: a handful of rows
SELECT name, value FROM meta;

-- name: set_meta
-- One fact about the index itself.
INSERT INTO meta (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: positions
-- How far each partition is indexed.
-- scan: one row per partition
SELECT p, pos FROM partitions;

-- name: set_position
-- How far a partition is indexed.
INSERT INTO partitions (p, pos) VALUES (:p, :pos)
ON CONFLICT (p) DO UPDATE SET pos = excluded.pos;

-- name: sizes
-- How much the index holds, for its status.
-- scan: asked by people, not by requests
SELECT (SELECT count(*) FROM trails), (SELECT coalesce(sum(entries), 0) FROM rollups),
       (SELECT coalesce(sum(damaged), 0) FROM trails);

-- name: trail
-- One trail by its id.
SELECT trail, family, id, as_of, created, updated, damaged, places, summary FROM trails
WHERE family = :family AND id = :id;

-- name: add_trail
-- A trail that was not known.
INSERT INTO trails (trail, family, id, as_of, created, updated, damaged, status, places, summary)
VALUES (:trail, :family, :id, 0, 0, 0, 0, '', :places, :summary);

-- name: last_trail
-- The highest number of a trail.
SELECT coalesce(max(trail), 0) FROM trails;

-- name: save_trail
-- How far a trail is read, and what it folds to now.
UPDATE trails SET as_of = :as_of, created = :created, updated = :updated, damaged = :damaged,
    status = :status, source = :source, title = :title, session_id = :session_id,
    job_id = :job_id, places = :places, summary = :summary
WHERE trail = :trail;

-- name: drop_trail
-- A trail is forgotten.
DELETE FROM trails WHERE trail = :trail;

-- name: drop_entries
-- The entries of a trail are forgotten.
DELETE FROM entries WHERE trail = :trail;

-- name: drop_rollups
-- The counts of a trail are forgotten.
DELETE FROM rollups WHERE trail = :trail;

-- name: drop_labels
-- The labels of a trail are forgotten.
DELETE FROM labels WHERE trail = :trail;

-- name: trails_page
-- Trails of a family that match, the newest first, after a place in that order.
SELECT trail, created, id, as_of, summary FROM trails INDEXED BY trails_by_age
WHERE family = :family AND created >= :since AND (created, id) < (:created, :id)
    AND (:status IS NULL OR status IN (SELECT value FROM json_each(:status)))
    AND (:source IS NULL OR source IN (SELECT value FROM json_each(:source)))
    AND (:session_id IS NULL OR session_id = :session_id)
    AND (:job_id IS NULL OR job_id = :job_id)
    AND (:search IS NULL OR holds_text(:search, id, title))
ORDER BY created DESC, id DESC LIMIT :limit;

-- name: trails_count
-- How many trails of a family match.
SELECT count(*) FROM trails INDEXED BY trails_by_age
WHERE family = :family AND created >= :since
    AND (:status IS NULL OR status IN (SELECT value FROM json_each(:status)))
    AND (:source IS NULL OR source IN (SELECT value FROM json_each(:source)))
    AND (:session_id IS NULL OR session_id = :session_id)
    AND (:job_id IS NULL OR job_id = :job_id)
    AND (:search IS NULL OR holds_text(:search, id, title));

-- name: trails_page_of_session
-- The same where a session is asked for.
SELECT trail, created, id, as_of, summary FROM trails INDEXED BY trails_of_session
WHERE family = :family AND session_id = :session_id
    AND created >= :since AND (created, id) < (:created, :id)
    AND (:status IS NULL OR status IN (SELECT value FROM json_each(:status)))
    AND (:source IS NULL OR source IN (SELECT value FROM json_each(:source)))
    AND (:job_id IS NULL OR job_id = :job_id)
    AND (:search IS NULL OR holds_text(:search, id, title))
ORDER BY created DESC, id DESC LIMIT :limit;

-- name: trails_count_of_session
-- The same where a session is asked for.
SELECT count(*) FROM trails INDEXED BY trails_of_session
WHERE family = :family AND session_id = :session_id AND created >= :since
    AND (:status IS NULL OR status IN (SELECT value FROM json_each(:status)))
    AND (:source IS NULL OR source IN (SELECT value FROM json_each(:source)))
    AND (:job_id IS NULL OR job_id = :job_id)
    AND (:search IS NULL OR holds_text(:search, id, title));

-- name: trails_page_of_job
-- The same where a job is asked for.
SELECT trail, created, id, as_of, summary FROM trails INDEXED BY trails_of_job
WHERE family = :family AND job_id = :job_id
    AND created >= :since AND (created, id) < (:created, :id)
    AND (:status IS NULL OR status IN (SELECT value FROM json_each(:status)))
    AND (:source IS NULL OR source IN (SELECT value FROM json_each(:source)))
    AND (:session_id IS NULL OR session_id = :session_id)
    AND (:search IS NULL OR holds_text(:search, id, title))
ORDER BY created DESC, id DESC LIMIT :limit;

-- name: trails_count_of_job
-- The same where a job is asked for.
SELECT count(*) FROM trails INDEXED BY trails_of_job
WHERE family = :family AND job_id = :job_id AND created >= :since
    AND (:status IS NULL OR status IN (SELECT value FROM json_each(:status)))
    AND (:source IS NULL OR source IN (SELECT value FROM json_each(:source)))
    AND (:session_id IS NULL OR session_id = :session_id)
    AND (:search IS NULL OR holds_text(:search, id, title));

-- name: find_kind
-- The number of a kind of entry.
SELECT kind FROM kinds
WHERE channel = :channel AND level = :level AND source = :source AND stage = :stage
    AND event_type = :event_type;

-- name: add_kind
-- A kind of entry that was not known.
INSERT INTO kinds (channel, level, source, stage, event_type)
VALUES (:channel, :level, :source, :stage, :event_type);

-- name: find_label
-- The number of a label of a trail.
SELECT label FROM labels
WHERE trail = :trail AND worker_id = :worker_id AND job_id = :job_id AND item = :item
    AND execution_id = :execution_id AND session_id = :session_id;

-- name: add_label
-- A label that was not known.
INSERT INTO labels (trail, worker_id, job_id, item, execution_id, session_id)
VALUES (:trail, :worker_id, :job_id, :item, :execution_id, :session_id);

-- name: labels_of
-- The labels of a trail that match.
SELECT label FROM labels
WHERE trail = :trail
    AND (:worker_id IS NULL OR worker_id = :worker_id)
    AND (:job_id IS NULL OR job_id = :job_id)
    AND (:item IS NULL OR item = :item)
    AND (:execution_id IS NULL OR execution_id = :execution_id)
    AND (:session_id IS NULL OR session_id = :session_id);

-- name: add_entries
-- Many entries at once.
INSERT INTO entries (trail, seq, kind, label, level, at, place, length) VALUES {rows};

-- name: add_to_rollups
-- Many counts at once.
INSERT INTO rollups (trail, kind, entries) VALUES {rows}
ON CONFLICT (trail, kind) DO UPDATE SET entries = entries + excluded.entries;

-- name: rollups_of
-- How many entries of each kind a trail has.
SELECT kind, channel, level, source, stage, event_type, entries
FROM rollups JOIN kinds USING (kind) WHERE trail = :trail ORDER BY kind;

-- name: pointers_up
-- Entries of a trail that match, oldest first.
SELECT seq, kind, place, length FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:labels IS NULL OR label IN (SELECT value FROM json_each(:labels)))
ORDER BY seq LIMIT :limit OFFSET :offset;

-- name: pointers_down
-- Entries of a trail that match, newest first.
SELECT seq, kind, place, length FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:labels IS NULL OR label IN (SELECT value FROM json_each(:labels)))
ORDER BY seq DESC LIMIT :limit OFFSET :offset;

-- name: pointers_count
-- How many entries of a trail match.
SELECT count(*) FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:labels IS NULL OR label IN (SELECT value FROM json_each(:labels)));

-- name: trouble_up
-- The same among warnings and worse, however few of them a long trail has.
SELECT seq, kind, place, length FROM entries INDEXED BY trouble
WHERE trail = :trail AND level >= 30
    AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:labels IS NULL OR label IN (SELECT value FROM json_each(:labels)))
ORDER BY seq LIMIT :limit OFFSET :offset;

-- name: trouble_down
-- The same among warnings and worse, newest first.
SELECT seq, kind, place, length FROM entries INDEXED BY trouble
WHERE trail = :trail AND level >= 30
    AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:labels IS NULL OR label IN (SELECT value FROM json_each(:labels)))
ORDER BY seq DESC LIMIT :limit OFFSET :offset;

-- name: trouble_count
-- How many of the warnings and worse match.
SELECT count(*) FROM entries INDEXED BY trouble
WHERE trail = :trail AND level >= 30
    AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:labels IS NULL OR label IN (SELECT value FROM json_each(:labels)));

-- name: last_pointer
-- The latest entry of a trail.
SELECT seq, channel, place, length FROM entries JOIN kinds USING (kind)
WHERE trail = :trail ORDER BY seq DESC LIMIT 1;
