-- Every statement that the kits send to SQLite, each under its name. `:word` is a parameter.
-- Keys are sent as one JSON list.
- `{word}` is the text of the statement of that name, which stands above it.
-- The statements themselves check the limits: a limit holds even if others have written since the read.

-- name: read_counter, in JavaScript alone: over better-sqlite3, a statement costs less than the JSON of `read`
SELECT used FROM redeemable_counters WHERE key = :key;

-- name: read_record, in JavaScript alone: the other half of `read`
SELECT document FROM redeemable_redemptions WHERE id = :id;

-- name: read
-- For drivers that take long for each statement.
-- The counters and the record that a decision needs, in one statement, so that both are from the same moment.
SELECT
  (SELECT json_group_object(key, used) FROM redeemable_counters
    WHERE key IN (SELECT value FROM json_each(:keys))) AS counters,
  (SELECT document FROM redeemable_redemptions WHERE id = :id) AS existing;

-- name: lapsed
-- The holds that lapsed first, for a sweep. The rows have the columns of `find`; the key of a record is NULL.
SELECT NULL AS key, document AS value FROM redeemable_redemptions
WHERE state = 'held' AND expires_at_ms <= :lapsed_by_ms ORDER BY expires_at_ms, id LIMIT :limit;

-- name: lapsed_of, in JavaScript alone: over better-sqlite3; the other stores send it within `find`
-- Some lapsed holds that charge one of these counters.
-- The holds are drawn at random among the oldest, so that buyers who look at the same time rarely take the same hold.
-- The document is searched as text first, which is much faster than looking into its JSON.
SELECT NULL AS key, document AS value FROM (
  SELECT document FROM redeemable_redemptions
  WHERE state = 'held' AND expires_at_ms <= :lapsed_by_ms
    AND CASE WHEN EXISTS (
        SELECT 1 FROM json_each(:keys) AS key WHERE instr(document, '"' || key.value || '"') > 0)
      THEN EXISTS (
        SELECT 1 FROM json_each(document, '$.charges') AS charge
        WHERE json_extract(charge.value, '$.key') IN (SELECT value FROM json_each(:keys))) ELSE false END
  ORDER BY expires_at_ms, id LIMIT max(:limit, 100))
ORDER BY random() LIMIT :limit;

-- name: find
-- As for `read`, one statement costs less than two.
-- These counters, and the holds of `lapsed_of`: one row each, and the key of a record is NULL.
-- The column has one type: some libraries read every row's value as the type of the first.
SELECT key, CAST(used AS text) AS value FROM redeemable_counters
WHERE key IN (SELECT value FROM json_each(:keys))
UNION ALL SELECT * FROM ({lapsed_of});

-- name: insert
INSERT INTO redeemable_redemptions (id, revision, state, event_id, expires_at_ms, document)
VALUES (:id, :revision, :state, :event_id, :expires_at_ms, :document) ON CONFLICT DO NOTHING;

-- name: update
UPDATE redeemable_redemptions
SET revision = :revision, state = :state, event_id = :event_id, expires_at_ms = :expires_at_ms, document = :document
WHERE id = :id AND revision = :was;

-- name: charge
-- The limit is checked twice: by the SELECT for a counter's first use, by the UPDATE for every later use.
INSERT INTO redeemable_counters (key, used) SELECT :key, :by WHERE :at_most IS NULL OR :by <= :at_most
ON CONFLICT (key) DO UPDATE SET used = used + :by WHERE :at_most IS NULL OR used + :by <= :at_most;

-- name: give_back
UPDATE redeemable_counters SET used = max(0, used + :by) WHERE key = :key;

-- name: drifts
-- Whether the counter holds less than is given back. The counter of a day, week or month may have been pruned: then it
-- is missing, which is no drift.
SELECT COALESCE(
  (SELECT used FROM redeemable_counters WHERE key = :key),
  CASE WHEN :key GLOB 'code/*/day/*' OR :key GLOB 'code/*/week/*' OR :key GLOB 'code/*/month/*'
    THEN 0 - :by ELSE 0 END
) + :by < 0 AS drifts;

-- name: lock_counter
-- The counter's value. There is nothing to lock: the transaction already holds the write lock of the file.
SELECT COALESCE((SELECT used FROM redeemable_counters WHERE key = :key), 0) AS used;

-- name: charging
-- Every record that charges the counter.
SELECT document FROM redeemable_redemptions
WHERE EXISTS (
  SELECT 1 FROM json_each(document, '$.charges') AS charge WHERE json_extract(charge.value, '$.key') = :key);

-- name: set_counter
INSERT INTO redeemable_counters (key, used) VALUES (:key, :used) ON CONFLICT (key) DO UPDATE SET used = :used;

-- name: periods
-- The counters of days, weeks and months, for `prune`.
SELECT key FROM redeemable_counters
WHERE key > :after AND (key GLOB 'code/*/day/*' OR key GLOB 'code/*/week/*' OR key GLOB 'code/*/month/*')
ORDER BY key LIMIT 500;

-- name: prune
DELETE FROM redeemable_counters WHERE key IN (SELECT value FROM json_each(:keys));

-- name: page
SELECT id, document FROM redeemable_redemptions WHERE id > :after ORDER BY id LIMIT 500;

-- name: counters
SELECT json_group_object(key, used) AS counters FROM redeemable_counters;

-- name: changes, in JavaScript alone: in a Durable Object, where the library counts the rows of indexes, too
SELECT changes() AS changes;

-- name: pages, in JavaScript alone: in batches
-- The first records, as many as fit into a worker's memory.
SELECT id, document FROM redeemable_redemptions ORDER BY id LIMIT 5000;

-- name: changed, in JavaScript alone: in batches
-- Makes the batch fail if the statement before changed no row. A bad path is the only error with a text of our own.
SELECT json_extract('{}', CASE changes() WHEN 0 THEN 'redeemable_conflict' ELSE '$' END) AS changed;

-- name: claimed, in JavaScript alone: in batches
-- Makes the batch fail if somebody else has recounted the counter since this claim was made.
SELECT json_extract('{}', COALESCE(
  (SELECT '$' FROM redeemable_counters WHERE key = :claim), 'redeemable_conflict')) AS claimed;

-- name: unclaim, in JavaScript alone: in batches
DELETE FROM redeemable_counters WHERE substr(key, 1, length(:claims)) = :claims;

-- name: mark
-- Runs before the host's own writes. If the host ends the transaction, this savepoint is gone, and `unmark` fails.
SAVEPOINT redeemable_write;

-- name: unmark
RELEASE redeemable_write;

-- name: join
-- Runs first in a plan that joins a transaction of the host's: if the plan fails, the host's earlier rows stay.
SAVEPOINT redeemable_join;

-- name: keep
RELEASE redeemable_join;

-- name: undo
ROLLBACK TO redeemable_join;

-- name: abandon, in JavaScript alone so far
-- If `undo` fails, the host's own statements have removed the savepoint: better all is undone than half a plan stored.
ROLLBACK;

-- name: begin_writing
-- The first statement of a transaction that somebody else has begun: it takes the write lock, for which SQLite waits.
-- After a read, SQLite would not wait for the lock but fail if somebody has written meanwhile.
DELETE FROM redeemable_counters WHERE false;
