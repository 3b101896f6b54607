-- The two tables of a host on SQLite. A host runs this script at every start; tables that exist stay as they are.
CREATE TABLE IF NOT EXISTS redeemable_redemptions (
  id TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  state TEXT NOT NULL,
  event_id TEXT NOT NULL,
  expires_at_ms INTEGER,
  document TEXT NOT NULL CHECK (json_valid(document))
);
-- A sweep reads this index: the holds, oldest expiry first.
CREATE INDEX IF NOT EXISTS redeemable_holds ON redeemable_redemptions (expires_at_ms) WHERE state = 'held';
CREATE TABLE IF NOT EXISTS redeemable_counters (
  key TEXT PRIMARY KEY,
  used INTEGER NOT NULL CHECK (used >= 0)
) WITHOUT ROWID;
