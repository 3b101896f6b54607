-- The tables of a host on PostgreSQL, and the function that executes a plan.
-- A host runs this script at every start, as the tables' owner. Tables that exist are neither locked nor replaced.
-- Run it as one transaction: the lock lasts until the transaction ends, so hosts that start together wait for each
-- other.
-- The answer is cast, because some libraries read no value of the type void.
SELECT CAST(pg_advisory_xact_lock(hashtext('redeemable_migration')) AS text);
DO $migration$
DECLARE
  -- A host with an older package does not replace a newer function.
  version constant integer := 5;
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
  -- A row for each counter of which a held record holds something, but not for the money of a code without a budget;
  -- and one for each held record, with the key ''. A key or a person is stored as the first 8 bytes of its SHA-256: an
  -- index takes no text longer than 2 700 bytes.
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
    -- A split counter. Each part may hold at most `cap` uses, and the caps add up to `bound`, a limit that a charge was
    -- judged by. So whoever adds to one part below its cap need not look at the others: together they stay within it.
    -- Whether a part has room for a charge under the limit `at_most`, or holds what is given back.
    CREATE OR REPLACE FUNCTION redeemable_fits(step bigint, at_most bigint, used bigint, cap bigint, bound bigint)
    RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE WHEN step < 0 THEN used + step >= 0
        WHEN cap IS NULL THEN at_most IS NULL
        ELSE used + step <= cap AND (at_most IS NULL OR bound <= at_most) END
    $$;
    -- Adds to the sum of all parts and shares it out anew, for the limit `at_most`. Returns the sum; if it is below 0,
    -- 0 is stored. The caller has locked the counter's row: so all parts are here, and nobody else does the same.
    CREATE OR REPLACE FUNCTION redeemable_share(name text, n integer, step bigint, at_most bigint)
    RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
      total bigint;
      kept bigint;
    BEGIN
      SELECT sum(used) + step INTO total
      FROM (SELECT used FROM redeemable_parts WHERE key = name ORDER BY part FOR UPDATE) AS locked;
      kept := GREATEST(total, 0);
      UPDATE redeemable_parts SET bound = at_most,
        used = kept / n + CASE WHEN part < kept % n THEN 1 ELSE 0 END,
        cap = at_most / n + CASE WHEN part < at_most % n THEN 1 ELSE 0 END
      WHERE key = name;
      RETURN total;
    END
    $$;
    -- Adds to a split counter. Returns false if it held less than is given back. `again`: this plan has locked a part
    -- of it already, so it waits for nobody who may wait for that part.
    CREATE OR REPLACE FUNCTION redeemable_add(name text, step bigint, at_most bigint, again boolean)
    RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE
      chosen integer;
      n integer;
      total bigint;
    BEGIN
      -- First any part that nobody else has locked; then, if all with room are locked, one to wait for.
      FOR attempt IN 1 .. CASE WHEN again THEN 1 ELSE 2 END LOOP
        BEGIN
          IF attempt = 1 THEN
            SELECT part INTO chosen FROM redeemable_parts
            WHERE key = name AND redeemable_fits(step, at_most, used, cap, bound)
            ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED;
          ELSE
            SELECT part INTO chosen FROM redeemable_parts
            WHERE key = name AND redeemable_fits(step, at_most, used, cap, bound) ORDER BY random() LIMIT 1;
          END IF;
          UPDATE redeemable_parts SET used = used + step
          WHERE key = name AND part = chosen AND redeemable_fits(step, at_most, used, cap, bound);
          IF FOUND THEN
            RETURN true;
          END IF;
          -- PostgreSQL may have locked parts that turned out to be full: this lets go of them.
          RAISE EXCEPTION USING ERRCODE = 'RDM02';
        EXCEPTION WHEN SQLSTATE 'RDM02' THEN
          NULL;
        END;
      END LOOP;
      -- No part has enough by itself, or the limit is another one: all parts together.
      IF again THEN
        SELECT parts INTO n FROM redeemable_counters WHERE key = name FOR UPDATE SKIP LOCKED;
      ELSE
        SELECT parts INTO n FROM redeemable_counters WHERE key = name FOR UPDATE;
      END IF;
      IF n IS NOT NULL THEN
        total := redeemable_share(name, n, step, CASE WHEN step > 0 THEN at_most
          ELSE (SELECT max(bound) FROM redeemable_parts WHERE key = name) END);
      END IF;
      IF n IS NULL OR step > 0 AND total > at_most THEN
        RAISE EXCEPTION 'counter % would exceed its limit, or its parts are locked', name USING ERRCODE = 'RDM01';
      END IF;
      IF total < 0 THEN
        UPDATE redeemable_counters SET corrected = COALESCE(corrected, 0) + 1 WHERE key = name;
      END IF;
      RETURN total >= 0;
    END
    $$;
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
      n integer;
      -- Whether the record names others than before.
      names boolean;
      -- The split counters of which this plan has changed a part.
      parted text[] := '{}';
      timeout text;
      drifted text[] := '{}';
    BEGIN
      FOR op IN SELECT value FROM json_array_elements(ops) LOOP
        record := op -> 'redemption';
        names := op ->> 'op' = 'insert';
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
          -- An order that is placed anew may name others than before.
          names := (record -> 'identities')::text IS DISTINCT FROM (was.document -> 'identities')::text;
          IF names THEN
            DELETE FROM redeemable_persons WHERE id = op ->> 'id' AND person = ANY (ARRAY(
              SELECT substr(sha256(convert_to(named, 'UTF8')), 1, 8)
              FROM json_array_elements_text(was.document -> 'identities') AS named));
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
          -- Both ways into the table are guarded: a counter's first use by the INSERT, every later one by the UPDATE.
          -- No statement names the columns of the primary key: a host may have added one, for its tenants.
          UPDATE redeemable_counters SET used = used + step
          WHERE key = op ->> 'key' AND parts IS NULL AND used + step >= 0
            AND (step < 0 OR bound IS NULL OR used + step <= bound);
          IF NOT FOUND AND step > 0 THEN
            INSERT INTO redeemable_counters (key, used)
            SELECT op ->> 'key', step WHERE bound IS NULL OR step <= bound
            ON CONFLICT DO NOTHING;
          END IF;
          IF NOT FOUND THEN
            SELECT parts INTO n FROM redeemable_counters WHERE key = op ->> 'key';
            IF n IS NOT NULL THEN
              IF NOT redeemable_add(op ->> 'key', step, bound, op ->> 'key' = ANY (parted)) THEN
                drifted := drifted || (op ->> 'key');
              END IF;
              parted := parted || (op ->> 'key');
            ELSIF step > 0 THEN
              RAISE EXCEPTION 'counter % would exceed its limit', op ->> 'key' USING ERRCODE = 'RDM01';
            ELSE
              SELECT used, parts INTO held, n FROM redeemable_counters WHERE key = op ->> 'key' FOR UPDATE;
              IF n IS NOT NULL THEN
                RAISE EXCEPTION 'counter % was split meanwhile', op ->> 'key' USING ERRCODE = 'RDM01';
              END IF;
              -- The counter of a day, week or month may have been pruned: then it is missing, which is no drift.
              IF COALESCE(held, 0) + step < 0
                  AND (held IS NOT NULL OR op ->> 'key' !~ '^code/[^/]+/(day|week|month)/') THEN
                drifted := drifted || (op ->> 'key');
              END IF;
              UPDATE redeemable_counters SET used = GREATEST(0, used + step),
                corrected = CASE WHEN used + step < 0 THEN COALESCE(corrected, 0) + 1 ELSE corrected END
              WHERE key = op ->> 'key';
            END IF;
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
          UPDATE redeemable_counters
          SET used = CASE WHEN parts IS NULL THEN used + step ELSE 0 END, corrected = bound + 1
          WHERE key = op ->> 'key' AND COALESCE(corrected, 0) = bound AND (parts IS NOT NULL OR used + step >= 0)
          RETURNING parts INTO n;
          IF FOUND AND n IS NOT NULL THEN
            IF redeemable_share(op ->> 'key', n, step,
                (SELECT max(part.bound) FROM redeemable_parts AS part WHERE key = op ->> 'key')) < 0 THEN
              RAISE EXCEPTION 'counter % holds less', op ->> 'key' USING ERRCODE = 'RDM01';
            END IF;
          ELSIF NOT FOUND THEN
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
        WHEN 'split' THEN
          INSERT INTO redeemable_counters (key, used) VALUES (op ->> 'key', 0) ON CONFLICT DO NOTHING;
          SELECT used INTO held FROM redeemable_counters WHERE key = op ->> 'key' FOR UPDATE;
          WITH gone AS (DELETE FROM redeemable_parts WHERE key = op ->> 'key' RETURNING used)
          SELECT held + COALESCE(sum(used), 0) INTO held FROM gone;
          n := (op ->> 'parts')::integer;
          UPDATE redeemable_counters SET used = CASE n WHEN 1 THEN held ELSE 0 END, parts = NULLIF(n, 1)
          WHERE key = op ->> 'key';
          -- The first charge makes the caps.
          INSERT INTO redeemable_parts (key, part, used)
          SELECT op ->> 'key', part, CASE part WHEN 0 THEN held ELSE 0 END FROM generate_series(0, n - 1) AS part
          WHERE n > 1;
        WHEN 'forget' THEN
          IF EXISTS (SELECT FROM redeemable_counters WHERE key = op ->> 'key' AND parts IS NOT NULL) THEN
            PERFORM redeemable_commit(
              json_build_array(json_build_object('op', 'split', 'key', op ->> 'key', 'parts', 1)));
          END IF;
          DELETE FROM redeemable_counters
          WHERE key = op ->> 'key' AND used = 0 AND COALESCE(archived, 0) = 0 AND parts IS NULL;
        WHEN 'wait' THEN
          -- How long this call waits for a lock. A smaller setting of the host's stays.
          timeout := COALESCE(timeout, current_setting('lock_timeout'));
          IF current_setting('lock_timeout')::interval NOT BETWEEN '1 ms' AND ((op ->> 'ms') || ' ms')::interval THEN
            PERFORM set_config('lock_timeout', op ->> 'ms', true);
          END IF;
        ELSE
          RAISE EXCEPTION 'unknown operation %', op ->> 'op';
        END CASE;
        IF record ->> 'state' = 'held' THEN
          INSERT INTO redeemable_held (key, expires_at_ms, id)
          SELECT substr(sha256(convert_to(key, 'UTF8')), 1, 8), (record ->> 'expires_at_ms')::bigint, record ->> 'id'
          FROM json_to_recordset(record -> 'charges') AS charge(key text, "limit" bigint, held bigint, amount bigint)
          WHERE ("limit" IS NOT NULL OR key NOT LIKE '%/spend/%') AND COALESCE(charge.held, amount) > 0
          UNION SELECT ''::bytea, (record ->> 'expires_at_ms')::bigint, record ->> 'id'
          -- Rows may be left of a record that somebody has deleted by hand.
          ON CONFLICT DO NOTHING;
        END IF;
        IF names THEN
          INSERT INTO redeemable_persons (person, id)
          SELECT substr(sha256(convert_to(person, 'UTF8')), 1, 8), record ->> 'id'
          FROM json_array_elements_text(record -> 'identities') AS person ON CONFLICT DO NOTHING;
        END IF;
      END LOOP;
      -- The host's own statements wait as the host has said.
      IF timeout IS NOT NULL THEN
        PERFORM set_config('lock_timeout', timeout, true);
      END IF;
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
