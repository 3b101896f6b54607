-- Every statement that the kits send to PostgreSQL, each under its name. `:word` is a parameter.
-- Keys are sent as one JSON list. With ANY (ARRAY(…)) PostgreSQL looks them up in the index; with IN (SELECT …) it
-- would read the whole table.
-- Casts are written CAST(…), because drivers that look for `:word` would misread two colons.
-- Numbers and documents are sent and returned as text, so that it makes no difference which types a driver guesses or a
-- host has set.

-- name: total, within other statements
-- What a counter holds, with its parts if it is split.
CASE WHEN counter.parts IS NULL THEN counter.used ELSE counter.used
  + COALESCE((SELECT sum(part.used) FROM redeemable_parts AS part WHERE part.key = counter.key), 0) END;

-- name: read
-- The counters and the record that a decision needs, in one statement, so that both are from the same moment.
SELECT
  CAST((SELECT json_object_agg(key, {total}) FROM redeemable_counters AS counter
    WHERE key = ANY (ARRAY(SELECT json_array_elements_text(CAST(CAST(:keys AS text) AS json))))) AS text) AS counters,
  CAST((SELECT document FROM redeemable_redemptions WHERE id = CAST(:id AS text)) AS text) AS existing,
  CAST((SELECT document FROM redeemable_archive WHERE id = CAST(:id AS text)) AS text) AS archived;

-- name: read_many
-- The same for several callers at once: a row for each counter and each record.
SELECT 'counter' AS kind, key AS name, CAST({total} AS text) AS value FROM redeemable_counters AS counter
WHERE key = ANY (ARRAY(SELECT json_array_elements_text(CAST(CAST(:keys AS text) AS json))))
UNION ALL SELECT 'record', id, CAST(document AS text) FROM redeemable_redemptions
WHERE id = ANY (ARRAY(SELECT json_array_elements_text(CAST(CAST(:ids AS text) AS json))))
UNION ALL SELECT 'archive', id, CAST(document AS text) FROM redeemable_archive
WHERE id = ANY (ARRAY(SELECT json_array_elements_text(CAST(CAST(:ids AS text) AS json))));

-- name: lapsed
-- The holds that lapsed first, for a sweep. The rows have the columns of `find`; the key of a record is NULL.
SELECT CAST(NULL AS text) AS key, CAST(record.document AS text) AS value
FROM redeemable_held AS held JOIN redeemable_redemptions AS record ON record.id = held.id
WHERE held.key = CAST('' AS bytea) AND held.expires_at_ms <= CAST(CAST(:lapsed_by_ms AS text) AS bigint)
ORDER BY held.expires_at_ms, held.id LIMIT CAST(CAST(:limit AS text) AS bigint);

-- name: find
-- These counters, and some lapsed holds that charge one of them: one row each, and the key of a record is NULL.
-- The holds are drawn at random among the oldest, and come in random order, so that buyers who look at the same time
-- rarely take the same hold.
SELECT key, CAST({total} AS text) AS value FROM redeemable_counters AS counter
WHERE key = ANY (ARRAY(SELECT json_array_elements_text(CAST(CAST(:keys AS text) AS json))))
UNION ALL (SELECT NULL, CAST(document AS text) FROM redeemable_redemptions WHERE id = ANY (ARRAY(
  SELECT id FROM (
    SELECT DISTINCT oldest.id FROM json_array_elements_text(CAST(CAST(:keys AS text) AS json)) AS asked(key),
      LATERAL (
        SELECT held.id FROM redeemable_held AS held
        WHERE held.key = substr(sha256(convert_to(asked.key, 'UTF8')), 1, 8)
          AND held.expires_at_ms <= CAST(CAST(:lapsed_by_ms AS text) AS bigint)
        ORDER BY held.expires_at_ms, held.id LIMIT GREATEST(CAST(CAST(:limit AS text) AS bigint), 100)) AS oldest
  ) AS chosen ORDER BY random() LIMIT CAST(CAST(:limit AS text) AS bigint))) ORDER BY random());

-- name: commit
-- Executes the whole plan, if the host has no writes of its own. Returns, as JSON, the keys of counters that have
-- drifted (postgres.sql says what that means).
SELECT CAST(array_to_json(redeemable_commit(CAST(CAST(:ops AS text) AS json))) AS text) AS drifted;

-- name: commit_records
-- Writes the plan's records, before the host's own writes. The setting is a mark that ends with the transaction.
SELECT CAST(array_to_json(redeemable_commit(CAST(CAST(:ops AS text) AS json))) AS text) AS drifted,
  set_config('redeemable.transaction', 'open', true);

