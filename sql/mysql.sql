-- The tables of a host on MariaDB or MySQL. A host runs this script at every start; tables that exist stay as they
-- are. Each statement commits by itself, as every CREATE does on these databases.
-- Ids are stored as bytes (UTF-8): every collation that both databases have takes some texts that differ for the same,
-- for example "a" and "a " with a blank.
CREATE TABLE IF NOT EXISTS redeemable_redemptions (
  id VARBINARY(1024) PRIMARY KEY,
  revision BIGINT NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii NOT NULL,
  event_id TEXT CHARACTER SET utf8mb4 NOT NULL,
  expires_at_ms BIGINT,
  document LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
) ENGINE = InnoDB;
-- A key may be longer than the 3072 bytes that an index takes. So a counter is found by the SHA-256 of its key.
CREATE TABLE IF NOT EXISTS redeemable_counters (
  hash BINARY(32) PRIMARY KEY,
  `key` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  used BIGINT NOT NULL CHECK (used >= 0),
  -- What archived records hold of the counter; how often `used` was corrected, or more was given back than it held; and
  -- into how many rows of redeemable_parts it is split. NULL is nothing, never, and not at all.
  archived BIGINT,
  corrected BIGINT,
  parts INT
) ENGINE = InnoDB;
-- A row for each counter of which a held record holds something, but not for the money of a code without a budget; and
-- one for each held record, with the key ''. A key or a person is stored as the first 8 bytes of its SHA-256.
CREATE TABLE IF NOT EXISTS redeemable_held (
  `key` BINARY(8),
  expires_at_ms BIGINT,
  id VARBINARY(1024),
  PRIMARY KEY (`key`, expires_at_ms, id),
  KEY redeemable_held_by (id)
) ENGINE = InnoDB;
-- Which records name a person, archived ones too.
CREATE TABLE IF NOT EXISTS redeemable_persons (
  person BINARY(8),
  id VARBINARY(1024),
  PRIMARY KEY (person, id)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS redeemable_archive (
  id VARBINARY(1024) PRIMARY KEY,
  revision BIGINT NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii NOT NULL,
  event_id TEXT CHARACTER SET utf8mb4 NOT NULL,
  document LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
) ENGINE = InnoDB;
-- The parts of a split counter. A row may give `cap` uses, its share of the limit `bound`.
CREATE TABLE IF NOT EXISTS redeemable_parts (
  hash BINARY(32),
  part INT,
  used BIGINT NOT NULL CHECK (used >= 0),
  cap BIGINT,
  bound BIGINT,
  PRIMARY KEY (hash, part)
) ENGINE = InnoDB;
