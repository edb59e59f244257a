-- Every query of the index, by name. A line `-- scan:` says why a query reads a whole table, one
-- `-- sort:` why its rows do not come out of an index in order.
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
    status = :status, source = :source, agent = :agent, title = :title, session_id = :session_id,
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
    AND (:agent IS NULL OR agent IN (SELECT value FROM json_each(:agent)))
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
    AND (:agent IS NULL OR agent IN (SELECT value FROM json_each(:agent)))
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
    AND (:agent IS NULL OR agent IN (SELECT value FROM json_each(:agent)))
    AND (:job_id IS NULL OR job_id = :job_id)
    AND (:search IS NULL OR holds_text(:search, id, title))
ORDER BY created DESC, id DESC LIMIT :limit;

-- name: trails_count_of_session
-- The same where a session is asked for.
SELECT count(*) FROM trails INDEXED BY trails_of_session
WHERE family = :family AND session_id = :session_id AND created >= :since
    AND (:status IS NULL OR status IN (SELECT value FROM json_each(:status)))
    AND (:source IS NULL OR source IN (SELECT value FROM json_each(:source)))
    AND (:agent IS NULL OR agent IN (SELECT value FROM json_each(:agent)))
    AND (:job_id IS NULL OR job_id = :job_id)
    AND (:search IS NULL OR holds_text(:search, id, title));

-- name: trails_page_of_job
-- The same where a job is asked for.
SELECT trail, created, id, as_of, summary FROM trails INDEXED BY trails_of_job
WHERE family = :family AND job_id = :job_id
    AND created >= :since AND (created, id) < (:created, :id)
    AND (:status IS NULL OR status IN (SELECT value FROM json_each(:status)))
    AND (:source IS NULL OR source IN (SELECT value FROM json_each(:source)))
    AND (:agent IS NULL OR agent IN (SELECT value FROM json_each(:agent)))
    AND (:session_id IS NULL OR session_id = :session_id)
    AND (:search IS NULL OR holds_text(:search, id, title))
ORDER BY created DESC, id DESC LIMIT :limit;

-- name: trails_count_of_job
-- The same where a job is asked for.
SELECT count(*) FROM trails INDEXED BY trails_of_job
WHERE family = :family AND job_id = :job_id AND created >= :since
    AND (:status IS NULL OR status IN (SELECT value FROM json_each(:status)))
    AND (:source IS NULL OR source IN (SELECT value FROM json_each(:source)))
    AND (:agent IS NULL OR agent IN (SELECT value FROM json_each(:agent)))
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

-- name: add_entries
-- Many entries at once.
INSERT INTO entries (trail, seq, kind, label, level, at, place, length) VALUES {rows};

-- name: add_to_rollups
-- Many counts at once.
INSERT INTO rollups
    (trail, kind, label, entries, first_seq, last_seq, first_at, last_at, least_at, most_at)
VALUES {rows}
ON CONFLICT (trail, label, kind) DO UPDATE SET entries = entries + excluded.entries,
    last_seq = excluded.last_seq, last_at = excluded.last_at,
    least_at = min(least_at, excluded.least_at), most_at = max(most_at, excluded.most_at);

-- name: add_blocks
-- Sums of what full blocks have of a kind.
INSERT OR REPLACE INTO blocks
    (trail, block, kind, level, entries, first_seq, last_seq, least_at, most_at)
VALUES {rows};

-- name: add_block_times
-- The times of what full blocks have of a kind.
INSERT OR REPLACE INTO block_times (trail, block, kind, times, places) VALUES {rows};

-- name: entries_between
-- What the entries of a trail between two seqs are, and when they were.
SELECT kind, level, seq, at FROM entries WHERE trail = :trail AND seq >= :first AND seq <= :last;

-- name: drop_blocks
-- The blocks of a trail are forgotten.
DELETE FROM blocks WHERE trail = :trail;

-- name: drop_block_times
-- The times of the blocks of a trail are forgotten.
DELETE FROM block_times WHERE trail = :trail;

-- name: rollups_of
-- How many entries of each kind and label a trail has, the first and the last of them.
SELECT rollups.kind, rollups.label, channel, level, source, stage, event_type,
    worker_id, job_id, item, execution_id, session_id,
    entries, first_seq, last_seq, first_at, last_at
