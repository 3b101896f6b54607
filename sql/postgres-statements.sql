-- Every statement that the kits send to PostgreSQL, each under its name. `:word` is a parameter.
-- Keys are sent as one JSON list. With ANY (ARRAY(…)) PostgreSQL looks them up in the index; with IN (SELECT …) it
-- would read the whole table.
-- Casts are written CAST(…), because drivers that look for `:word` would misread two colons.
-- Numbers and documents are sent and returned as text, so that it makes no difference which types a driver guesses or a
-- host has set.

-- name: read
-- The counters and the record that a decision needs, in one statement, so that both are from the same moment.
SELECT
  CAST((SELECT json_object_agg(key, used) FROM redeemable_counters
    WHERE key = ANY (ARRAY(SELECT json_array_elements_text(CAST(CAST(:keys AS text) AS json))))) AS text) AS counters,
  CAST((SELECT document FROM redeemable_redemptions WHERE id = CAST(:id AS text)) AS text) AS existing;

-- name: lapsed
-- The holds that lapsed first, for a sweep. The rows have the columns of `find`; the key of a record is NULL.
SELECT CAST(NULL AS text) AS key, CAST(document AS text) AS value FROM redeemable_redemptions
WHERE state = 'held' AND expires_at_ms <= CAST(CAST(:lapsed_by_ms AS text) AS bigint)
ORDER BY expires_at_ms, id LIMIT CAST(CAST(:limit AS text) AS bigint);

-- name: find
-- These counters, and some lapsed holds that charge one of them: one row each, and the key of a record is NULL.
-- The holds are drawn at random among the oldest, so that buyers who look at the same time rarely take the same hold.
-- The document is searched as text first, which is much faster than looking into its JSON.
SELECT key, CAST(used AS text) AS value FROM redeemable_counters
WHERE key = ANY (ARRAY(SELECT json_array_elements_text(CAST(CAST(:keys AS text) AS json))))
UNION ALL SELECT NULL, document FROM (
  SELECT document FROM (
    SELECT CAST(document AS text) AS document FROM redeemable_redemptions
    WHERE state = 'held' AND expires_at_ms <= CAST(CAST(:lapsed_by_ms AS text) AS bigint)
      AND CASE WHEN EXISTS (
          SELECT 1 FROM json_array_elements_text(CAST(CAST(:keys AS text) AS json)) AS key
          WHERE strpos(CAST(document AS text), '"' || key || '"') > 0)
        THEN EXISTS (
          SELECT 1 FROM json_array_elements(document -> 'charges') AS charge
          WHERE charge ->> 'key' = ANY (ARRAY(
            SELECT json_array_elements_text(CAST(CAST(:keys AS text) AS json))))) ELSE false END
    ORDER BY expires_at_ms, id LIMIT GREATEST(CAST(CAST(:limit AS text) AS bigint), 100)) AS oldest
  ORDER BY random() LIMIT CAST(CAST(:limit AS text) AS bigint)) AS chosen;

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

-- name: make_counter
-- A counter that is missing is made with 0, so that `lock_counter` finds a row to lock.
INSERT INTO redeemable_counters (key, used) VALUES (CAST(:key AS text), 0) ON CONFLICT DO NOTHING;

-- name: lock_counter
-- Locks the counter and returns its value. Once this transaction has the lock, every transaction that changed the
-- counter before has ended, and every later one waits.
SELECT CAST(used AS text) AS used FROM redeemable_counters WHERE key = CAST(:key AS text) FOR UPDATE;

-- name: charging
-- Every record that charges the counter, in one statement: between two statements, a plan could move uses from one
-- record to another, and the uses would be counted twice or not at all.
SELECT CAST(document AS text) AS document FROM redeemable_redemptions
WHERE EXISTS (
  SELECT 1 FROM json_array_elements(document -> 'charges') AS charge WHERE charge ->> 'key' = CAST(:key AS text));

-- name: set_counter
UPDATE redeemable_counters SET used = CAST(CAST(:used AS text) AS bigint) WHERE key = CAST(:key AS text);

-- name: periods
-- The counters of days, weeks and months, for `prune`.
SELECT key FROM redeemable_counters
WHERE key > CAST(:after AS text) AND key ~ '^code/[^/]+/(day|week|month)/' ORDER BY key LIMIT 500;

-- name: prune
DELETE FROM redeemable_counters
WHERE key = ANY (ARRAY(SELECT json_array_elements_text(CAST(CAST(:keys AS text) AS json))));

-- name: pages, in JavaScript alone: in batches
-- The first records, as many as fit into a worker's memory.
SELECT id, CAST(document AS text) AS document FROM redeemable_redemptions ORDER BY id LIMIT 5000;

-- name: claimed, in JavaScript alone: in batches
-- Makes the batch fail if somebody else has recounted the counter since this claim was made: the text is no number.
SELECT CAST(COALESCE((SELECT '0' FROM redeemable_counters WHERE key = CAST(:claim AS text)), 'redeemable_conflict')
  AS integer) AS claimed;

-- name: unclaim, in JavaScript alone: in batches
DELETE FROM redeemable_counters WHERE starts_with(key, CAST(:claims AS text));

-- name: page
SELECT id, CAST(document AS text) AS document FROM redeemable_redemptions
WHERE id > CAST(:after AS text) ORDER BY id LIMIT 500;

-- name: counters
SELECT CAST(json_object_agg(key, used) AS text) AS counters FROM redeemable_counters;

-- name: one_moment
-- For a transaction that only reads: all its statements see the same moment, and no buyer waits for it.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: each_statement
-- For a recount: each statement sees everything that was committed before it began, so the records are read as they
-- are after the lock was taken. With one snapshot from before the lock, PostgreSQL would refuse the update whenever
-- somebody bought meanwhile.
SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE;
