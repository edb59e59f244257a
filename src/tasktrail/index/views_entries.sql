-- Views for people who ask in SQL; made on the connection of the one who asks, so that they may use
-- functions that read the trails. Tables of the index are named with `main.` before them.

CREATE TEMP VIEW task_logs AS
SELECT entry_part('id', t.id, k.channel, e.place, e.length) AS id,
    t.id AS task_id,
    utc_text(e.at) AS timestamp,
    k.level AS level,
    k.source AS source,
    entry_part('message', t.id, k.channel, e.place, e.length) AS message,
    entry_part('metadata', t.id, k.channel, e.place, e.length) AS metadata_json
FROM main.trails AS t
    JOIN main.entries AS e ON e.trail = t.trail
    JOIN main.kinds AS k ON k.kind = e.kind
WHERE t.family = 'tasks';
