INSTALLED_APPS += ["redeemable.django", "shop"]
# On SQLite: who may write is decided at BEGIN, readers do not wait for a writer, and a writer waits up to 20 seconds.
DATABASES["default"]["OPTIONS"] = {
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode = WAL",
    "timeout": 20,
}
