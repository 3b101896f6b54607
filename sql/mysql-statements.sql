-- Every statement that the kits send to MariaDB or MySQL, each under its name. `:word` is a parameter.
-- Keys are sent as one JSON list of their SHA-256, in 64 hexadecimal digits: JSON_TABLE then needs no LONGTEXT, of
-- which MariaDB would make a temporary table on the disk.
-- `{word}` is the text of the statement of that name, which stands above it.
-- The statements themselves check the limits: a limit holds even if others have written since the read.
-- The statements mean the same under every setting of a connection (sql_mode, character set, collation): a text that
-- comes in is converted to UTF-8, where a driver has sent bytes, too; texts and numbers go out as bytes in UTF-8.
-- "Rows changed" and "rows matched" are the same number for each of them, so CLIENT_FOUND_ROWS makes no difference.

-- name: total, within other statements
-- What a counter holds, with its parts if it is split.
CASE WHEN counter.parts IS NULL THEN counter.used ELSE counter.used
  + COALESCE((SELECT SUM(part.used) FROM redeemable_parts AS part WHERE part.hash = counter.hash), 0) END;

-- name: read
-- The counters and the record that a decision needs, in one statement, so that both are from the same moment: one row
-- each. The key of a record is NULL, or '' if it is in the archive. STRAIGHT_JOIN looks the keys up one by one.
SELECT CAST(counter.`key` AS BINARY) AS `key`, CAST({total} AS BINARY) AS value, counter.parts AS parts
FROM JSON_TABLE(CONVERT(:hashes USING utf8mb4), '$[*]' COLUMNS (hash CHAR(64) CHARACTER SET ascii PATH '$')) AS asked
STRAIGHT_JOIN redeemable_counters AS counter FORCE INDEX (PRIMARY) ON counter.hash = UNHEX(asked.hash)
UNION ALL SELECT NULL, CAST(document AS BINARY), NULL FROM redeemable_redemptions WHERE id = CONVERT(:id USING utf8mb4)
UNION ALL SELECT '', CAST(document AS BINARY), NULL FROM redeemable_archive WHERE id = CONVERT(:id USING utf8mb4);

-- name: read_many, in JavaScript alone: the stores in Python do not group reads here
-- The same for several callers at once: a row for each counter and each record. The ids are in hexadecimal digits.
SELECT 'counter' AS kind, CAST(counter.`key` AS BINARY) AS name, CAST({total} AS BINARY) AS value,
  counter.parts AS parts
FROM JSON_TABLE(CONVERT(:hashes USING utf8mb4), '$[*]' COLUMNS (hash CHAR(64) CHARACTER SET ascii PATH '$')) AS asked
STRAIGHT_JOIN redeemable_counters AS counter FORCE INDEX (PRIMARY) ON counter.hash = UNHEX(asked.hash)
UNION ALL SELECT 'record', record.id, CAST(record.document AS BINARY), NULL
FROM JSON_TABLE(CONVERT(:ids USING utf8mb4), '$[*]' COLUMNS (id VARCHAR(2048) CHARACTER SET ascii PATH '$')) AS asked
STRAIGHT_JOIN redeemable_redemptions AS record FORCE INDEX (PRIMARY) ON record.id = UNHEX(asked.id)
UNION ALL SELECT 'archive', record.id, CAST(record.document AS BINARY), NULL
FROM JSON_TABLE(CONVERT(:ids USING utf8mb4), '$[*]' COLUMNS (id VARCHAR(2048) CHARACTER SET ascii PATH '$')) AS asked
STRAIGHT_JOIN redeemable_archive AS record FORCE INDEX (PRIMARY) ON record.id = UNHEX(asked.id);

-- name: lapsed
-- The holds that lapsed first, for a sweep. The rows have the columns of `find`; the key of a record is NULL.
-- STRAIGHT_JOIN reads redeemable_held in the order of its index, and stops at the limit.
SELECT NULL AS `key`, CAST(record.document AS BINARY) AS value
FROM redeemable_held AS held FORCE INDEX (PRIMARY)
STRAIGHT_JOIN redeemable_redemptions AS record FORCE INDEX (PRIMARY) ON record.id = held.id
WHERE held.`key` = LEFT(UNHEX(SHA2('', 256)), 8) AND held.expires_at_ms <= :lapsed_by_ms
ORDER BY held.expires_at_ms, held.id LIMIT :limit;