FROM rollups JOIN kinds USING (kind) LEFT JOIN labels ON labels.label = rollups.label
WHERE rollups.trail = :trail;

-- name: kinds_of
-- The same by kind alone.
-- sort: a trail has few kinds
SELECT kind, 0, channel, level, source, stage, event_type, '', '', '', '', '',
    sum(entries), min(first_seq), max(last_seq), 0, 0
FROM rollups JOIN kinds USING (kind) WHERE trail = :trail GROUP BY kind;

-- name: pointers_up
-- Entries of a trail that match, oldest first.
SELECT seq, kind, place, length FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)))
ORDER BY seq LIMIT :limit OFFSET :offset;

-- name: seqs_up
-- The seqs of entries of a trail that match, oldest first.
SELECT seq FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)))
ORDER BY seq LIMIT :limit OFFSET :offset;

-- name: moments_up
-- When entries of a trail that match were, oldest first.
SELECT seq, kind, at FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)))
ORDER BY seq LIMIT :limit OFFSET :offset;

-- name: marks_up
-- What entries of a trail that match are, of whom, when and where, oldest first.
SELECT seq, kind, label, at, place, length FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)))
ORDER BY seq LIMIT :limit OFFSET :offset;

-- name: pointers_down
-- Entries of a trail that match, newest first.
SELECT seq, kind, place, length FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)))
ORDER BY seq DESC LIMIT :limit OFFSET :offset;

-- name: pointers_count
-- How many entries of a trail match.
SELECT count(*) FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)));

-- name: trouble_up
-- The same of one level among warnings and worse, however few a long trail has.
SELECT seq, kind, place, length FROM entries INDEXED BY trouble
WHERE trail = :trail AND level >= 30 AND level = :level
    AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)))
ORDER BY seq LIMIT :limit;

-- name: trouble_down
-- The same of one level among warnings and worse, newest first.
SELECT seq, kind, place, length FROM entries INDEXED BY trouble
WHERE trail = :trail AND level >= 30 AND level = :level
    AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)))
ORDER BY seq DESC LIMIT :limit;

-- name: trouble_count
-- How many of that level match.
SELECT count(*) FROM entries INDEXED BY trouble
WHERE trail = :trail AND level >= 30 AND level = :level
    AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)));

-- name: times_of
-- How far the times of matching entries reach.
SELECT count(*), min(at), max(at) FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)));

-- name: counts_by_kind
-- How many matching entries of each kind there are.
-- sort: a trail has few kinds
SELECT kind, count(*) FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)))
GROUP BY kind;

-- name: histogram
-- How many matching entries of each level lie in each stretch of time, the first and the last.
-- sort: one row per stretch and level
SELECT (at - :start) / :width AS stretch, level, count(*), min(seq), max(seq) FROM entries
WHERE trail = :trail AND seq > :after AND seq < :before AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:pairs IS NULL OR kind * 4294967296 + label IN (SELECT value FROM json_each(:pairs)))
GROUP BY stretch, level;

-- name: all_kinds
-- Every kind of entry that there is.
-- scan: kinds are few
SELECT kind, channel, level, source, stage, event_type FROM kinds;

-- name: trails_to_search
-- Every trail with its channels' sizes and how many such entries it has, the latest first.
-- scan: a search looks at all trails
-- sort: the latest first
SELECT family, id, places, entries, title FROM trails JOIN (
    SELECT trail, sum(entries) AS entries FROM rollups
    WHERE :kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)) GROUP BY trail)
USING (trail)
ORDER BY updated DESC, family DESC, id DESC;

-- name: trails_to_search_all
-- The same of all trails, whatever they have, where their counts are not asked for.
-- scan: a search looks at all trails
-- sort: the latest first
SELECT family, id, places, 0, title FROM trails ORDER BY updated DESC, family DESC, id DESC;

