from django.db import models


class Promo(models.Model):
    code = models.CharField(max_length=64, unique=True)  # in its canonical form: upper case, no blanks
    document = models.JSONField()


class Ticket(models.Model):
    order = models.ForeignKey("redeemable.Redemption", models.PROTECT)
    seat = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "seat"], name="one_ticket_for_each_seat")]


class Customer(models.Model):
    email = models.EmailField(primary_key=True)
    orders = models.PositiveIntegerField(default=0)
