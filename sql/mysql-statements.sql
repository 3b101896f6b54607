-- Every statement that the kits send to MariaDB or MySQL, each under its name. `:word` is a parameter.
-- Keys are sent as one JSON list.
-- `{word}` is the text of the statement of that name, which stands above it.
-- The statements themselves check the limits: a limit holds even if others have written since the read.
-- The statements mean the same under every setting of a connection (sql_mode, character set, collation): a text that
-- comes in is converted to UTF-8, where a driver has sent bytes, too; texts and numbers go out as bytes in UTF-8.
-- "Rows changed" and "rows matched" are the same number for each of them, so CLIENT_FOUND_ROWS makes no difference.

-- name: read
-- The counters and the record that a decision needs, in one statement, so that both are from the same moment: one row
-- each, and the key of a record is NULL. STRAIGHT_JOIN looks the keys up one by one in the index.
SELECT CAST(counter.`key` AS BINARY) AS `key`, CAST(counter.used AS BINARY) AS value
FROM JSON_TABLE(CONVERT(:keys USING utf8mb4),
  '$[*]' COLUMNS (name LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS asked
STRAIGHT_JOIN redeemable_counters AS counter FORCE INDEX (PRIMARY)
ON counter.hash = UNHEX(SHA2(asked.name, 256))
UNION ALL SELECT NULL, CAST(document AS BINARY) FROM redeemable_redemptions WHERE id = CONVERT(:id USING utf8mb4);

-- name: lapsed
-- The holds that lapsed first, for a sweep. The rows have the columns of `find`; the key of a record is NULL.
SELECT NULL AS `key`, CAST(document AS BINARY) AS value FROM redeemable_redemptions
WHERE state = 'held' AND expires_at_ms <= :lapsed_by_ms ORDER BY expires_at_ms, id LIMIT :limit;

-- name: find
-- These counters, and some lapsed holds that charge one of them: one row each, and the key of a record is NULL.
-- The holds are drawn at random among the oldest, so that buyers who look at the same time rarely take the same hold.
-- The document is searched as text first, which is much faster than looking into its JSON.
SELECT CAST(counter.`key` AS BINARY) AS `key`, CAST(counter.used AS BINARY) AS value
FROM JSON_TABLE(CONVERT(:keys USING utf8mb4),
  '$[*]' COLUMNS (name LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS asked
STRAIGHT_JOIN redeemable_counters AS counter FORCE INDEX (PRIMARY)
ON counter.hash = UNHEX(SHA2(asked.name, 256))
UNION ALL SELECT NULL, CAST(drawn.document AS BINARY) FROM (
  SELECT oldest.document FROM (
    SELECT record.document FROM redeemable_redemptions AS record
    WHERE record.state = 'held' AND record.expires_at_ms <= :lapsed_by_ms
      AND CASE WHEN EXISTS (
          SELECT 1 FROM JSON_TABLE(CONVERT(:keys USING utf8mb4),
            '$[*]' COLUMNS (name LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS asked
          WHERE LOCATE(CAST(CONCAT('"', asked.name, '"') AS BINARY), CAST(record.document AS BINARY)) > 0)
        THEN EXISTS (
          SELECT 1 FROM JSON_TABLE(record.document,
            '$.charges[*]' COLUMNS (name LONGTEXT CHARACTER SET utf8mb4 PATH '$.key')) AS charge
          JOIN JSON_TABLE(CONVERT(:keys USING utf8mb4),
            '$[*]' COLUMNS (name LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS asked
          ON CAST(charge.name AS BINARY) = CAST(asked.name AS BINARY)) ELSE false END
    ORDER BY record.expires_at_ms, record.id LIMIT :among) AS oldest
  ORDER BY RAND() LIMIT :limit) AS drawn;

-- name: insert
-- Fails with error 1062 if there is such a record.
INSERT INTO redeemable_redemptions (id, revision, state, event_id, expires_at_ms, document)
VALUES (CONVERT(:id USING utf8mb4), :revision, :state, CONVERT(:event_id USING utf8mb4), :expires_at_ms,
  CONVERT(:document USING utf8mb4));

-- name: update
UPDATE redeemable_redemptions
SET revision = :revision, state = :state, event_id = CONVERT(:event_id USING utf8mb4), expires_at_ms = :expires_at_ms,
  document = CONVERT(:document USING utf8mb4)
WHERE id = CONVERT(:id USING utf8mb4) AND revision = :was;

-- name: charge
-- Every use of a counter but the first. The condition is judged on the row that the statement has locked, at every
-- isolation level. If it changes no row, the counter is full or missing, which `first_charge` tells apart.
UPDATE redeemable_counters SET used = used + :by
WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)) AND (:at_most IS NULL OR used + :by <= :at_most);

-- name: first_charge
-- The first use. Fails with error 1062 if there is such a counter: it is full, or somebody else was faster.
INSERT INTO redeemable_counters (hash, `key`, used)
SELECT UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)), CONVERT(:key USING utf8mb4), :by FROM DUAL
WHERE :at_most IS NULL OR :by <= :at_most;

-- name: drifts
-- Whether the counter holds less than is given back. The counter of a day, week or month may have been pruned: then it
-- is missing, which is no drift. The row stays locked until `give_back` has changed it.
SELECT COALESCE(
  MAX(used),
  CASE WHEN CONVERT(:key USING utf8mb4) LIKE 'code/%/day/%' OR CONVERT(:key USING utf8mb4) LIKE 'code/%/week/%'
    OR CONVERT(:key USING utf8mb4) LIKE 'code/%/month/%' THEN 0 - :by ELSE 0 END
) + :by < 0 AS drifts FROM redeemable_counters
WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)) FOR UPDATE;

-- name: give_back
UPDATE redeemable_counters SET used = GREATEST(0, used + :by)
WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256));