-- name: find
-- This counter, and some lapsed holds that charge it: one row each, and the key of a record is NULL.
-- The holds are drawn at random among the oldest, so that buyers who look at the same time rarely take the same hold.
-- One counter at a time, because only so the index gives the oldest without sorting.
SELECT CAST(`key` AS BINARY) AS `key`, CAST({total} AS BINARY) AS value, parts FROM redeemable_counters AS counter
WHERE hash = UNHEX(:hash)
UNION ALL SELECT NULL, CAST(record.document AS BINARY), NULL FROM (
  SELECT oldest.id FROM (
    SELECT id FROM redeemable_held WHERE `key` = LEFT(UNHEX(:hash), 8) AND expires_at_ms <= :lapsed_by_ms
    ORDER BY expires_at_ms, id LIMIT :among) AS oldest
  ORDER BY RAND() LIMIT :limit) AS drawn
STRAIGHT_JOIN redeemable_redemptions AS record FORCE INDEX (PRIMARY) ON record.id = drawn.id;

-- name: insert
-- Fails with error 1062 if there is such a record, and changes nothing if it is in the archive.
INSERT INTO redeemable_redemptions (id, revision, state, event_id, expires_at_ms, document)
SELECT CONVERT(:id USING utf8mb4), :revision, :state, CONVERT(:event_id USING utf8mb4), :expires_at_ms,
  CONVERT(:document USING utf8mb4) FROM DUAL
WHERE NOT EXISTS (SELECT 1 FROM redeemable_archive WHERE id = CONVERT(:id USING utf8mb4) LOCK IN SHARE MODE);

-- name: update
UPDATE redeemable_redemptions
SET revision = :revision, state = :state, event_id = CONVERT(:event_id USING utf8mb4), expires_at_ms = :expires_at_ms,
  document = CONVERT(:document USING utf8mb4)
WHERE id = CONVERT(:id USING utf8mb4) AND revision = :was;

-- name: hold
-- The rows of a held record in redeemable_held: `hashes` are those of the counters by which it is found, and ''.
INSERT IGNORE INTO redeemable_held (`key`, expires_at_ms, id)
SELECT LEFT(UNHEX(asked.hash), 8), :expires_at_ms, CONVERT(:id USING utf8mb4)
FROM JSON_TABLE(CONVERT(:hashes USING utf8mb4), '$[*]' COLUMNS (hash CHAR(64) CHARACTER SET ascii PATH '$')) AS asked;

-- name: unhold
-- After `update`, which has locked the record: so it is locked before these rows, as by an insert.
DELETE FROM redeemable_held WHERE id = CONVERT(:id USING utf8mb4);

-- name: name
-- The persons of a record, by their hashes.
INSERT IGNORE INTO redeemable_persons (person, id)
SELECT LEFT(UNHEX(asked.hash), 8), CONVERT(:id USING utf8mb4)
FROM JSON_TABLE(CONVERT(:hashes USING utf8mb4), '$[*]' COLUMNS (hash CHAR(64) CHARACTER SET ascii PATH '$')) AS asked;

-- name: archive
INSERT INTO redeemable_archive (id, revision, state, event_id, document)
SELECT id, revision, state, event_id, document FROM redeemable_redemptions
WHERE id = CONVERT(:id USING utf8mb4) AND revision = :revision AND state <> 'held';

-- name: drop
-- After `archive`.
DELETE FROM redeemable_redemptions
WHERE id = CONVERT(:id USING utf8mb4) AND revision = :revision AND state <> 'held';

-- name: restore
INSERT INTO redeemable_redemptions (id, revision, state, event_id, document)
SELECT id, revision, state, event_id, document FROM redeemable_archive WHERE id = CONVERT(:id USING utf8mb4);

