-- The tables of a host on SQLite. A host runs this script at every start; tables that exist stay as they are.
CREATE TABLE IF NOT EXISTS redeemable_redemptions (
  id TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  state TEXT NOT NULL,
  event_id TEXT NOT NULL,
  expires_at_ms INTEGER,
  document TEXT NOT NULL CHECK (json_valid(document))
);
-- `archived` is what archived records hold of the counter. `corrected` says how often `used` was corrected, or more was
-- given back than it held. NULL is 0 in both.
CREATE TABLE IF NOT EXISTS redeemable_counters (
  key TEXT PRIMARY KEY,
  used INTEGER NOT NULL CHECK (used >= 0),
  archived INTEGER,
  corrected INTEGER
) WITHOUT ROWID;
-- A row for each counter of which a held record holds something, and one for each held record, with the key ''.
CREATE TABLE IF NOT EXISTS redeemable_held (
  key TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (key, expires_at_ms, id)
) WITHOUT ROWID;
-- Which records name a person, archived ones too.
CREATE TABLE IF NOT EXISTS redeemable_persons (
  person TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (person, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS redeemable_archive (
  id TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  state TEXT NOT NULL,
  event_id TEXT NOT NULL,
  document TEXT NOT NULL
);
-- The triggers keep redeemable_held and redeemable_persons.
CREATE TRIGGER IF NOT EXISTS redeemable_deleted AFTER DELETE ON redeemable_redemptions WHEN OLD.state = 'held' BEGIN
  DELETE FROM redeemable_held WHERE expires_at_ms = OLD.expires_at_ms AND id = OLD.id AND key IN (
    SELECT json_extract(charge.value, '$.key') FROM json_each(OLD.document, '$.charges') AS charge UNION ALL SELECT '');
END;
CREATE TRIGGER IF NOT EXISTS redeemable_inserted AFTER INSERT ON redeemable_redemptions BEGIN
  INSERT INTO redeemable_persons (person, id)
  SELECT person.value, NEW.id FROM json_each(NEW.document, '$.identities') AS person WHERE true
  ON CONFLICT DO NOTHING;
  INSERT INTO redeemable_held (key, expires_at_ms, id)
  SELECT json_extract(charge.value, '$.key'), NEW.expires_at_ms, NEW.id
  FROM json_each(NEW.document, '$.charges') AS charge
  WHERE NEW.state = 'held'
    AND COALESCE(json_extract(charge.value, '$.held'), json_extract(charge.value, '$.amount')) > 0
  UNION SELECT '', NEW.expires_at_ms, NEW.id WHERE NEW.state = 'held';
END;
CREATE TRIGGER IF NOT EXISTS redeemable_updated AFTER UPDATE ON redeemable_redemptions
WHEN OLD.state = 'held' OR NEW.state = 'held' BEGIN
  DELETE FROM redeemable_held
  WHERE OLD.state = 'held' AND expires_at_ms = OLD.expires_at_ms AND id = OLD.id AND key IN (
    SELECT json_extract(charge.value, '$.key') FROM json_each(OLD.document, '$.charges') AS charge UNION ALL SELECT '');
  INSERT INTO redeemable_held (key, expires_at_ms, id)
  SELECT json_extract(charge.value, '$.key'), NEW.expires_at_ms, NEW.id
  FROM json_each(NEW.document, '$.charges') AS charge
  WHERE NEW.state = 'held'
    AND COALESCE(json_extract(charge.value, '$.held'), json_extract(charge.value, '$.amount')) > 0
  UNION SELECT '', NEW.expires_at_ms, NEW.id WHERE NEW.state = 'held';
  -- A record's persons change only while it is held.
  DELETE FROM redeemable_persons
  WHERE NEW.state = 'held' AND id = NEW.id
    AND person IN (SELECT value FROM json_each(OLD.document, '$.identities'))
    AND person NOT IN (SELECT value FROM json_each(NEW.document, '$.identities'));
  INSERT INTO redeemable_persons (person, id)
  SELECT person.value, NEW.id FROM json_each(NEW.document, '$.identities') AS person WHERE NEW.state = 'held'
  ON CONFLICT DO NOTHING;
END;
