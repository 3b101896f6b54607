DO $tenants$
DECLARE
  name text;
  keys text;
BEGIN
  FOR name, keys IN VALUES ('redemptions', 'id'), ('counters', 'key'), ('held', 'key, expires_at_ms, id'),
    ('persons', 'person, id'), ('archive', 'id'), ('parts', 'key, part')
  LOOP
    EXECUTE format($alter$
      ALTER TABLE redeemable_%1$s
        ADD COLUMN tenant text COLLATE "C" NOT NULL DEFAULT NULLIF(current_setting('shop.tenant', true), ''),
        DROP CONSTRAINT redeemable_%1$s_pkey, ADD PRIMARY KEY (tenant, %2$s);
      ALTER TABLE redeemable_%1$s ENABLE ROW LEVEL SECURITY;
      ALTER TABLE redeemable_%1$s FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON redeemable_%1$s USING (tenant = current_setting('shop.tenant', true));
    $alter$, name, keys);
  END LOOP;
END
$tenants$;

-- Sets the tenant for this transaction. A superuser, or a role with BYPASSRLS, would see and change all tenants' rows.
CREATE FUNCTION set_tenant(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT row_security_active('redeemable_counters') OR NOT row_security_active('redeemable_redemptions') THEN
    RAISE EXCEPTION 'row-level security does not bind the role %', current_user;
  END IF;
  PERFORM set_config('shop.tenant', name, true);
END
$$;
