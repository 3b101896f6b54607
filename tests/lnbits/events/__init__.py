"""A small `events` extension of LNbits for the tests, which sells from a `Desk`.

Its files and functions have the names of upstream's. The guide shows some of its code.
"""

from fastapi import APIRouter
from lnbits.task_manager import task_manager

from .crud import db
from .tasks import on_invoice_paid
from .views import events_generic_router
from .views_api import events_api_router, tickets_api_router

events_ext: APIRouter = APIRouter(prefix="/events", tags=["Events"])
events_ext.include_router(events_generic_router)
events_ext.include_router(events_api_router)
events_ext.include_router(tickets_api_router)

events_static_files = [{"path": "/events/static", "name": "events_static"}]


def events_start() -> None:
    task_manager.register_invoice_listener(on_invoice_paid, "ext_events")


__all__ = ["db", "events_ext", "events_start", "events_static_files"]
