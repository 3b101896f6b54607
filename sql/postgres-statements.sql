-- Every statement that the kits send to PostgreSQL, each under its name. `:word` is a parameter.
-- Keys travel as one JSON list. Compared with ANY (ARRAY(…)) they are looked up in the index; with IN (SELECT …) the
-- planner reads the whole table.
-- Casts are written CAST: drivers that look for `:word` would stumble over two colons.
-- Numbers and documents are answered as text, so that it does not matter which parsers of types the host has set.

-- name: read
-- What a decision needs. One statement sees one moment.
SELECT
  CAST((SELECT json_object_agg(key, used) FROM redeemable_counters
    WHERE key = ANY (ARRAY(SELECT json_array_elements_text(CAST(:keys AS json))))) AS text) AS counters,
  CAST((SELECT document FROM redeemable_redemptions WHERE id = CAST(:id AS text)) AS text) AS existing;

-- name: lapsed
-- The holds that lapsed first, for a sweep. They come as `find` answers records: without a key.
SELECT CAST(NULL AS text) AS key, CAST(document AS text) AS value FROM redeemable_redemptions
WHERE state = 'held' AND expires_at_ms <= :lapsed_by_ms ORDER BY expires_at_ms, id LIMIT :limit;

-- name: find
-- These counters, and some lapsed holds that charge one of them: a row each, and a record has no key.
-- The holds are drawn at random among the oldest, so that buyers who look at the same time rarely take the same hold.
-- The document is searched as text first, which is much faster than looking into its JSON.
SELECT key, CAST(used AS text) AS value FROM redeemable_counters
WHERE key = ANY (ARRAY(SELECT json_array_elements_text(CAST(:keys AS json))))
UNION ALL SELECT NULL, document FROM (
  SELECT document FROM (
    SELECT CAST(document AS text) AS document FROM redeemable_redemptions
    WHERE state = 'held' AND expires_at_ms <= :lapsed_by_ms
      AND CASE WHEN EXISTS (
          SELECT 1 FROM json_array_elements_text(CAST(:keys AS json)) AS key
          WHERE strpos(CAST(document AS text), '"' || key || '"') > 0)
        THEN EXISTS (
          SELECT 1 FROM json_array_elements(document -> 'charges') AS charge
          WHERE charge ->> 'key' = ANY (ARRAY(SELECT json_array_elements_text(CAST(:keys AS json))))) ELSE false END
    ORDER BY expires_at_ms, id LIMIT GREATEST(CAST(:limit AS bigint), 100)) AS oldest
  ORDER BY random() LIMIT CAST(:limit AS bigint)) AS chosen;

-- name: commit
-- The whole plan, where the host writes nothing of its own. It answers the keys of the counters that drifted, as JSON.
SELECT CAST(array_to_json(redeemable_commit(CAST(:ops AS json))) AS text) AS drifted;

-- name: commit_records
-- The plan's records, before the host's own writes. The setting marks the transaction: it lasts exactly as long.
SELECT CAST(array_to_json(redeemable_commit(CAST(:ops AS json))) AS text) AS drifted,
  set_config('redeemable.transaction', 'open', true);

-- name: commit_counters
-- The plan's counters, after the host's own writes. Without the mark this is not the transaction that has the records:
-- then nothing is counted, and the answer is null.
SELECT CASE WHEN current_setting('redeemable.transaction', true) = 'open'
  THEN (SELECT CAST(array_to_json(redeemable_commit(CAST(:ops AS json))) AS text)) END AS drifted;

-- name: lock_counter
-- What the counter has used; one that is missing is created with 0. Once the lock is there, whoever has counted has
-- committed, and whoever wants to count waits.
INSERT INTO redeemable_counters AS counter (key, used) VALUES (:key, 0)
ON CONFLICT (key) DO UPDATE SET used = counter.used RETURNING CAST(used AS text) AS used;

-- name: charging
-- Every record that charges the counter, in one statement. Between two statements a plan could move uses from one
-- record to another, and they would be counted twice or not at all.
SELECT CAST(document AS text) AS document FROM redeemable_redemptions
WHERE EXISTS (
  SELECT 1 FROM json_array_elements(document -> 'charges') AS charge WHERE charge ->> 'key' = CAST(:key AS text));

-- name: set_counter
UPDATE redeemable_counters SET used = :used WHERE key = :key;

-- name: page
SELECT id, CAST(document AS text) AS document FROM redeemable_redemptions WHERE id > :after ORDER BY id LIMIT 500;

-- name: counters
SELECT CAST(json_object_agg(key, used) AS text) AS counters FROM redeemable_counters;

-- name: one_moment
-- For a transaction that only reads: all of its statements see the moment of the first. No buyer waits for it.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: each_statement
-- For a recount: each statement sees what was committed before it began, so the records are read as of after the lock.
-- A snapshot from before the lock would be refused, again and again where many buy.
SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE;
