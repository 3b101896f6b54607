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
-- A row for each counter of which a held record holds something, but not for the money of a code without a budget; and
-- one for each held record, with the key ''.
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
