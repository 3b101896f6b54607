"""The Django app. Its label is `redeemable`: `manage.py migrate redeemable`."""

from django.apps import AppConfig


class RedeemableConfig(AppConfig):
    name = "redeemable.django"
    label = "redeemable"
    verbose_name = "Promo codes"