-- name: drop_archived
-- After `restore`, and for a record that leaves the archive for good.
DELETE FROM redeemable_archive WHERE id = CONVERT(:id USING utf8mb4);

-- name: open
-- Adds to what archived records hold of the counter. A counter that is missing is only made if it should be there: that
-- of a day, week or month may have been pruned.
INSERT INTO redeemable_counters (hash, `key`, used, archived)
SELECT UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)), CONVERT(:key USING utf8mb4), 0, :by FROM DUAL
WHERE EXISTS (SELECT 1 FROM redeemable_counters WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)))
  OR NOT (:by < 0 OR CONVERT(:key USING utf8mb4) LIKE 'code/%/day/%'
    OR CONVERT(:key USING utf8mb4) LIKE 'code/%/week/%' OR CONVERT(:key USING utf8mb4) LIKE 'code/%/month/%')
ON DUPLICATE KEY UPDATE archived = COALESCE(archived, 0) + :by;

-- name: correct
-- Changes nothing if somebody else has corrected the counter since it was compared with the records.
UPDATE redeemable_counters SET used = CASE WHEN parts IS NULL THEN used + :by ELSE 0 END, corrected = :corrected + 1
WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)) AND COALESCE(corrected, 0) = :corrected
  AND (parts IS NOT NULL OR used + :by >= 0);

-- name: first_correct
-- The counter is missing. Fails with error 1062 if it is not.
INSERT INTO redeemable_counters (hash, `key`, used, corrected)
SELECT UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)), CONVERT(:key USING utf8mb4), :by, 1 FROM DUAL
WHERE :corrected = 0 AND :by >= 0;

-- name: forget
DELETE FROM redeemable_counters
WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)) AND used = 0 AND COALESCE(archived, 0) = 0 AND parts IS NULL;

-- name: erase
DELETE FROM redeemable_persons WHERE person = LEFT(UNHEX(:hash), 8) AND id = CONVERT(:id USING utf8mb4);

-- name: charge
-- Every use of a counter but the first. The condition is judged on the row that the statement has locked, at every
-- isolation level. If it changes no row, the counter is split, full or, as `first_charge` finds out, missing.
UPDATE redeemable_counters SET used = used + :by
WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)) AND parts IS NULL
  AND (:at_most IS NULL OR used + :by <= :at_most);

-- name: first_charge
-- The first use. Fails with error 1062 if there is such a counter: it is full, or somebody else was faster.
INSERT INTO redeemable_counters (hash, `key`, used)
SELECT UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)), CONVERT(:key USING utf8mb4), :by FROM DUAL
WHERE :at_most IS NULL OR :by <= :at_most;

-- name: give_back
-- If it changes no row, the counter is split or missing, or holds less than is given back.
UPDATE redeemable_counters SET used = used + :by
WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)) AND parts IS NULL AND used + :by >= 0;

-- name: drifts
-- Whether the counter holds less than is given back. The counter of a day, week or month may have been pruned: then it
-- is missing, which is no drift. The row stays locked until `clamp` has changed it.
SELECT COALESCE(
  MAX(used),
  CASE WHEN CONVERT(:key USING utf8mb4) LIKE 'code/%/day/%' OR CONVERT(:key USING utf8mb4) LIKE 'code/%/week/%'
    OR CONVERT(:key USING utf8mb4) LIKE 'code/%/month/%' THEN 0 - :by ELSE 0 END
) + :by < 0 AS drifts, MAX(parts) AS parts FROM redeemable_counters
WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)) FOR UPDATE;

-- name: clamp
UPDATE redeemable_counters SET corrected = CASE WHEN used + :by < 0 THEN COALESCE(corrected, 0) + 1 ELSE corrected END,
  used = GREATEST(0, used + :by)
WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256));

-- name: parts
-- Into how many parts the counter is split.
SELECT parts FROM redeemable_counters WHERE hash = UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256));

-- name: fits, within other statements
-- Whether a part of a split counter has room for a charge, or holds what is given back.
CASE WHEN :by < 0 THEN used + :by >= 0 WHEN cap IS NULL THEN :at_most IS NULL
  ELSE used + :by <= cap AND (:at_most IS NULL OR bound <= :at_most) END;

