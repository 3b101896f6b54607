ALTER TABLE redeemable_redemptions
  ADD COLUMN tenant text COLLATE "C" NOT NULL DEFAULT NULLIF(current_setting('shop.tenant', true), ''),
  DROP CONSTRAINT redeemable_redemptions_pkey, ADD PRIMARY KEY (tenant, id);
ALTER TABLE redeemable_counters
  ADD COLUMN tenant text COLLATE "C" NOT NULL DEFAULT NULLIF(current_setting('shop.tenant', true), ''),
  DROP CONSTRAINT redeemable_counters_pkey, ADD PRIMARY KEY (tenant, key);
ALTER TABLE redeemable_redemptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE redeemable_redemptions FORCE ROW LEVEL SECURITY;
ALTER TABLE redeemable_counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE redeemable_counters FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON redeemable_redemptions USING (tenant = current_setting('shop.tenant', true));
CREATE POLICY tenant ON redeemable_counters USING (tenant = current_setting('shop.tenant', true));

-- Sets the tenant for this transaction. A superuser, or a role with BYPASSRLS, would see and change all tenants' rows.
CREATE FUNCTION set_tenant(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT row_security_active('redeemable_counters') OR NOT row_security_active('redeemable_redemptions') THEN
    RAISE EXCEPTION 'row-level security does not bind the role %', current_user;
  END IF;
  PERFORM set_config('shop.tenant', name, true);
END
$$;
