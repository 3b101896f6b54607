from fastapi import APIRouter, Depends
from lnbits.core.views.generic import index, index_public
from lnbits.decorators import check_user_exists

events_generic_router = APIRouter()
events_generic_router.add_api_route(
    "/", index, dependencies=[Depends(check_user_exists)]
)
events_generic_router.add_api_route("/{event_id}", index_public)
