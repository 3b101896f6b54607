"""Connections that belong to a framework, which begins and ends their transactions by itself."""

import sys
from typing import Any

_REFUSED = (
    "connection: expected the host's own, found one of {owner}, which ends its transactions by itself: use {store}, "
    "or make the store over a connection of its own and pass this one as transaction="
)


def refuse_managed(connection: Any) -> None:
    """Raises for a connection that Django or SQLAlchemy has opened.

    The framework may be in a transaction of which the driver knows nothing before its first statement. The store would
    commit a transaction of its own, and a later rollback of the framework's would leave the plan stored.
    """
    if _is_djangos(connection):
        raise ValueError(_REFUSED.format(owner="Django", store="redeemable.django.DjangoStore"))
    if _is_sqlalchemys(connection):
        raise ValueError(_REFUSED.format(owner="SQLAlchemy", store="redeemable.sqlalchemy.SqlAlchemyStore"))


def _is_djangos(connection: Any) -> bool:
    django = sys.modules.get("django.db")
    # Some programs import Django and have no settings for it; then it has opened nothing.
    return (
        django is not None
        and sys.modules["django.conf"].settings.configured
        and any(each.connection is connection for each in django.connections.all(initialized_only=True))
    )


def _is_sqlalchemys(connection: Any) -> bool:
    """Whether SQLAlchemy's pool has lent it out, or what was passed is SQLAlchemy's wrapper of a connection."""
    pool = sys.modules.get("sqlalchemy.pool.base")
    if pool is None:
        return False
    lent = list(getattr(pool, "_strong_ref_connection_records", {}).values())
    return isinstance(connection, pool._ConnectionFairy) or any(
        connection is each for record in lent for each in (record.dbapi_connection, record.driver_connection)
    )