-- name: free_part
-- The first part that fits and that nobody else has locked. In a Galera cluster, each node has an auto_increment_offset
-- of its own: so nodes begin at different parts, and two rarely change the same one, which would be a conflict.
SELECT part FROM redeemable_parts
WHERE hash = UNHEX(:hash) AND part >= FLOOR(:parts * ((@@auto_increment_offset - 1) MOD @@auto_increment_increment
    + :random / 1000000) / @@auto_increment_increment) AND {fits}
ORDER BY part LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: some_part
-- A part that fits, to wait for.
SELECT part FROM redeemable_parts WHERE hash = UNHEX(:hash) AND {fits} ORDER BY RAND() LIMIT 1;

-- name: add_to_part
UPDATE redeemable_parts SET used = used + :by WHERE hash = UNHEX(:hash) AND part = :part AND {fits};

-- name: lock_counter
SELECT used, parts FROM redeemable_counters WHERE hash = UNHEX(:hash) FOR UPDATE;

-- name: lock_parts
SELECT used, bound FROM redeemable_parts WHERE hash = UNHEX(:hash) ORDER BY part FOR UPDATE;

-- name: share
-- Shares the uses and the limit `bound` out among all parts, which are locked.
UPDATE redeemable_parts SET used = :sum DIV :parts + (part < :sum MOD :parts),
  cap = :bound DIV :parts + (part < :bound MOD :parts), bound = :bound
WHERE hash = UNHEX(:hash);

-- name: note_drift
UPDATE redeemable_counters SET corrected = COALESCE(corrected, 0) + 1 WHERE hash = UNHEX(:hash);

-- name: make_counter
INSERT INTO redeemable_counters (hash, `key`, used)
VALUES (UNHEX(SHA2(CONVERT(:key USING utf8mb4), 256)), CONVERT(:key USING utf8mb4), 0)
ON DUPLICATE KEY UPDATE used = used;

-- name: set_parts
UPDATE redeemable_counters SET used = :used, parts = :parts WHERE hash = UNHEX(:hash);

-- name: make_parts
INSERT INTO redeemable_parts (hash, part, used)
SELECT UNHEX(:hash), asked.part, CASE asked.part WHEN 0 THEN :used ELSE 0 END
FROM JSON_TABLE(CONVERT(:numbers USING utf8mb4), '$[*]' COLUMNS (part INT PATH '$')) AS asked;

-- name: drop_parts
DELETE FROM redeemable_parts WHERE hash = UNHEX(:hash);

-- name: spending
-- The counters of what a code or a pool has taken off, in each currency. `prefix` is their key up to the currency.
SELECT CAST(`key` AS BINARY) AS `key` FROM redeemable_counters
WHERE LEFT(`key`, CHAR_LENGTH(CONVERT(:prefix USING utf8mb4)) + 1)
  = CONCAT(CONVERT(:prefix USING utf8mb4), '/') COLLATE utf8mb4_bin
ORDER BY 1;

-- name: differences
-- The counters that differ from what the records, live and archived, hold of them, by key, as of one moment.
SELECT CAST(MIN(`key`) AS BINARY) AS `key`, CAST(SUM(used) AS BINARY) AS used, CAST(SUM(must) AS BINARY) AS must,
  CAST(MAX(corrected) AS BINARY) AS corrected
FROM (
  SELECT hash, `key`, used, COALESCE(archived, 0) AS must, COALESCE(corrected, 0) AS corrected FROM redeemable_counters
  UNION ALL SELECT part.hash, counter.`key`, part.used, 0, 0 FROM redeemable_parts AS part
    JOIN redeemable_counters AS counter ON counter.hash = part.hash
  UNION ALL SELECT UNHEX(SHA2(charge.name, 256)), charge.name, 0, COALESCE(charge.held, charge.amount), 0
  FROM redeemable_redemptions, JSON_TABLE(document, '$.charges[*]' COLUMNS (
    name LONGTEXT CHARACTER SET utf8mb4 PATH '$.key', held BIGINT PATH '$.held', amount BIGINT PATH '$.amount'
  )) AS charge
) AS counted
GROUP BY hash
HAVING SUM(used) <> SUM(must) AND CAST(MIN(`key`) AS BINARY) > CAST(CONVERT(:after USING utf8mb4) AS BINARY)
ORDER BY 1 LIMIT :limit;