-- name: trails_to_search_narrowly
-- The same of the trails that have such entries of somebody, or of some time.
-- scan: a search looks at all trails
-- sort: the latest first
SELECT family, id, places, 0, title FROM trails WHERE trail IN (
    SELECT rollups.trail FROM rollups LEFT JOIN labels ON labels.label = rollups.label
    WHERE (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
        AND (:since IS NULL OR most_at >= :since) AND (:until IS NULL OR least_at < :until)
        AND (:worker_id IS NULL OR worker_id IN (SELECT value FROM json_each(:worker_id)))
        AND (:job_id IS NULL OR job_id IN (SELECT value FROM json_each(:job_id)))
        AND (:item IS NULL OR item IN (SELECT value FROM json_each(:item)))
        AND (:execution_id IS NULL OR execution_id IN (SELECT value FROM json_each(:execution_id)))
        AND (:session_id IS NULL OR session_id IN (SELECT value FROM json_each(:session_id))))
ORDER BY updated DESC, family DESC, id DESC;

-- name: trails_of_a_job
-- The trails that have entries of a job: named by it, bound to it, or with entries that say so.
-- sort: a job has few trails
SELECT trail, created, id FROM trails
WHERE family = 'tasks' AND (id = :job OR trail IN (
    SELECT trail FROM trails INDEXED BY trails_of_job
    WHERE family = 'tasks' AND job_id = :job AND job_id IS NOT NULL
    UNION ALL SELECT trail FROM labels INDEXED BY labels_of_job
    WHERE job_id = :job AND job_id <> ''))
ORDER BY created, id;

-- name: last_pointers
-- The latest entry of each trail.
-- scan: of what is asked for
SELECT e.trail, e.seq, k.channel, e.place, e.length FROM json_each(:trails) AS wanted
JOIN entries AS e ON e.trail = wanted.value
    AND e.seq = (SELECT max(seq) FROM entries WHERE trail = wanted.value)
JOIN kinds AS k USING (kind);

-- name: last_times
-- The own time of each trail's latest entry.
-- sort: a group per trail that is asked for
SELECT trail, max(last_at) FROM rollups
WHERE trail IN (SELECT value FROM json_each(:trails)) GROUP BY trail;

-- name: times_by_blocks
-- How far the times of matching entries reach, out of blocks where they tell.
-- scan: of what was just found: blocks that do not tell are few
WITH split AS (
    SELECT DISTINCT block FROM blocks
    WHERE trail = :trail AND most_at >= :since AND least_at < :until
        AND (least_at < :since OR most_at >= :until)
        AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds))))
SELECT coalesce(sum(entries), 0), min(least), max(most) FROM (
    SELECT entries, least_at AS least, most_at AS most FROM blocks
    WHERE trail = :trail AND most_at >= :since AND least_at < :until AND block NOT IN split
        AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    UNION ALL
    SELECT 1, at, at FROM split CROSS JOIN entries
    WHERE trail = :trail AND seq >= block * 1024 AND seq < block * 1024 + 1024
        AND at >= :since AND at < :until
        AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    UNION ALL
    SELECT 1, at, at FROM entries
    WHERE trail = :trail AND seq >= :behind AND at >= :since AND at < :until
        AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds))));

-- name: histogram_by_blocks
-- The same per stretch of time and level, with the first seq and the last; without what is divided.
-- sort: one row per stretch and level
SELECT (least_at - :start) / :width AS stretch, level, sum(entries), min(first_seq), max(last_seq)
FROM blocks
WHERE trail = :trail AND least_at >= :since AND most_at < :until
    AND (least_at - :start) / :width = (most_at - :start) / :width
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
GROUP BY stretch, level
UNION ALL
SELECT (at - :start) / :width AS stretch, level, count(*), min(seq), max(seq) FROM entries
WHERE trail = :trail AND seq >= :behind AND at >= :since AND at < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
GROUP BY stretch, level;

-- name: divided_blocks
-- What lies in more than one stretch of time, or across an end of what is asked for.
SELECT block, level, entries, least_at, times, places
FROM blocks JOIN block_times USING (trail, block, kind)
WHERE trail = :trail AND most_at >= :since AND least_at < :until
    AND (least_at < :since OR most_at >= :until
        OR (least_at - :start) / :width <> (most_at - :start) / :width)
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)));

-- name: full_blocks
-- The seq behind the last full block of a trail.
SELECT coalesce(max(block) + 1, 0) * 1024 FROM blocks WHERE trail = :trail;
