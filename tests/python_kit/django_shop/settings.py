INSTALLED_APPS += ["redeemable.django", "shop"]
# SQLite only: who may write is decided at BEGIN, so that nobody waits in vain; readers never wait.
DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode = WAL"}
