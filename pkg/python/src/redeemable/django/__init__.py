"""redeemable in a Django project: `INSTALLED_APPS += ["redeemable.django"]`, `manage.py migrate`, and a `DjangoStore`.

from redeemable import host
from redeemable.django import DjangoStore

decision = host.redeem(DjangoStore(), request, write=issue_tickets)
"""

from .store import DjangoStore

__all__ = ["DjangoStore"]