-- name: make_counter
-- A counter that is missing is made with 0, so that `lock_counter` finds a row to lock.
INSERT INTO redeemable_counters (hash, `key`, used)
VALUES (UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)), CONVERT(:key USING utf8mb4), 0)
ON DUPLICATE KEY UPDATE used = used;

-- name: lock_counter
-- Locks the counter and returns its value. Once this transaction has the lock, every transaction that changed the
-- counter before has ended, and every later one waits.
SELECT used FROM redeemable_counters WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)) FOR UPDATE;

-- name: charging
-- Every record that charges the counter, in one statement: between two statements, a plan could move uses from one
-- record to another, and the uses would be counted twice or not at all.
SELECT CAST(record.document AS BINARY) AS document FROM redeemable_redemptions AS record
WHERE EXISTS (
  SELECT 1 FROM JSON_TABLE(record.document,
    '$.charges[*]' COLUMNS (name LONGTEXT CHARACTER SET utf8mb4 PATH '$.key')) AS charge
  WHERE CAST(charge.name AS BINARY) = CAST(CONVERT(:key USING utf8mb4) AS BINARY));

-- name: set_counter
UPDATE redeemable_counters SET used = :used WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256));

-- name: periods
-- The counters of days, weeks and months, for `prune`, in the order of the index.
SELECT CAST(`key` AS BINARY) AS `key` FROM redeemable_counters
WHERE (:after = '' OR hash > UNHEX(SHA2(CONVERT(:after USING utf8mb4), 256)))
  AND (`key` LIKE 'code/%/day/%' OR `key` LIKE 'code/%/week/%' OR `key` LIKE 'code/%/month/%')
ORDER BY hash LIMIT 500;

-- name: prune
-- Locks these counters alone. DELETE … WHERE … IN (SELECT …) would read, and wait for, every counter.
DELETE counter FROM JSON_TABLE(CONVERT(:keys USING utf8mb4),
  '$[*]' COLUMNS (name LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS asked
STRAIGHT_JOIN redeemable_counters AS counter FORCE INDEX (PRIMARY)
ON counter.hash = UNHEX(SHA2(asked.name, 256));

-- name: page
SELECT CAST(id AS BINARY) AS id, CAST(document AS BINARY) AS document FROM redeemable_redemptions
WHERE id > CONVERT(:after USING utf8mb4) ORDER BY redeemable_redemptions.id LIMIT 500;

-- name: counters
-- One row each. As one JSON object, a million counters would be longer than max_allowed_packet.
SELECT CAST(`key` AS BINARY) AS `key`, CAST(used AS BINARY) AS used FROM redeemable_counters;

-- name: mark
-- Runs before the host's own writes. Whatever ends the transaction (COMMIT, ROLLBACK, a CREATE TABLE, a deadlock)
-- takes this savepoint with it, and `unmark` fails with error 1305.
SAVEPOINT redeemable_write;

-- name: unmark
RELEASE SAVEPOINT redeemable_write;

-- name: join
-- Runs first in a plan that joins a transaction of the host's: if the plan fails, the host's earlier rows stay.
SAVEPOINT redeemable_join;

-- name: keep
RELEASE SAVEPOINT redeemable_join;

-- name: undo
ROLLBACK TO SAVEPOINT redeemable_join;

-- name: abandon, in JavaScript alone so far
-- If `undo` fails, the host's own statements have removed the savepoint: better all is undone than half a plan stored.
ROLLBACK;

-- name: isolation
-- The isolation level of the connection, at which a host's transaction runs unless the host has set another for it. The
-- level of the transaction itself cannot be asked for. MariaDB and MySQL name the setting differently.
SHOW SESSION VARIABLES WHERE Variable_name IN ('transaction_isolation', 'tx_isolation');

-- name: one_moment
-- Before a transaction that only reads: all its statements see the same moment, and no buyer waits for it.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;

-- name: each_statement
-- Before a transaction that writes: each statement sees everything that was committed before it began, so a recount
-- reads the records as they are after the lock was taken. REPEATABLE READ, which is the default, would also lock the
-- gaps between rows: two buyers who each make a new counter would deadlock.
SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE;

-- name: begin
START TRANSACTION;

-- name: changed, in JavaScript alone: there a store over an object-relational mapper gets rows and no numbers
-- How many rows the statement before has changed.
SELECT ROW_COUNT() AS changed;

-- name: settings, in JavaScript alone: in Python a read says what it sees, as `one_moment` does
-- The settings under which a single SELECT would not see one moment. MariaDB and MySQL name one of them differently.
SHOW SESSION VARIABLES WHERE Variable_name IN ('autocommit', 'transaction_isolation', 'tx_isolation');
