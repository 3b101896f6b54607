-- Every statement that the kits send to SQLite, each under its name. `:word` is a parameter.
-- Keys are sent as one JSON list.
- `{word}` is the text of the statement of that name, which stands above it.
-- The statements themselves check the limits: a limit holds even if others have written since the read.

-- name: read_counter, in JavaScript alone: over better-sqlite3, a statement costs less than the JSON of `read`
SELECT used FROM redeemable_counters WHERE key = :key;

-- name: read_record
-- The other half of `read`, and the record that an update replaces.
SELECT document FROM redeemable_redemptions WHERE id = :id;

-- name: read_archived, in JavaScript alone: for a record that `read_record` has not found
SELECT document FROM redeemable_archive WHERE id = :id;

-- name: read
-- For drivers that take long for each statement.
-- The counters and the record that a decision needs, in one statement, so that both are from the same moment.
SELECT
  (SELECT json_group_object(key, used) FROM redeemable_counters
    WHERE key IN (SELECT value FROM json_each(:keys))) AS counters,
  (SELECT document FROM redeemable_redemptions WHERE id = :id) AS existing,
  (SELECT document FROM redeemable_archive WHERE id = :id) AS archived;

-- name: lapsed
-- The holds that lapsed first, for a sweep. The rows have the columns of `find`; the key of a record is NULL.
-- CROSS JOIN reads redeemable_held in the order of its index, and stops at the limit.
SELECT NULL AS key, record.document AS value
FROM redeemable_held AS held CROSS JOIN redeemable_redemptions AS record ON record.id = held.id
WHERE held.key = '' AND held.expires_at_ms <= :lapsed_by_ms ORDER BY held.expires_at_ms, held.id LIMIT :limit;

-- name: lapsed_of, in JavaScript alone: over better-sqlite3; the other stores send it within `find`
-- Some lapsed holds that charge one of these counters.
-- The holds are drawn at random among the oldest, and come in random order, so that buyers who look at the same time
-- rarely take the same hold.
-- The inner list stops at its limit in the index; a join with the keys would read every lapsed hold of each.
SELECT NULL AS key, document AS value FROM redeemable_redemptions WHERE id IN (
  SELECT id FROM (
    SELECT DISTINCT oldest.value AS id FROM json_each(:keys) AS asked, json_each((
      SELECT json_group_array(id) FROM (
        SELECT id FROM redeemable_held WHERE key = asked.value AND expires_at_ms <= :lapsed_by_ms
        ORDER BY expires_at_ms, id LIMIT max(:limit, 100)))) AS oldest)
  ORDER BY random() LIMIT :limit) ORDER BY random() LIMIT :limit;

-- name: find
-- As for `read`, one statement costs less than two.
-- These counters, and the holds of `lapsed_of`: one row each, and the key of a record is NULL.
-- The column has one type: some libraries read every row's value as the type of the first.
SELECT key, CAST(used AS text) AS value FROM redeemable_counters
WHERE key IN (SELECT value FROM json_each(:keys))
UNION ALL SELECT * FROM ({lapsed_of});

-- name: insert
-- Changes nothing if there is such a record, in the archive, too.
INSERT INTO redeemable_redemptions (id, revision, state, event_id, expires_at_ms, document)
SELECT :id, :revision, :state, :event_id, :expires_at_ms, :document
WHERE NOT EXISTS (SELECT 1 FROM redeemable_archive WHERE id = :id) ON CONFLICT DO NOTHING;

-- name: update
UPDATE redeemable_redemptions
SET revision = :revision, state = :state, event_id = :event_id, expires_at_ms = :expires_at_ms, document = :document
WHERE id = :id AND revision = :was;

-- name: hold
-- For each counter by which a held record is found, and for '', under which a sweep finds it.
INSERT INTO redeemable_held (key, expires_at_ms, id) VALUES (:key, :expires_at_ms, :id) ON CONFLICT DO NOTHING;

-- name: unhold
-- Before `update`, for each key of the record that it replaces.
DELETE FROM redeemable_held WHERE key = :key AND id = :id
  AND expires_at_ms = (SELECT expires_at_ms FROM redeemable_redemptions WHERE id = :id);

-- name: name
-- For each person that a record names.
INSERT INTO redeemable_persons (person, id) VALUES (:person, :id) ON CONFLICT DO NOTHING;

-- name: charge
-- The limit is checked twice: by the SELECT for a counter's first use, by the UPDATE for every later use.
INSERT INTO redeemable_counters (key, used) SELECT :key, :by WHERE :at_most IS NULL OR :by <= :at_most
ON CONFLICT (key) DO UPDATE SET used = used + :by WHERE :at_most IS NULL OR used + :by <= :at_most;

-- name: give_back
UPDATE redeemable_counters SET used = max(0, used + :by),
  corrected = CASE WHEN used + :by < 0 THEN COALESCE(corrected, 0) + 1 ELSE corrected END
WHERE key = :key;

