"""The tables of the kit, made by the script in `sql/`."""

from django.db import migrations, models

from redeemable.django.fields import DocumentField, IdField
from redeemable.django.operations import RunScript


class Migration(migrations.Migration):
    initial = True
    dependencies = ()
    operations = (
        migrations.SeparateDatabaseAndState(
            database_operations=[RunScript(version=5)],
            state_operations=[
                migrations.CreateModel(
                    "Redemption",
                    fields=[
                        ("id", IdField(max_length=256, primary_key=True, serialize=False)),
                        ("revision", models.BigIntegerField()),
                        ("state", models.CharField(max_length=16)),
                        ("event_id", models.TextField()),
                        ("expires_at_ms", models.BigIntegerField(null=True)),
                        ("document", DocumentField()),
                    ],
                    options={"db_table": "redeemable_redemptions"},
                ),
                migrations.CreateModel(
                    "ArchivedRedemption",
                    fields=[
                        ("id", IdField(max_length=256, primary_key=True, serialize=False)),
                        ("revision", models.BigIntegerField()),
                        ("state", models.CharField(max_length=16)),
                        ("event_id", models.TextField()),
                        ("document", DocumentField()),
                    ],
                    options={"db_table": "redeemable_archive"},
                ),
                migrations.CreateModel(
                    "Counter",
                    fields=[
                        ("key", models.TextField(primary_key=True, serialize=False)),
                        ("used", models.BigIntegerField()),
                        ("archived", models.BigIntegerField(null=True)),
                        ("corrected", models.BigIntegerField(null=True)),
                    ],
                    options={"db_table": "redeemable_counters"},
                ),
            ],
        ),
    )
