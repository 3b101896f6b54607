-- The two tables of a host on SQLite. Idempotent: a host runs it at every start.
CREATE TABLE IF NOT EXISTS redeemable_redemptions (
  id TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  state TEXT NOT NULL,
  event_id TEXT NOT NULL,
  expires_at_ms INTEGER,
  document TEXT NOT NULL CHECK (json_valid(document))
);
-- What a sweep reads: the holds, oldest expiry first.
CREATE INDEX IF NOT EXISTS redeemable_holds ON redeemable_redemptions (expires_at_ms) WHERE state = 'held';
CREATE TABLE IF NOT EXISTS redeemable_counters (
  key TEXT PRIMARY KEY,
  used INTEGER NOT NULL CHECK (used >= 0)
) WITHOUT ROWID;
