from fastapi import APIRouter
from lnbits.core.views.generic import index, index_public

events_generic_router = APIRouter()
# LNbits' own front end is at both addresses, and loads what `static/routes.json`
# names. `index` asks who is logged in.
events_generic_router.add_api_route("/", index)
events_generic_router.add_api_route("/{event_id}", index_public)
