from redeemable.sql import one_by_one, tables


def upgrade() -> None:
    for statement in one_by_one(tables("postgres")):
        op.execute(statement)


def downgrade() -> None:
    for name in ("redemptions", "counters", "held", "persons", "archive", "parts"):
        op.drop_table(f"redeemable_{name}")
    op.execute("DROP FUNCTION redeemable_commit(json)")
