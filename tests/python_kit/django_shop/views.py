import json

from django.http import JsonResponse
from django.views.decorators.http import require_POST
from redeemable import host

from . import sales


@require_POST
def buy(request, id):
    """The page makes the order's id, a random UUID. Asked again, it gets the same answer, and is sold once."""
    try:
        form = json.loads(request.body)
        buyer = (form["codes"], form["email"], int(form["max_total"]))
        decision = sales.sell(str(id), form["kind"], form["quantity"], *buyer)
    except (KeyError, TypeError, ValueError) as error:
        return JsonResponse({"detail": str(error)}, status=422)
    except (host.Busy, host.RepeatTransaction):
        return JsonResponse({"detail": "many people buy at this moment: try again"}, status=503)
    # One reason for each code: the full list of violations would tell a stranger which codes exist.
    reasons = {violation["code"]: violation["public_reason"] for violation in decision["violations"]}
    # If the price has changed: what the order costs now. The quote of a refused order is without promotions.
    dearer = (violation["used"] for violation in decision["violations"] if violation["reason"] == "price_changed")
    answer = {"status": decision["status"], "quote": decision["quote"], "reasons": reasons}
    answer["new_total"] = next(dearer, None)
    return JsonResponse(answer, status=200 if decision["status"] == "accepted" else 409)
