-- The tables of a host on PostgreSQL, and the function that executes a plan.
-- A host runs this script at every start, as the tables' owner. Tables that exist are neither locked nor replaced.
-- Run it as one transaction: the lock lasts until the transaction ends, so hosts that start together wait for each
-- other.
-- The answer is cast, because some libraries read no value of the type void.
SELECT CAST(pg_advisory_xact_lock(hashtext('redeemable_migration')) AS text);
DO $migration$
DECLARE
  -- A host with an older package does not replace a newer function.
  version constant integer := 4;
  present integer;
  -- The option `schema` of a store: the kit writes the name here.
  named constant text := NULL;
  target constant text := COALESCE(named, current_schema());
  path constant text := current_setting('search_path');
  elsewhere text;
BEGIN
  IF target IS NULL THEN
    RAISE EXCEPTION 'expected a schema for the tables: search_path (%) names none that exists', path;
  END IF;
  -- The statements of a store without a named schema would find these tables: two tenants would share their counters.
  SELECT nspname INTO elsewhere FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
  WHERE pg_class.oid IN (to_regclass('redeemable_redemptions'), to_regclass('redeemable_counters'))
    AND nspname <> target AND named IS NULL LIMIT 1;
  IF elsewhere IS NOT NULL THEN
    RAISE EXCEPTION 'the tables are in the schema %, and search_path (%) would make new ones in %',
      elsewhere, path, target
      USING HINT = 'Name one of the two by the option `schema` of the store.';
  END IF;
  IF to_regnamespace(quote_ident(target)) IS NULL THEN
    EXECUTE format('CREATE SCHEMA %I', target);
  END IF;
  -- From here on, names mean what is in this schema. pg_temp stands last, otherwise it would be searched first.
  PERFORM set_config('search_path', format('%I, pg_temp', target), true);
  IF to_regclass('redeemable_redemptions') IS NULL THEN
    CREATE TABLE redeemable_redemptions (
      id text COLLATE "C" PRIMARY KEY,
      revision bigint NOT NULL,
      state text NOT NULL,
      event_id text NOT NULL,
      expires_at_ms bigint,
      document json NOT NULL
    );
  END IF;
  IF to_regclass('redeemable_counters') IS NULL THEN
    CREATE TABLE redeemable_counters (
      key text COLLATE "C" PRIMARY KEY,
      used bigint NOT NULL CHECK (used >= 0),
      -- What archived records hold of the counter. NULL is nothing.
      archived bigint,
      -- How often `used` was corrected, or more was given back than it held. NULL is never.
      corrected bigint,
      -- Into how many rows of redeemable_parts the counter is split. NULL is not at all.
      parts integer
    );
  END IF;
  -- A row for each counter of which a held record holds something, and one for each held record, with the key ''. A key
  -- or a person is stored as the first 8 bytes of its SHA-256: an index takes no longer text than 2 700 bytes.
  IF to_regclass('redeemable_held') IS NULL THEN
    CREATE TABLE redeemable_held (
      key bytea,
      expires_at_ms bigint,
      id text COLLATE "C",
      PRIMARY KEY (key, expires_at_ms, id)
    );
  END IF;
  -- Which records name a person, archived ones too.
  IF to_regclass('redeemable_persons') IS NULL THEN
    CREATE TABLE redeemable_persons (person bytea, id text COLLATE "C", PRIMARY KEY (person, id));
  END IF;
  IF to_regclass('redeemable_archive') IS NULL THEN
    CREATE TABLE redeemable_archive (
      id text COLLATE "C" PRIMARY KEY,
      revision bigint NOT NULL,
      state text NOT NULL,
      event_id text NOT NULL,
      document json NOT NULL
    );
  END IF;
  -- The parts of a split counter. A row may give `cap` uses, its share of the limit `bound`.
  IF to_regclass('redeemable_parts') IS NULL THEN
    CREATE TABLE redeemable_parts (
      key text COLLATE "C",
      part integer,
      used bigint NOT NULL CHECK (used >= 0),
      cap bigint,
      bound bigint,
      PRIMARY KEY (key, part)
    ) WITH (fillfactor = 50);
  END IF;
  present := substring(
    obj_description(to_regprocedure('redeemable_commit(json)'), 'pg_proc') FROM '^redeemable (\d+)$')::integer;
  IF COALESCE(present, 0) < version THEN
    -- Executes a plan, in the order given. An operation that does not fit any more raises RDM01, which undoes the plan.
    -- Returns the keys of counters from which more was given back than they held: they have drifted from the records.
    CREATE OR REPLACE FUNCTION redeemable_commit(ops json) RETURNS text[] LANGUAGE plpgsql AS $$
    DECLARE
      op json;
      record json;
      was record;
      step bigint;
      bound bigint;
      held bigint;
      drifted text[] := '{}';
    BEGIN
      FOR op IN SELECT value FROM json_array_elements(ops) LOOP
        record := op -> 'redemption';
        CASE op ->> 'op'
        WHEN 'insert' THEN
          INSERT INTO redeemable_redemptions (id, revision, state, event_id, expires_at_ms, document)
          VALUES (record ->> 'id', (record ->> 'revision')::bigint, record ->> 'state', record ->> 'event_id',
            (record ->> 'expires_at_ms')::bigint, record)
          ON CONFLICT DO NOTHING;
          IF NOT FOUND OR EXISTS (SELECT FROM redeemable_archive WHERE id = record ->> 'id') THEN
            RAISE EXCEPTION 'redemption % exists', record ->> 'id' USING ERRCODE = 'RDM01';
          END IF;
        WHEN 'update' THEN
          -- The revision says that this is the document which the UPDATE replaces.
          SELECT expires_at_ms, document INTO was FROM redeemable_redemptions
          WHERE id = op ->> 'id' AND revision = (op ->> 'revision')::bigint;
          UPDATE redeemable_redemptions
          SET revision = (record ->> 'revision')::bigint, state = record ->> 'state', event_id = record ->> 'event_id',
            expires_at_ms = (record ->> 'expires_at_ms')::bigint, document = record
          WHERE id = op ->> 'id' AND revision = (op ->> 'revision')::bigint;
          IF NOT FOUND THEN
            RAISE EXCEPTION 'redemption % has another revision', op ->> 'id' USING ERRCODE = 'RDM01';
          END IF;
          IF was.expires_at_ms IS NOT NULL THEN
            DELETE FROM redeemable_held WHERE expires_at_ms = was.expires_at_ms AND id = op ->> 'id'
              AND key = ANY (ARRAY(
                SELECT substr(sha256(convert_to(charge ->> 'key', 'UTF8')), 1, 8)
                FROM json_array_elements(was.document -> 'charges') AS charge) || ''::bytea);
          END IF;
        WHEN 'archive' THEN
          DELETE FROM redeemable_redemptions
          WHERE id = op ->> 'id' AND revision = (op ->> 'revision')::bigint AND state <> 'held'
          RETURNING id, revision, state, event_id, document INTO was;
          IF NOT FOUND THEN
            RAISE EXCEPTION 'redemption % cannot be archived', op ->> 'id' USING ERRCODE = 'RDM01';
          END IF;
          INSERT INTO redeemable_archive (id, revision, state, event_id, document)
          VALUES (was.id, was.revision, was.state, was.event_id, was.document);
        WHEN 'restore' THEN
          DELETE FROM redeemable_archive WHERE id = op ->> 'id'
          RETURNING id, revision, state, event_id, document INTO was;
          IF NOT FOUND THEN
            RAISE EXCEPTION 'redemption % is not in the archive', op ->> 'id' USING ERRCODE = 'RDM01';
          END IF;
          INSERT INTO redeemable_redemptions (id, revision, state, event_id, document)
          VALUES (was.id, was.revision, was.state, was.event_id, was.document);
        WHEN 'drop' THEN
          DELETE FROM redeemable_archive WHERE id = op ->> 'id';
          IF NOT FOUND THEN
            RAISE EXCEPTION 'redemption % is not in the archive', op ->> 'id' USING ERRCODE = 'RDM01';
          END IF;
        WHEN 'add' THEN
          step := (op ->> 'by')::bigint;
          bound := (op ->> 'at_most')::bigint;
          IF step > 0 THEN
            -- Both ways into the table are guarded: a counter's first use by the INSERT, every later one by the UPDATE.
            -- No statement names the columns of the primary key: a host may have added one, for its tenants.
            UPDATE redeemable_counters SET used = used + step
            WHERE key = op ->> 'key' AND (bound IS NULL OR used + step <= bound);
            IF NOT FOUND THEN
              INSERT INTO redeemable_counters (key, used)
              SELECT op ->> 'key', step WHERE bound IS NULL OR step <= bound
              ON CONFLICT DO NOTHING;
            END IF;
            IF NOT FOUND THEN
              RAISE EXCEPTION 'counter % would exceed its limit', op ->> 'key' USING ERRCODE = 'RDM01';
            END IF;
          ELSE
            SELECT used INTO held FROM redeemable_counters WHERE key = op ->> 'key' FOR UPDATE;
            -- The counter of a day, week or month may have been pruned: then it is missing, which is no drift.
            IF COALESCE(held, 0) + step < 0
                AND (held IS NOT NULL OR op ->> 'key' !~ '^code/[^/]+/(day|week|month)/') THEN
              drifted := drifted || (op ->> 'key');
            END IF;
            UPDATE redeemable_counters SET used = GREATEST(0, used + step),
              corrected = CASE WHEN used + step < 0 THEN COALESCE(corrected, 0) + 1 ELSE corrected END
            WHERE key = op ->> 'key';
          END IF;
        WHEN 'open' THEN
          step := (op ->> 'by')::bigint;
          UPDATE redeemable_counters SET archived = COALESCE(archived, 0) + step WHERE key = op ->> 'key';
          -- A counter that is missing is only made if it should be there: that of a period may have been pruned.
          IF NOT FOUND AND step > 0 AND op ->> 'key' !~ '^code/[^/]+/(day|week|month)/' THEN
            INSERT INTO redeemable_counters (key, used, archived) VALUES (op ->> 'key', 0, step) ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
              RAISE EXCEPTION 'counter % was made meanwhile', op ->> 'key' USING ERRCODE = 'RDM01';
            END IF;
          END IF;
        WHEN 'correct' THEN
          step := (op ->> 'by')::bigint;
          bound := (op ->> 'corrected')::bigint;
          UPDATE redeemable_counters SET used = used + step, corrected = bound + 1
          WHERE key = op ->> 'key' AND COALESCE(corrected, 0) = bound AND used + step >= 0;
          IF NOT FOUND THEN
            INSERT INTO redeemable_counters (key, used, corrected)
            SELECT op ->> 'key', step, 1 WHERE bound = 0 AND step >= 0 ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
              RAISE EXCEPTION 'counter % was corrected meanwhile', op ->> 'key' USING ERRCODE = 'RDM01';
            END IF;
          END IF;
        WHEN 'erase' THEN
          DELETE FROM redeemable_persons
          WHERE id = op ->> 'id' AND person = substr(sha256(convert_to(op ->> 'person', 'UTF8')), 1, 8);
          INSERT INTO redeemable_persons (person, id)
          SELECT substr(sha256(convert_to(op ->> 'erased', 'UTF8')), 1, 8), op ->> 'id'
          WHERE op ->> 'erased' IS NOT NULL ON CONFLICT DO NOTHING;
        WHEN 'forget' THEN
          DELETE FROM redeemable_counters
          WHERE key = op ->> 'key' AND used = 0 AND COALESCE(archived, 0) = 0 AND parts IS NULL;
        ELSE
          RAISE EXCEPTION 'unknown operation %', op ->> 'op';
        END CASE;
        IF record ->> 'state' = 'held' THEN
          INSERT INTO redeemable_held (key, expires_at_ms, id)
          SELECT substr(sha256(convert_to(key, 'UTF8')), 1, 8), (record ->> 'expires_at_ms')::bigint, record ->> 'id'
          FROM json_to_recordset(record -> 'charges') AS charge(key text, held bigint, amount bigint)
          WHERE COALESCE(charge.held, amount) > 0
          UNION SELECT ''::bytea, (record ->> 'expires_at_ms')::bigint, record ->> 'id'
          -- Rows may be left of a record that somebody has deleted by hand.
          ON CONFLICT DO NOTHING;
        END IF;
        -- A record's persons change only while it is held.
        IF op ->> 'op' = 'insert' OR record ->> 'state' = 'held' THEN
          INSERT INTO redeemable_persons (person, id)
          SELECT substr(sha256(convert_to(person, 'UTF8')), 1, 8), record ->> 'id'
          FROM json_array_elements_text(record -> 'identities') AS person ON CONFLICT DO NOTHING;
        END IF;
      END LOOP;
      RETURN drifted;
    END
    $$;
    EXECUTE format('COMMENT ON FUNCTION redeemable_commit(json) IS %L', 'redeemable ' || version);
    -- So the function finds its tables, whatever the search_path of its caller.
    EXECUTE format('ALTER FUNCTION redeemable_commit(json) SET search_path = %I, pg_temp', target);
  END IF;
  PERFORM set_config('search_path', path, true);
END
$migration$;
