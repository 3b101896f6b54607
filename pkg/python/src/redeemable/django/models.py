"""The tables of the kit that are there to look at: for reports, the admin site, and foreign keys.

Only the kit writes them, because the counters must agree with the records: `redeemable.host` has the calls.
"""

from typing import Any, NoReturn

from django.db import models

from .fields import DocumentField, IdField


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise TypeError(
        "only the calls of redeemable.host write this table: redeem, confirm, release, sweep, repair, prune, "
        "archive, restore_records, erase"
    )


class _ReadOnly(models.QuerySet):
    create = bulk_create = update = bulk_update = delete = get_or_create = update_or_create = _refuse


class Redemption(models.Model):
    """An order: what the kit knows of it is `document`, whose shape is `redeemable.types.Redemption`."""

    id = IdField(primary_key=True, max_length=256)
    revision = models.BigIntegerField()
    state = models.CharField(max_length=16)
    event_id = models.TextField()
    expires_at_ms = models.BigIntegerField(null=True)
    document = DocumentField()

    objects = _ReadOnly.as_manager()
    save = delete = _refuse

    class Meta:
        db_table = "redeemable_redemptions"

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"


class ArchivedRedemption(models.Model):
    """An order that `archive` has moved out of `Redemption`."""

    id = IdField(primary_key=True, max_length=256)
    revision = models.BigIntegerField()
    state = models.CharField(max_length=16)
    event_id = models.TextField()
    document = DocumentField()

    objects = _ReadOnly.as_manager()
    save = delete = _refuse

    class Meta:
        db_table = "redeemable_archive"

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"


class Counter(models.Model):
    """How many uses, or how much money, the orders have charged to one limit; `archived` is the archived ones' part."""

    key = models.TextField(primary_key=True)
    used = models.BigIntegerField()
    archived = models.BigIntegerField(null=True)
    corrected = models.BigIntegerField(null=True)

    objects = _ReadOnly.as_manager()
    save = delete = _refuse

    class Meta:
        db_table = "redeemable_counters"

    def __str__(self) -> str:
        return f"{self.key}: {self.used}"
