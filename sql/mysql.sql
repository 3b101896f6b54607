-- The two tables of a host on MariaDB or MySQL. A host runs this script at every start; tables that exist stay as they
-- are. Each statement commits by itself, as every CREATE does on these databases.
-- Ids are stored as bytes (UTF-8): every collation that both databases have takes some texts that differ for the same,
-- for example "a" and "a " with a blank.
CREATE TABLE IF NOT EXISTS redeemable_redemptions (
  id VARBINARY(1024) PRIMARY KEY,
  revision BIGINT NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii NOT NULL,
  event_id TEXT CHARACTER SET utf8mb4 NOT NULL,
  expires_at_ms BIGINT,
  document LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  -- A sweep reads this index: the holds, oldest expiry first.
  KEY redeemable_holds (state, expires_at_ms)
) ENGINE = InnoDB;
-- A key may be longer than the 3072 bytes that an index takes. So a counter is found by the SHA-256 of its key.
CREATE TABLE IF NOT EXISTS redeemable_counters (
  hash BINARY(32) PRIMARY KEY,
  `key` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  used BIGINT NOT NULL CHECK (used >= 0)
) ENGINE = InnoDB;
