from redeemable.sql import one_by_one, tables


def upgrade() -> None:
    for statement in one_by_one(tables("postgres")):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("redeemable_redemptions")
    op.drop_table("redeemable_counters")
    op.execute("DROP FUNCTION redeemable_commit(json)")
