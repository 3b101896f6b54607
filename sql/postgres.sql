-- The two tables of a host on PostgreSQL, and the function that executes a plan.
-- A host runs this script at every start, as the tables' owner. Tables that exist are neither locked nor replaced.
-- Run it as one transaction: the lock lasts until the transaction ends, so hosts that start together wait for each
-- other.
-- The answer is cast, because some libraries read no value of the type void.
SELECT CAST(pg_advisory_xact_lock(hashtext('redeemable_migration')) AS text);
DO $migration$
DECLARE
  -- A host with an older package does not replace a newer function.
  version constant integer := 3;
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
    -- A sweep reads this index: the holds, oldest expiry first.
    CREATE INDEX redeemable_holds ON redeemable_redemptions (expires_at_ms) WHERE state = 'held';
  END IF;
  IF to_regclass('redeemable_counters') IS NULL THEN
    CREATE TABLE redeemable_counters (
      key text COLLATE "C" PRIMARY KEY,
      used bigint NOT NULL CHECK (used >= 0)
    );
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
          IF NOT FOUND THEN
            RAISE EXCEPTION 'redemption % exists', record ->> 'id' USING ERRCODE = 'RDM01';
          END IF;
        WHEN 'update' THEN
          UPDATE redeemable_redemptions
          SET revision = (record ->> 'revision')::bigint, state = record ->> 'state', event_id = record ->> 'event_id',
            expires_at_ms = (record ->> 'expires_at_ms')::bigint, document = record
          WHERE id = op ->> 'id' AND revision = (op ->> 'revision')::bigint;
          IF NOT FOUND THEN
            RAISE EXCEPTION 'redemption % has another revision', op ->> 'id' USING ERRCODE = 'RDM01';
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
            UPDATE redeemable_counters SET used = GREATEST(0, used + step) WHERE key = op ->> 'key';
          END IF;
        ELSE
          RAISE EXCEPTION 'unknown operation %', op ->> 'op';
        END CASE;
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