-- name: person
-- Every record that names this person.
SELECT CAST(record.document AS BINARY) AS document, 0 AS archived
FROM redeemable_persons AS named JOIN redeemable_redemptions AS record ON record.id = named.id
WHERE named.person = LEFT(UNHEX(:hash), 8)
UNION ALL SELECT CAST(record.document AS BINARY), 1
FROM redeemable_persons AS named JOIN redeemable_archive AS record ON record.id = named.id
WHERE named.person = LEFT(UNHEX(:hash), 8);

-- name: old
-- The next records that may be archived: those that are not held.
SELECT CAST(document AS BINARY) AS document FROM redeemable_redemptions
WHERE id > CONVERT(:after USING utf8mb4) AND state <> 'held'
  AND (:event_id IS NULL OR event_id = CONVERT(:event_id USING utf8mb4) COLLATE utf8mb4_bin)
  AND (:before_ms IS NULL OR CAST(JSON_VALUE(document, '$.created_at_ms') AS SIGNED) < :before_ms)
ORDER BY id LIMIT :limit;

-- name: periods
-- The counters of days, weeks and months, for `prune`, in the order of the index.
SELECT CAST(`key` AS BINARY) AS `key` FROM redeemable_counters
WHERE (:after = '' OR hash > UNHEX(SHA2(CONVERT(:after USING utf8mb4), 256)))
  AND (`key` LIKE 'code/%/day/%' OR `key` LIKE 'code/%/week/%' OR `key` LIKE 'code/%/month/%')
ORDER BY hash LIMIT 500;

-- name: prune
-- Locks these counters alone. DELETE … WHERE … IN (SELECT …) would read, and wait for, every counter.
DELETE counter, part FROM JSON_TABLE(
  CONVERT(:hashes USING utf8mb4), '$[*]' COLUMNS (hash CHAR(64) CHARACTER SET ascii PATH '$')) AS asked
STRAIGHT_JOIN redeemable_counters AS counter FORCE INDEX (PRIMARY) ON counter.hash = UNHEX(asked.hash)
LEFT JOIN redeemable_parts AS part ON part.hash = counter.hash;

-- name: page
-- The archive, too.
(SELECT CAST(id AS BINARY) AS id, CAST(document AS BINARY) AS document FROM redeemable_redemptions
WHERE id > CONVERT(:after USING utf8mb4) ORDER BY redeemable_redemptions.id LIMIT 500)
UNION ALL
(SELECT CAST(id AS BINARY), CAST(document AS BINARY) FROM redeemable_archive
WHERE id > CONVERT(:after USING utf8mb4) ORDER BY redeemable_archive.id LIMIT 500)
ORDER BY id LIMIT 500;

-- name: counters
-- One row each. As one JSON object, a million counters would be longer than max_allowed_packet.
SELECT CAST(`key` AS BINARY) AS `key`, CAST({total} AS BINARY) AS used FROM redeemable_counters AS counter;

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
-- Before a transaction that writes: each statement sees everything that was committed before it began. REPEATABLE READ,
-- which is the default, would also lock the gaps between rows: two buyers who each make a new counter would deadlock.
SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE;

-- name: begin
START TRANSACTION;

-- name: changed, in JavaScript alone: there a store over an object-relational mapper gets rows and no numbers
-- How many rows the statement before has changed.
SELECT ROW_COUNT() AS changed;

-- name: settings
-- The settings under which a single SELECT would not see one moment, or would not see what another node has stored. The
-- databases name one of them differently, and some have no wsrep. (In Python a read says what it sees: `one_moment`.)
SHOW SESSION VARIABLES
WHERE Variable_name IN ('autocommit', 'transaction_isolation', 'tx_isolation', 'wsrep_on', 'wsrep_sync_wait');
