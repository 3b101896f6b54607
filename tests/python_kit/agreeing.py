"""A buyer who has agreed to `max_total`.

If the order costs more by now, the buyer agrees to that. If the code is used up, the buyer leaves it out, looks at the
price, and agrees to it.
"""

from typing import Any

from redeemable import aio, host


def buying(request: Any) -> Any:
    """Yields what the buyer asks the kit for, is sent the answers, and returns the sale."""
    asked = 0
    while True:
        answer = yield "redeem", request
        asked += 1
        if answer["status"] == "accepted":
            return {**answer, "agreed": request["order"]["max_total"], "asked": asked}
        dearer = [each for each in answer["violations"] if each["reason"] == "price_changed"]
        if dearer:
            total = dearer[0]["used"]
        else:
            request = {**request, "codes": [], "order": {**request["order"], "max_total": None}}
            total = (yield "preview", request)["quote"]["total"]
        request = {**request, "order": {**request["order"], "max_total": total}}


def buy(store: Any, request: Any, write: Any) -> Any:
    steps, answer = buying(request), None
    while True:
        try:
            verb, asked = steps.send(answer)
        except StopIteration as end:
            return end.value
        answer = getattr(host, verb)(store, asked, **writes(verb, write))


def writes(verb: str, write: Any) -> Any:
    return {} if verb == "preview" else {"write": write}


async def buy_async(store: Any, request: Any, write: Any) -> Any:
    steps, answer = buying(request), None
    while True:
        try:
            verb, asked = steps.send(answer)
        except StopIteration as end:
            return end.value
        answer = await getattr(aio, verb)(store, asked, **writes(verb, write))