-- name: drifts
-- Whether the counter holds less than is given back. The counter of a day, week or month may have been pruned: then it
-- is missing, which is no drift.
SELECT COALESCE(
  (SELECT used FROM redeemable_counters WHERE key = :key),
  CASE WHEN :key GLOB 'code/*/day/*' OR :key GLOB 'code/*/week/*' OR :key GLOB 'code/*/month/*'
    THEN 0 - :by ELSE 0 END
) + :by < 0 AS drifts;

-- name: archive
INSERT INTO redeemable_archive (id, revision, state, event_id, document)
SELECT id, revision, state, event_id, document FROM redeemable_redemptions
WHERE id = :id AND revision = :revision AND state <> 'held';

-- name: drop
-- After `archive`.
DELETE FROM redeemable_redemptions WHERE id = :id AND revision = :revision AND state <> 'held';

-- name: restore
INSERT INTO redeemable_redemptions (id, revision, state, event_id, document)
SELECT id, revision, state, event_id, document FROM redeemable_archive WHERE id = :id;

-- name: drop_archived
-- After `restore`, and for a record that leaves the archive for good.
DELETE FROM redeemable_archive WHERE id = :id;

-- name: open
-- Adds to what archived records hold of the counter. A counter that is missing is only made if it should be there: that
-- of a day, week or month may have been pruned.
INSERT INTO redeemable_counters (key, used, archived) SELECT :key, 0, :by
WHERE (:by > 0 AND NOT (:key GLOB 'code/*/day/*' OR :key GLOB 'code/*/week/*' OR :key GLOB 'code/*/month/*'))
  OR EXISTS (SELECT 1 FROM redeemable_counters WHERE key = :key)
ON CONFLICT (key) DO UPDATE SET archived = COALESCE(archived, 0) + :by;

-- name: correct
-- Changes nothing if somebody else has corrected the counter since it was compared with the records.
INSERT INTO redeemable_counters (key, used, corrected) SELECT :key, max(0, :by), 1
WHERE (:corrected = 0 AND :by >= 0) OR EXISTS (SELECT 1 FROM redeemable_counters WHERE key = :key)
ON CONFLICT (key) DO UPDATE SET used = used + :by, corrected = :corrected + 1
WHERE COALESCE(corrected, 0) = :corrected AND used + :by >= 0;

-- name: forget
DELETE FROM redeemable_counters WHERE key = :key AND used = 0 AND COALESCE(archived, 0) = 0;

-- name: erase
DELETE FROM redeemable_persons WHERE person = :person AND id = :id;

-- name: differences
-- The counters that differ from what the records, live and archived, hold of them, by key, as of one moment.
SELECT key, sum(used) AS used, sum(must) AS must, max(corrected) AS corrected FROM (
  SELECT key, used, COALESCE(archived, 0) AS must, COALESCE(corrected, 0) AS corrected FROM redeemable_counters
  UNION ALL SELECT json_extract(charge.value, '$.key'), 0,
    COALESCE(json_extract(charge.value, '$.held'), json_extract(charge.value, '$.amount')), 0
  FROM redeemable_redemptions, json_each(document, '$.charges') AS charge)
WHERE key > :after GROUP BY key HAVING sum(used) <> sum(must) ORDER BY key LIMIT :limit;

-- name: person
-- Every record that names this person.
SELECT record.document AS document, 0 AS archived
FROM redeemable_persons AS named JOIN redeemable_redemptions AS record ON record.id = named.id
WHERE named.person = :person
UNION ALL SELECT record.document, 1
FROM redeemable_persons AS named JOIN redeemable_archive AS record ON record.id = named.id
WHERE named.person = :person;

-- name: old
-- The next records that may be archived: those that are not held.
SELECT document FROM redeemable_redemptions
WHERE id > :after AND state <> 'held' AND (:event_id IS NULL OR event_id = :event_id)
  AND (:before_ms IS NULL OR json_extract(document, '$.created_at_ms') < :before_ms)
ORDER BY id LIMIT :limit;

-- name: periods
-- The counters of days, weeks and months, for `prune`.
SELECT key FROM redeemable_counters
WHERE key > :after AND (key GLOB 'code/*/day/*' OR key GLOB 'code/*/week/*' OR key GLOB 'code/*/month/*')
ORDER BY key LIMIT 500;

-- name: prune
DELETE FROM redeemable_counters WHERE key IN (SELECT value FROM json_each(:keys));

-- name: page
-- The archive, too.
SELECT id, document FROM (SELECT id, document FROM redeemable_redemptions WHERE id > :after ORDER BY id LIMIT 500)
UNION ALL
SELECT id, document FROM (SELECT id, document FROM redeemable_archive WHERE id > :after ORDER BY id LIMIT 500)
ORDER BY id LIMIT 500;

-- name: counters
SELECT json_group_object(key, used) AS counters FROM redeemable_counters;

-- name: changes, in JavaScript alone: in a Durable Object, where the library counts the rows of indexes, too
SELECT changes() AS changes;

-- name: changed, in JavaScript alone: in batches
-- Makes the batch fail if the statement before changed no row. A bad path is the only error with a text of our own.
SELECT json_extract('{}', CASE changes() WHEN 0 THEN 'redeemable_conflict' ELSE '$' END) AS changed;

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