-- name: commit_counters
-- Writes the plan's counters, after the host's own writes. Without the mark, the host has ended the transaction that
-- wrote the records: then the statement changes no counter and returns null.
SELECT CASE WHEN current_setting('redeemable.transaction', true) = 'open'
  THEN (SELECT CAST(array_to_json(redeemable_commit(CAST(CAST(:ops AS text) AS json))) AS text)) END AS drifted;

-- name: join, in JavaScript alone: Python's drivers make savepoints by themselves
-- Runs first in a plan that joins a transaction of the host's: if the plan fails, the host's earlier rows stay.
SAVEPOINT redeemable_join;

-- name: keep, in JavaScript alone: Python's drivers make savepoints by themselves
RELEASE SAVEPOINT redeemable_join;

-- name: undo, in JavaScript alone: Python's drivers make savepoints by themselves
ROLLBACK TO SAVEPOINT redeemable_join;

-- name: abandon, in JavaScript alone: Python's drivers make savepoints by themselves
-- If `undo` fails, the host's own statements have removed the savepoint: better all is undone than half a plan stored.
ROLLBACK;

-- name: isolation
-- What the transaction's next read would see: at `read committed` what others have committed by then, otherwise only
-- what it saw before.
SELECT current_setting('transaction_isolation') AS isolation;

-- name: differences
-- The counters that differ from what the records, live and archived, hold of them, by key, as of one moment.
SELECT key, CAST(sum(used) AS text) AS used, CAST(sum(must) AS text) AS must, CAST(max(corrected) AS text) AS corrected
FROM (
  SELECT key, used, COALESCE(archived, 0) AS must, COALESCE(corrected, 0) AS corrected FROM redeemable_counters
  UNION ALL SELECT key, used, 0, 0 FROM redeemable_parts
  UNION ALL SELECT charge.key, 0, COALESCE(charge.held, charge.amount), 0 FROM redeemable_redemptions,
    json_to_recordset(document -> 'charges') AS charge(key text, held bigint, amount bigint)) AS counted
WHERE key > CAST(:after AS text) GROUP BY key HAVING sum(used) <> sum(must)
ORDER BY key LIMIT CAST(CAST(:limit AS text) AS bigint);

-- name: person
-- Every record that names this person.
SELECT CAST(record.document AS text) AS document, 0 AS archived
FROM redeemable_persons AS named JOIN redeemable_redemptions AS record ON record.id = named.id
WHERE named.person = substr(sha256(convert_to(CAST(:person AS text), 'UTF8')), 1, 8)
UNION ALL SELECT CAST(record.document AS text), 1
FROM redeemable_persons AS named JOIN redeemable_archive AS record ON record.id = named.id
WHERE named.person = substr(sha256(convert_to(CAST(:person AS text), 'UTF8')), 1, 8);

-- name: old
-- The next records that may be archived: those that are not held.
SELECT CAST(document AS text) AS document FROM redeemable_redemptions
WHERE id > CAST(:after AS text) AND state <> 'held'
  AND (CAST(:event_id AS text) IS NULL OR event_id = CAST(:event_id AS text))
  AND (CAST(:before_ms AS text) IS NULL
    OR CAST(document ->> 'created_at_ms' AS bigint) < CAST(CAST(:before_ms AS text) AS bigint))
ORDER BY id LIMIT CAST(CAST(:limit AS text) AS bigint);

-- name: periods
-- The counters of days, weeks and months, for `prune`.
SELECT key FROM redeemable_counters
WHERE key > CAST(:after AS text) AND key ~ '^code/[^/]+/(day|week|month)/' ORDER BY key LIMIT 500;

-- name: prune
WITH whole AS (
  DELETE FROM redeemable_counters
  WHERE key = ANY (ARRAY(SELECT json_array_elements_text(CAST(CAST(:keys AS text) AS json)))) RETURNING key)
DELETE FROM redeemable_parts WHERE key = ANY (ARRAY(SELECT key FROM whole));

-- name: spending
-- The counters of what a code or a pool has taken off, in each currency. `prefix` is their key up to the currency.
SELECT key FROM redeemable_counters
WHERE key >= CAST(:prefix AS text) || '/' AND key < CAST(:prefix AS text) || '0' ORDER BY key;

-- name: page
-- The archive, too.
(SELECT id, CAST(document AS text) AS document FROM redeemable_redemptions
WHERE id > CAST(:after AS text) ORDER BY id LIMIT 500)
UNION ALL
(SELECT id, CAST(document AS text) FROM redeemable_archive WHERE id > CAST(:after AS text) ORDER BY id LIMIT 500)
ORDER BY id LIMIT 500;

-- name: counters
SELECT CAST(json_object_agg(key, {total}) AS text) AS counters FROM redeemable_counters AS counter;

-- name: one_moment
-- For a transaction that only reads: all its statements see the same moment, and no buyer waits for it.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: each_statement
-- For a transaction that writes: each statement sees everything that was committed before it began.
SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE;
