# Made by `make generate` from contract/; do not edit.
"""The shapes of requests and answers.

Amounts are whole minor units of the currency (1 cent, 1 sat). Names that end in `_ms` are milliseconds since the Unix
epoch. In a request, None and absent mean the same. An answer has every field; only a record leaves out what is None,
and an empty list of payments or releases.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from typing import TypedDict
else:
    try:
        # Before Python 3.12, pydantic takes only this one, and installs it.
        from typing_extensions import TypedDict
    except ImportError:
        from typing import TypedDict

__all__ = [
    "AddOp",
    "AddSubtotal",
    "AddTickets",
    "AddTicketsOrderChange",
    "AmountPerOrderDiscount",
    "AmountPerTicketDiscount",
    "Applied",
    "Audit",
    "AuditRequest",
    "Back",
    "Buy",
    "Charge",
    "CheckRequest",
    "Choose",
    "CodeForms",
    "CodeRequest",
    "Condition",
    "ConfirmRequest",
    "ConfirmStatus",
    "Confirmation",
    "CountBy",
    "Decision",
    "Discount",
    "DiscountEntry",
    "EarlierRedemption",
    "EmailAliases",
    "ErrorCode",
    "Every",
    "ExchangeAnswer",
    "ExchangeOrder",
    "ExchangeRequest",
    "ExchangeStatus",
    "Exchanged",
    "ExplainedPromo",
    "ExplainedRule",
    "Explanation",
    "FactCondition",
    "Fault",
    "FieldChange",
    "Figures",
    "Finding",
    "Fix",
    "FixedPriceDiscount",
    "FreeDiscount",
    "GenerateRequest",
    "GeneratedCodes",
    "Give",
    "Hours",
    "InsertOp",
    "LeaveOutCodeOrderChange",
    "Lifts",
    "LimitChange",
    "LimitName",
    "Line",
    "Money",
    "NameIdentityOrderChange",
    "NoneDiscount",
    "NotedApplied",
    "NotedPayment",
    "NotedRelease",
    "Op",
    "Order",
    "OrderChange",
    "OrderPriceDiscount",
    "Outcome",
    "PassedOver",
    "PassedOverReason",
    "Payment",
    "PaymentReport",
    "PerGroupDiscount",
    "PercentAt",
    "PercentDiscount",
    "PercentOf",
    "PeriodLimit",
    "Pick",
    "Policy",
    "Pool",
    "PrepareRequest",
    "PreparedExchangeOrder",
    "PreparedExchangeRequest",
    "PreparedKeysRequest",
    "PreparedRequest",
    "Problem",
    "Promo",
    "PromosAnswer",
    "PromosRequest",
    "PublicReason",
    "PublicView",
    "Quote",
    "QuotedTicket",
    "Reason",
    "Redemption",
    "Release",
    "ReleaseAnswer",
    "ReleaseReason",
    "ReleaseRequest",
    "ReleaseRule",
    "ReleaseRules",
    "ReleaseStatus",
    "Released",
    "RemoveSubtotal",
    "RemoveTickets",
    "RemoveTicketsOrderChange",
    "Report",
    "ReportRequest",
    "ReportRow",
    "Requirement",
    "Rounding",
    "Severity",
    "SimpleDiscount",
    "SimulateRequest",
    "Simulation",
    "Spread",
    "Standing",
    "State",
    "Status",
    "StoredRedemption",
    "SubtotalOf",
    "Ticket",
    "Tier",
    "TiersBy",
    "TiersDiscount",
    "TiersMode",
    "ToQualify",
    "Unfixed",
    "Unsound",
    "UpdateOp",
    "Usage",
    "UsageKeysRequest",
    "ValidateRequest",
    "ViewRequest",
    "Violation",
    "WaitUntilOrderChange",
    "WhenShort",
    "ZoneOffset",
]


PercentOf = Literal["ticket", "order"]
"""Of what a percent is taken and rounded.

- `ticket`: Of each ticket's price.
- `order`: Of the sum of the prices, shared among the tickets in proportion to their prices.
"""


PercentAt = Literal["left", "list"]
"""Which price a percent is taken of.

- `left`: Of the price that earlier codes left: after 10 percent, 10 percent more are 19 percent together.
- `list`: Of the price before any discount, but never more than is left: twice 10 percent are 20 percent together.
"""


TiersBy = Literal["tickets", "subtotal"]
"""What decides which tier an order reaches.

- `tickets`: The number of tickets of the code's types.
- `subtotal`: The sum of their prices before any discount. The mode is then `volume`.
"""


TiersMode = Literal["volume", "graduated"]
"""For which tickets a tier holds.

- `volume`: The last tier that the order reaches holds for all tickets of the code's types.
- `graduated`: Each tier holds for the tickets from its own number on: with tiers from 1 and from 4, the fourth
ticket is the first of the second tier. The dearest ticket is number 1; of two that cost the same, the first comes
first.
"""


class _PercentDiscount(TypedDict):
    kind: Literal["percent"]
    percent: float
    """0 to 100, with at most 4 decimals."""


class PercentDiscount(_PercentDiscount, total=False):
    """A percent of the price of each ticket, or of all tickets together."""

    of: PercentOf | None
    """Whether each ticket's price is rounded, or only the sum of the prices. Default `ticket`."""
    at: PercentAt | None
    """Whether it is a percent of the price that earlier codes left, or of the price before any discount. Default
    `left`.
    """


class AmountPerTicketDiscount(TypedDict):
    """An amount off each ticket."""

    kind: Literal["amount_per_ticket"]
    amount: int | dict[str, int | None]
    """How much, in minor units. A ticket that costs less is free."""


class AmountPerOrderDiscount(TypedDict):
    """An amount off the order, shared among its tickets in proportion to their prices."""

    kind: Literal["amount_per_order"]
    amount: int | dict[str, int | None]
    """How much, in minor units. An order that costs less is free."""


class FixedPriceDiscount(TypedDict):
    """Each ticket costs this price, unless it is cheaper."""

    kind: Literal["fixed_price"]
    price: int | dict[str, int | None]
    """The price, in minor units."""


class OrderPriceDiscount(TypedDict):
    """All tickets together cost this price, unless they are cheaper. What they cost more is taken off, shared among the
    tickets in proportion to their prices.
    """

    kind: Literal["order_price"]
    price: int | dict[str, int | None]
    """The price, in minor units."""


class FreeDiscount(TypedDict):
    """Each ticket costs nothing."""

    kind: Literal["free"]


class NoneDiscount(TypedDict):
    """The code takes nothing off. It is for tracking or for access, and is counted like any other."""

    kind: Literal["none"]


SimpleDiscount = (
    PercentDiscount
    | AmountPerTicketDiscount
    | AmountPerOrderDiscount
    | FixedPriceDiscount
    | OrderPriceDiscount
    | FreeDiscount
    | NoneDiscount
)
"""What is taken off in a tier or a group, by kind."""


Tier = TypedDict(
    "Tier",
    {
        "from": "int | dict[str, int | None]",
        "discount": "SimpleDiscount",
    },
    total=False,
)
"""One tier.

- `from`: Where the tier begins, from 1: a number of tickets, or by subtotal an amount in minor units. It is more
than that of the tier before.
- `discount`: What is taken off in this tier: any kind but `tiers` and `per_group`; if the mode is `graduated`, a
kind that looks at each ticket by itself. Of kind `none`, nothing is taken off, and the tickets are not counted.
"""


class Buy(TypedDict):
    """The tickets that the buyer must buy for a group."""

    ticket_types: list[str]
    """The types of the tickets that are bought, wherever they stand in the order. They are not among the tickets that
    the code is for, whatever its `ticket_types` say.
    """
    tickets: int
    """How many of these tickets each group needs."""


Spread = Literal["group", "discounted"]
"""On which tickets of a group its discount lies.

- `group`: All tickets of the group share it in proportion to their prices, so a ticket that comes back takes its
part along: three for the price of two at 45.00 is three tickets of 30.00.
- `discounted`: It stays on the discounted tickets. A buyer may then give back the others, and keep what was free.
"""


class TiersDiscount(TypedDict):
    """Another discount for larger orders. Below the first tier, nothing is taken off."""

    kind: Literal["tiers"]
    by: TiersBy
    """What decides which tier an order reaches."""
    mode: TiersMode
    """For which tickets a tier holds."""
    tiers: list[Tier]
    """1 to 32 tiers, the first one first."""


class _PerGroupDiscount(TypedDict):
    kind: Literal["per_group"]
    discounted: int
    """How many tickets of each group are discounted, at most its `size`."""


class PerGroupDiscount(_PerGroupDiscount, total=False):
    """A discount for each complete group of tickets, such as three for the price of two. A ticket that costs nothing is
    in no group. What is left over has no discount.
    """

    size: int | None
    """How many of the code's tickets are one group. The cheapest tickets are discounted, and the dearest fill the
    groups up. None where `buy` says what a group is.
    """
    buy: Buy | None
    """The tickets that must be bought for each group. The cheapest of the code's tickets are discounted. None where
    `size` says what a group is.
    """
    discount: SimpleDiscount | None
    """What is taken off each of them: a kind that takes something off each ticket by itself."""
    max_groups: int | None
    """The most groups in one order. None is no limit."""
    spread: Spread | None
    """On which tickets of a group its discount lies. Default `group`."""


Discount = (
    PercentDiscount
    | AmountPerTicketDiscount
    | AmountPerOrderDiscount
    | FixedPriceDiscount
    | OrderPriceDiscount
    | FreeDiscount
    | NoneDiscount
    | TiersDiscount
    | PerGroupDiscount
)
"""What a code takes off, by kind."""


class _DiscountEntry(TypedDict):
    discount: Discount
    """What the code takes off these tickets: any kind but `per_group`."""


class DiscountEntry(_DiscountEntry, total=False):
    """What the code takes off tickets of some types."""

    ticket_types: Sequence[str] | None
    """The ticket types that the entry is for, unless an earlier entry names them. None is any type; an empty list names
    none.
    """


CountBy = Literal["ticket", "order", "group"]
"""What one use of a code is.

- `ticket`: Each discounted ticket is a use: three tickets are three uses.
- `order`: Each order is a use: three tickets are one use.
- `group`: Each group of the kind `per_group` is a use.
"""


Every = Literal["day", "week", "month"]
"""A period of the local calendar.

- `day`: A local day, from midnight to midnight.
- `week`: A week from Monday to Sunday, as ISO 8601 counts it.
- `month`: A calendar month.
"""


class _PeriodLimit(TypedDict):
    every: Every
    """The period."""


class PeriodLimit(_PeriodLimit, total=False):
    """Limits on the uses of a code within one local day, week or month."""

    max_uses: int | None
    """How many uses all buyers have together in one period. None is no limit."""
    max_uses_per_identity: int | None
    """How many uses each person has in one period. None is no limit."""


Pick = Literal["dearest", "cheapest"]
"""Which tickets of an order get the discount if not all of them may.

- `dearest`: Those that cost most; of two that cost the same, the first.
- `cheapest`: Those that cost least; of two that cost the same, the first.
"""


class _Pool(TypedDict):
    id: str
    """The pool's name, compared as spelt."""


class Pool(_Pool, total=False):
    """A limit that several codes share."""

    max_uses: int | None
    """How many uses all its codes and buyers have together. None is no limit."""
    max_uses_per_identity: int | None
    """How many uses of all its codes each person has. None is no limit."""
    budget: int | Mapping[str, int | None] | None
    """The most that its codes take off all orders together, in minor units, counted for each currency. None is no
    limit.
    """


class Lifts(TypedDict, total=False):
    """Caps of the policy that a code raises in the orders to which it is applied."""

    max_tickets_per_identity: int | None
    """How many tickets one person may have at the event, if the policy allows fewer. None: as many as the policy
    allows.
    """
    max_free_tickets_per_identity: int | None
    """How many free tickets one person may have at the event, if the policy allows fewer. None: as many as the policy
    allows.
    """


WhenShort = Literal["reject", "partial"]
"""What happens when fewer uses or less budget is left than an order needs.

- `reject`: The order is rejected.
- `partial`: The order gets what is left.
"""


class Hours(TypedDict):
    """Hours of the week in which a code may be used, in local time."""

    days: list[int]
    """The days of the week on which the hours begin: 1 is Monday, 7 is Sunday."""
    from_minute: int
    """The first minute, counted from the beginning of that day: 1320 is 22:00."""
    to_minute: int
    """The first minute after the hours, counted from the beginning of the same day: 1560 is 02:00 on the next day."""


SubtotalOf = Literal["order", "scope"]
"""Which tickets a subtotal adds up.

- `order`: All tickets of the order.
- `scope`: The tickets that the code is for.
"""


class Requirement(TypedDict, total=False):
    """What the whole order must hold of some ticket types, also of types that the code is not for. At least one of the
    bounds is given.
    """

    ticket_types: Sequence[str] | None
    """The ticket types whose tickets count together. None is any type; an empty list names none."""
    min_tickets: int | None
    """The least number of such tickets. None is no limit."""
    max_tickets: int | None
    """The largest number of such tickets; at 0 the order may have none. None is no limit."""
    min_subtotal: int | Mapping[str, int | None] | None
    """The least that such tickets cost together before any discount, in minor units. None is no limit."""


FactCondition = TypedDict(
    "FactCondition",
    {
        "fact": "str | None",
        "is": "bool | int | str | None",
        "is_not": "bool | int | str | None",
        "in": "Sequence[bool | int | str] | None",
        "not_in": "Sequence[bool | int | str] | None",
        "at_least": "int | None",
        "at_most": "int | None",
    },
    total=False,
)
"""A condition on one fact: `fact`, and exactly one operator.

- `fact`: The fact's name in the order's `facts`. Without this fact an order does not meet the condition. None only
beside `any`.
- `is`: The fact is this value, or a list that contains it. None if another operator is given.
- `is_not`: The fact is another value of the same kind, and no list. None if another operator is given.
- `in`: The fact, or an element of its list, is one of these 1 to 1000 integers or strings. None if another operator
is given.
- `not_in`: Neither the fact nor an element of its list is one of these 1 to 1000 integers or strings, of which at
least one is of the fact's kind. None if another operator is given.
- `at_least`: The fact is a number, at least this one. None if another operator is given.
- `at_most`: The fact is a number, at most this one. None if another operator is given.
"""


Condition = TypedDict(
    "Condition",
    {
        "fact": "str | None",
        "is": "bool | int | str | None",
        "is_not": "bool | int | str | None",
        "in": "Sequence[bool | int | str] | None",
        "not_in": "Sequence[bool | int | str] | None",
        "at_least": "int | None",
        "at_most": "int | None",
        "any": "Sequence[FactCondition] | None",
    },
    total=False,
)
"""A condition on the facts of an order: `fact` with exactly one operator, or `any` alone.

- `fact`: The fact's name in the order's `facts`. Without this fact an order does not meet the condition. None only
beside `any`.
- `is`: The fact is this value, or a list that contains it. None if another operator is given.
- `is_not`: The fact is another value of the same kind, and no list. None if another operator is given.
- `in`: The fact, or an element of its list, is one of these 1 to 1000 integers or strings. None if another operator
is given.
- `not_in`: Neither the fact nor an element of its list is one of these 1 to 1000 integers or strings, of which at
least one is of the fact's kind. None if another operator is given.
- `at_least`: The fact is a number, at least this one. None if another operator is given.
- `at_most`: The fact is a number, at most this one. None if another operator is given.
- `any`: 1 to 16 conditions, of which at least one must hold. None if a fact is given.
"""


Rounding = Literal["half_up", "half_down", "half_even", "down", "up"]
"""How the payable price is rounded under a percent discount.

- `half_up`: To the nearest minor unit, a half up.
- `half_down`: To the nearest minor unit, a half down.
- `half_even`: To the nearest minor unit, a half to the even neighbour.
- `down`: Down, in the buyer's favour.
- `up`: Up, in the organiser's favour.
"""


Give = Literal["restore", "keep"]
"""Whether a counter gets back what a ticket took.

- `restore`: The counter gets it back.
- `keep`: The counter keeps it.
"""


class ReleaseRule(TypedDict, total=False):
    """What one release reason gives back."""

    uses: Give | None
    """Whether codes and pools get uses and money back. None: as without a rule for the reason."""
    identity: Give | None
    """Whether the counters of a person get back what they counted. None: as without a rule for the reason."""
    until_ms: int | None
    """From this time on the reason gives nothing back. None: there is no such time."""


class ReleaseRules(TypedDict, total=False):
    """What a release gives back, by reason. If the promotion has a rule for a reason, the policy's is not used.
    `hold_expired` and `payment_failed` always give everything back, so there are no rules for them.
    """

    buyer_released: ReleaseRule | None
    """The rule for tickets that the buyer gave back. None is no rule; the default is `restore`."""
    organizer_cancelled: ReleaseRule | None
    """The rule for tickets that the organiser cancelled. None is no rule; the default is `restore`."""
    refunded: ReleaseRule | None
    """The rule for tickets that were paid back and whose seats are free. None is no rule; the default is `restore`."""
    exchanged: ReleaseRule | None
    """The rule for tickets in place of which the buyer has others. None is no rule; the default is `restore`."""
    forfeited: ReleaseRule | None
    """The rule for tickets to which the buyer lost the right. None is no rule; the default is `keep`."""
    no_show: ReleaseRule | None
    """The rule for tickets with which nobody came. None is no rule; the default is `keep`."""
    disputed: ReleaseRule | None
    """The rule for tickets whose payment was charged back. None is no rule; the default is `keep`."""


class _Promo(TypedDict):
    code: str
    """What the buyer types. It is compared without invisible characters and surrounding white space, in upper case; in
    that form it has 1 to 64 characters.
    """


class Promo(_Promo, total=False):
    """A promotion: what the organiser wrote about a code. It never contains counts, and has exactly one of `discount`,
    `discount_percent` and `discounts`. Each amount is one number for whichever currency the order is in, or one for
    each of 1 to 32 currencies, such as `{"EUR": 500, "USD": 600}`: orders in other currencies are refused.
    """

    id: str | None
    """The name under which the code is counted; it must never change. With an id, all events count together, and the
    count survives a new spelling of the code. None: each event counts by itself, under the code.
    """
    active: bool | None
    """Whether new orders may use the code. Default `True`."""
    automatic: bool | None
    """Whether the promotion applies by itself to every order that it fits, without its code being typed. A request has
    at most 32 such promotions. Default `False`.
    """
    discount: Discount | None
    """What the code takes off. None where `discount_percent` or `discounts` says it."""
    discount_percent: float | None
    """Short for a discount of kind `percent`: 0 to 100, at most 4 decimals. None where `discount` or `discounts` says
    it.
    """
    discounts: Sequence[DiscountEntry] | None
    """What the code takes off tickets of different types: 1 to 32 entries. The first entry that names a ticket's type
    is its discount. Tickets that no entry names do not count and get no discount. None where `discount` or
    `discount_percent` says it.
    """
    currency: str | None
    """The only currency of orders that may use the code, compared as spelt. None is any currency."""
    count_by: CountBy | None
    """What one use is. None is `group` for the kind `per_group`; `order` where every discount looks at the order
    (`amount_per_order`, `order_price` and `percent` of the order, in tiers too); else `ticket`.
    """
    count_by_identity: CountBy | None
    """What one use of a person is, for the limits per person of the code, its periods and its pools. None is
    `count_by`.
    """
    max_uses: int | None
    """How many uses all buyers have together. None is no limit; at 0 nobody may use the code."""
    single_use: bool | None
    """Whether the code may be used once: the same as `max_uses` 1. Default `False`."""
    max_uses_per_identity: int | None
    """How many uses each person has. Each identity of the order counts as a person, if its kind is in the policy's
    `identity_kinds`. None is no limit.
    """
    per_period: Sequence[PeriodLimit] | None
    """Limits on the uses within one day, week or month of the event's local time: each period at most once."""
    max_tickets_per_order: int | None
    """How many tickets of one order get the discount; the other tickets cost the full price. None is no limit."""
    pick: Pick | None
    """Which tickets get the discount if not all of them may, because of `max_tickets_per_order` or because `when_short`
    is `partial`. Default `dearest`.
    """
    max_discount: int | Mapping[str, int | None] | None
    """The most that the code takes off one order, in minor units. None is no limit."""
    budget: int | Mapping[str, int | None] | None
    """The most that the code takes off all orders together, in minor units, counted for each currency. None is no
    limit.
    """
    pools: Sequence[Pool] | None
    """Limits shared with every other code that names the same pool: at most 100, each once."""
    lifts: Lifts | None
    """How many tickets one person may have at the event if the order has this code, where the policy allows fewer.
    None: as many as the policy allows.
    """
    when_short: WhenShort | None
    """What happens when fewer uses or less budget is left than the order needs. Default `reject`."""
    starts_at_ms: int | None
    """The first moment at which the code may be used. None: from the beginning."""
    ends_at_ms: int | None
    """The first moment at which the code may no longer be used. None: it never ends."""
    weekly: Sequence[Hours] | None
    """The hours of the week, in the event's local time, in which the code may be used: 1 to 50 spans. None is always.
    """
    events: Sequence[str] | None
    """The events that the code is for. None is any event; an empty list admits none."""
    exclude_events: Sequence[str] | None
    """Events that the code is not for, also if `events` admits them. None and an empty list exclude none."""
    ticket_types: Sequence[str] | None
    """The ticket types that the code is for. Tickets of other types do not count and get no discount. None is any type;
    an empty list admits none.
    """
    exclude_ticket_types: Sequence[str] | None
    """Ticket types that the code is not for, also if `ticket_types` admits them. None and an empty list exclude none.
    """
    unlocks: Sequence[str] | None
    """Types of the policy's `locked_ticket_types` that may be bought with the code. Each must be one that the code is
    for. All tickets of these types count, also those that get no discount. None and an empty list are none.
    """
    min_tickets: int | None
    """The least number of tickets of the code's types in the order. None is no limit."""
    max_tickets: int | None
    """The largest number of tickets of the code's types in the order. None is no limit."""
    min_subtotal: int | Mapping[str, int | None] | None
    """The least subtotal before any discount, in minor units; `subtotal_of` says of which tickets. None is no limit."""
    max_subtotal: int | Mapping[str, int | None] | None
    """The largest subtotal before any discount, in minor units; `subtotal_of` says of which tickets. None is no limit.
    """
    subtotal_of: SubtotalOf | None
    """Which tickets `min_subtotal` and `max_subtotal` add up. Default `order`."""
    requires: Sequence[Requirement] | None
    """What else the whole order must hold: 1 to 16 entries, and each must be met. None is nothing."""
    only_for: Mapping[str, Sequence[str] | None] | None
    """Who may use the code, as lists by kind of identity; the order needs one identity that is listed. `@example.org`
    of kind `email` admits everybody of that domain. None is anybody; an empty list admits nobody.
    """
    only_if: Sequence[Condition] | None
    """Conditions on the order's `facts`, all of which must hold: 1 to 16. None is none."""
    combines: bool | Literal["per_ticket"] | None
    """Whether the code may be used together with other codes that combine, too. Default `False`."""
    group: str | None
    """The name of a group of promotions of which at most one applies to an order, even if they combine. None is none.
    """
    priority: int | None
    """Of several codes in an order, the one with the higher number is applied first. Default `0`."""
    rounding: Rounding | None
    """How the payable price is rounded under a percent discount. Default `half_up`."""
    release: ReleaseRules | None
    """What a release gives back, by reason. An order keeps the rules that held when it was accepted."""


EmailAliases = Literal["fold", "exact"]
"""Whether aliases of one mailbox are one person.

- `fold`: Aliases of one mailbox are one person: a `+` and what follows it are ignored, and at Gmail dots are, too.
- `exact`: Each spelling is a person of its own; only upper and lower case make no difference.
"""


class ZoneOffset(TypedDict):
    """From when on local clocks differ so much from UTC."""

    from_ms: int
    """The first moment at which the offset holds."""
    offset_minutes: int
    """How much local clocks are ahead of UTC, in minutes: 60 in Berlin in winter, -300 in New York."""


Choose = Literal["entered", "best"]
"""Which promotions apply to an order.

- `entered`: Every code that was typed, or the order is refused; then each automatic promotion that may join them.
- `best`: Those that together cost the buyer least, of all that may stand together. At most 6 are weighed.
"""


class Policy(TypedDict, total=False):
    """Rules of the event that hold whatever the codes."""

    max_free_tickets_per_identity: int | None
    """How many tickets with a payable price of 0 one person may have at the event, with or without a code. None is no
    limit.
    """
    max_tickets_per_identity: int | None
    """How many tickets one person may have at the event. None is no limit."""
    identity_kinds: Sequence[str] | None
    """The kinds of identity by which persons are counted. None is every kind. With an empty list nobody is counted, so
    an order is rejected wherever something is limited per person.
    """
    email_aliases: EmailAliases | None
    """Whether aliases of one mailbox are one person. Default `fold`."""
    release: ReleaseRules | None
    """What a release gives back, by reason. These rules hold for the policy's own counters, and for codes whose
    promotion has no rule for the reason.
    """
    max_hold_ms: int | None
    """How long an unpaid order holds its tickets at most, in milliseconds after it was first accepted: from 60 000 (a
    minute) to 31 622 400 000 (366 days). None is 172 800 000 (48 hours).
    """
    zone: Sequence[ZoneOffset] | None
    """The local time of the event: its offsets from UTC, ascending, 1 to 400 of them, as `zone("Europe/Berlin", …)` of
    the kits writes them. Codes with hours or limits per period need it. None: there is no local time.
    """
    locked_ticket_types: Sequence[str] | None
    """Ticket types that nobody may buy without a code that `unlocks` them. None and an empty list lock none."""
    choose: Choose | None
    """Which of the codes that were typed and of the automatic promotions apply to an order. Default `entered`."""


class _Line(TypedDict):
    unit_price: int
    """The price of one ticket before any discount, in minor units."""
    quantity: int
    """How many tickets."""


class Line(_Line, total=False):
    """Tickets of one type at one price."""

    ticket_type: str | None
    """The type of the tickets. None: no list of ticket types includes them."""


class _Order(TypedDict):
    event_id: str
    """The event that the tickets are for."""
    currency: str
    """The currency of every amount in the order, compared as spelt."""
    lines: Sequence[Line]
    """1 to 100 lines, with at most 1000 tickets in all. If each ticket is counted once for each counter that it is
    charged to, at most 100 000: for example 1000 tickets with 100 counters.
    """


class Order(_Order, total=False):
    """What one buyer wants."""

    id: str | None
    """The order's id, which the host makes before it asks. The same order asked again under its id is sold once. None
    makes it a preview: the answer has no plan.
    """
    identities: Mapping[str, str | None] | None
    """Who buys, by kind of identity (`email`, `npub`, `account` …): at most 100. An entry that is None counts as
    absent.
    """
    facts: Mapping[str, bool | int | str | Sequence[str] | None] | None
    """What the host knows of the order or the buyer, by name, for the conditions in `only_if`: at most 100. A fact is
    no identity: no limit counts it, and no record has it. An entry that is None counts as absent.
    """
    hold_until_ms: int | None
    """When the hold lapses if it is not paid; earlier if the policy's `max_hold_ms` says so. It may be None only for a
    preview, a replay or an order that costs nothing.
    """
    max_total: int | None
    """The most that the buyer has agreed to pay, in minor units: an order that would cost more is refused. None is any
    price.
    """


State = Literal["held", "confirmed", "released"]
"""Whether an order is unpaid, paid or over.

- `held`: The order is not paid yet.
- `confirmed`: The order is paid, or costs nothing.
- `released`: All tickets of the order were released.
"""


ReleaseReason = Literal[
    "buyer_released",
    "disputed",
    "exchanged",
    "forfeited",
    "hold_expired",
    "no_show",
    "organizer_cancelled",
    "payment_failed",
    "refunded",
]
"""Why tickets come back. `hold_expired` and `payment_failed` end holds only, and leave a confirmed redemption as it is.

- `buyer_released`: The buyer gave the tickets back.
- `disputed`: The payment was charged back.
- `exchanged`: The buyer has other tickets in their place.
- `forfeited`: The buyer lost the right to the tickets.
- `hold_expired`: The hold was not paid in time.
- `no_show`: The buyer did not come.
- `organizer_cancelled`: The organiser cancelled the tickets.
- `payment_failed`: The payment failed.
- `refunded`: The money was paid back, and the seat is free.
"""


class Released(TypedDict):
    """Why and when a ticket was released."""

    reason: ReleaseReason
    """Why it was released."""
    at_ms: int
    """When it was released."""


class _Ticket(TypedDict):
    line: int
    """The index of the order's line that the ticket belongs to."""
    unit_price: int
    """The ticket's price before any discount, in minor units."""
    price: int
    """What is payable for the ticket, in minor units."""
    codes: list[str]
    """The codes that discount, count or unlock the ticket, in the order of application."""


class Ticket(_Ticket, total=False):
    """One ticket of a record."""

    ticket_type: str | None
    """The ticket's type. None: no list of ticket types includes the ticket."""
    off: list[int] | None
    """What each of `codes` takes off the ticket, in minor units and in the same order. If it is missing, the first of
    them takes off everything.
    """
    released: Released | None
    """Why and when the ticket was released. None while the buyer has the ticket."""


class _NotedApplied(TypedDict):
    code: str
    """The canonical code."""
    tickets: int
    """How many tickets the code discounts; if its discount is of kind `none`, how many it counts."""
    uses: int
    """How many uses the code took."""
    discount: int
    """What the code took off the order, in minor units."""
    partial: bool
    """Whether too little was left, and the order got what was left because `when_short` is `partial`."""


class NotedApplied(_NotedApplied, total=False):
    """What one code did to the order, as the record has it."""

    remaining: int | None
    """How many uses are left after the order; of several limits, the one that leaves least. None is no limit."""


class _Back(TypedDict):
    reason: ReleaseReason
    """The reason."""


class Back(_Back, total=False):
    """A release reason that gives a charge back, and until when."""

    until_ms: int | None
    """From this time on the reason gives nothing back. None: there is no such time."""


class _Charge(TypedDict):
    key: str
    """The counter's key."""
    amount: int
    """How much was added, in uses, tickets or minor units."""
    tickets: list[int]
    """The indexes of the tickets for which it was added, ascending."""


class Charge(_Charge, total=False):
    """What one redemption added to a counter, and which reasons give it back."""

    code: str | None
    """The canonical code that was charged. None for a counter of the policy."""
    limit: int | None
    """The counter's limit when the order was accepted, in uses, tickets or minor units. None is no limit."""
    each: int | list[int] | None
    """How much of the amount belongs to each ticket, in uses, tickets or minor units: one number that is the same for
    every ticket, or for money a list with a number for each ticket. None: it was charged once for the order.
    """
    groups: list[list[int]] | None
    """The groups for which it was added, one use each, as the indexes of their tickets: a group's use is held until
    each of these tickets is given back. None: it was not added for groups.
    """
    back: list[Back] | None
    """The release reasons that give the amount back, sorted by name. None is every reason but `forfeited`, `no_show`
    and `disputed`, at any time.
    """
    held: int | None
    """How much of the amount is still held, in uses, tickets or minor units, now that some tickets were released. None:
    all of it.
    """


Money = Literal["kept", "returned"]
"""Whose a payment's money is. The answer is final, however often the payment is reported.

- `kept`: The money is the order's: the host keeps it.
- `returned`: The money is the payer's: the host sends it back.
"""


class _NotedPayment(TypedDict):
    id: str
    """The payment's own id."""
    outcome: Money
    """Whose the payment's money is."""
    at_ms: int
    """When the payment was first reported."""


class NotedPayment(_NotedPayment, total=False):
    """A payment that was reported, and whose its money is."""

    total: int | None
    """What was paid, in minor units. None: the total was not checked."""
    currency: str | None
    """The currency of the total, as it was reported. None: the currency was not checked."""


class NotedRelease(TypedDict):
    """A release that had an id, and its answer."""

    id: str
    """The release's own id."""
    reason: ReleaseReason
    """Why the tickets were released."""
    tickets: list[int]
    """The tickets that it released, by index."""
    refundable: int
    """What was paid for them, in minor units. Whether it is owed depends on the reason. Of an exchange it is only what
    was left over and is paid back.
    """
    at_ms: int
    """When the tickets were released."""


Exchanged = TypedDict(
    "Exchanged",
    {
        "from": "str",
        "credit": "int",
        "due": "int",
        "refundable": "int",
    },
    total=False,
)
"""What the tickets of a record are in exchange for.

- `from`: The id of the record whose tickets went back.
- `credit`: What the tickets that went back had cost, in minor units.
- `due`: What was paid on top of that, in minor units.
- `refundable`: What was left over and is paid back, in minor units.
"""


class _Redemption(TypedDict):
    schema: Literal[2]
    """The version of this document. The engine writes 2, and also reads 1, which has no payments and no releases."""
    id: str
    """The order's id."""
    revision: int
    """The number of this version of the record: 1 at first, and one more with each update."""
    state: State
    """Whether the order is unpaid, paid or over."""
    event_id: str
    """The event that the tickets are for."""
    currency: str
    """The currency of every amount in the record."""
    codes: list[str]
    """The codes that were entered, canonical, each once."""
    identities: list[str]
    """Who bought, as `kind:value` in canonical form, sorted by kind."""
    tickets: list[Ticket]
    """Each ticket of the order, released ones too: 1 to 1000."""
    applied: list[NotedApplied]
    """What each code did, in the order of application."""
    charges: list[Charge]
    """What the order added to which counter, and which release reasons give that back."""
    created_at_ms: int
    """When the order was first accepted. An amendment keeps it."""


class Redemption(_Redemption, total=False):
    """The record of an accepted order, which the host stores as it is. A field that is None, and an empty list of
    payments, releases or what codes take off, is left out.
    """

    expires_at_ms: int | None
    """When the hold lapses. None unless the state is `held`."""
    confirmed_at_ms: int | None
    """When the order was confirmed; it stays after a release. None if the order was never confirmed."""
    payments: list[NotedPayment] | None
    """Every payment that was reported for the order: at most 100, never forgotten."""
    releases: list[NotedRelease] | None
    """The releases that had an id: at most 1000, never forgotten."""
    exchanged: Exchanged | None
    """What the tickets are in exchange for. None if they were bought."""


class _EarlierRedemption(TypedDict):
    schema: Literal[1]
    """The version of this document. The engine writes 2, and also reads 1, which has no payments and no releases."""
    id: str
    """The order's id."""
    revision: int
    """The number of this version of the record: 1 at first, and one more with each update."""
    state: State
    """Whether the order is unpaid, paid or over."""
    event_id: str
    """The event that the tickets are for."""
    currency: str
    """The currency of every amount in the record."""
    codes: Sequence[str]
    """The codes that were entered, canonical, each once."""
    identities: Sequence[str]
    """Who bought, as `kind:value` in canonical form, sorted by kind."""
    tickets: Sequence[Ticket]
    """Each ticket of the order, released ones too: 1 to 1000."""
    applied: Sequence[NotedApplied]
    """What each code did, in the order of application."""
    charges: Sequence[Charge]
    """What the order added to which counter, and which release reasons give that back."""
    created_at_ms: int
    """When the order was first accepted. An amendment keeps it."""


class EarlierRedemption(_EarlierRedemption, total=False):
    """A record of schema 1, which remembers neither payments nor releases."""

    expires_at_ms: int | None
    """When the hold lapses. None unless the state is `held`."""
    confirmed_at_ms: int | None
    """When the order was confirmed; it stays after a release. None if the order was never confirmed."""
    exchanged: Exchanged | None
    """What the tickets are in exchange for. None if they were bought."""


StoredRedemption = Redemption | EarlierRedemption
"""A record as the host has stored it: those of an earlier schema are read, too."""


class Usage(TypedDict, total=False):
    """What the host read from its two tables before it asked."""

    counters: Mapping[str, int | None] | None
    """How much is used of each counter, by key, in uses, tickets or minor units. A counter that is missing is 0."""
    lapsed: Sequence[StoredRedemption] | None
    """Lapsed holds, which the plan releases to free what they hold. An empty list is always correct."""
    existing: StoredRedemption | None
    """The stored record with the order's id. None if there is none."""


class _UsageKeysRequest(TypedDict):
    codes: Sequence[str]
    """The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored."""
    promos: Sequence[Promo]
    """The organiser's promotions. All must be well-formed, also those whose code was not typed."""
    order: Order
    """What the buyer wants."""
    now_ms: int
    """The time of the decision: the same for `usageKeys` and for `validateRedemption`."""


class UsageKeysRequest(_UsageKeysRequest, total=False):
    """What a host asks before it reads: which counters may this order charge?"""

    policy: Policy | None
    """The event's policy, which holds whatever the codes."""
    usage: Usage | None
    """It plays no part."""
    redemption: StoredRedemption | None
    """The record that the order is exchanged for. None if it is not exchanged."""


class Applied(TypedDict):
    """What one code did to the order."""

    code: str
    """The canonical code."""
    tickets: int
    """How many tickets the code discounts; if its discount is of kind `none`, how many it counts."""
    uses: int
    """How many uses the code took."""
    discount: int
    """What the code took off the order, in minor units."""
    partial: bool
    """Whether too little was left, and the order got what was left because `when_short` is `partial`."""
    remaining: int | None
    """How many uses are left after the order; of several limits, the one that leaves least. None is no limit."""


class _ValidateRequest(TypedDict):
    codes: Sequence[str]
    """The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored."""
    promos: Sequence[Promo]
    """The organiser's promotions. All must be well-formed, also those whose code was not typed."""
    order: Order
    """What the buyer wants."""
    now_ms: int
    """The time of the decision: the same for `usageKeys` and for `validateRedemption`."""


class ValidateRequest(_ValidateRequest, total=False):
    """What a host asks: is this order accepted with these codes, and at what price?"""

    policy: Policy | None
    """The event's policy, which holds whatever the codes."""
    usage: Usage | None
    """The counters that `usageKeys` names, and the record with the order's id."""


class _PaymentReport(TypedDict):
    id: str
    """The payment's own id (hash, intent, charge), never the order's."""


class PaymentReport(_PaymentReport, total=False):
    """A payment, as the host reports it."""

    total: int | None
    """What was paid, in minor units. None: the total is not checked."""
    currency: str | None
    """The currency of the total, compared without regard to ASCII case. None only if the total is None."""


class _ConfirmRequest(TypedDict):
    redemption: StoredRedemption
    """The record, as it is stored."""
    payment: PaymentReport
    """What was paid."""
    now_ms: int
    """When the payment arrived."""


class ConfirmRequest(_ConfirmRequest, total=False):
    """What a host asks when a payment arrives."""

    usage: Usage | None
    """The counters of the record's charges. They are needed only if the record was released as `hold_expired`."""
    over_limit: bool | None
    """Whether a late payment is confirmed although a limit is exceeded. Default `False`."""
    dry: bool | None
    """Whether the host only asks what the answer would be: nothing is noted, and the plan is empty. Default `False`."""


class _Release(TypedDict):
    reason: ReleaseReason
    """Why the tickets come back."""


class Release(_Release, total=False):
    """Which tickets come back, and why."""

    id: str | None
    """The release's own id. A host that has lost the answer asks again with this id. None: it cannot ask again."""
    tickets: Sequence[int] | None
    """The tickets, by their index in the record. None is all that are left."""


class ReleaseRequest(TypedDict):
    """What a host asks when tickets come back."""

    redemption: StoredRedemption
    """The record, as it is stored."""
    release: Release
    """Which tickets come back, and why."""
    now_ms: int
    """When the tickets came back."""


class _ExchangeOrder(TypedDict):
    codes: Sequence[str]
    """The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored."""
    promos: Sequence[Promo]
    """The organiser's promotions. All must be well-formed, also those whose code was not typed."""
    order: Order
    """What the buyer wants instead, under an id of its own and in the record's currency."""


class ExchangeOrder(_ExchangeOrder, total=False):
    """The order in an exchange, with what `validateRedemption` takes."""

    policy: Policy | None
    """The event's policy, which holds whatever the codes."""
    usage: Usage | None
    """The counters that `usageKeys` names, and the record with the order's id."""


class _ExchangeRequest(TypedDict):
    redemption: StoredRedemption
    """The record of the paid order, as it is stored."""
    request: ExchangeOrder
    """The order that takes their place."""
    now_ms: int
    """When the tickets are exchanged."""


class ExchangeRequest(_ExchangeRequest, total=False):
    """What a host asks when a buyer wants other tickets in place of those that are paid."""

    tickets: Sequence[int] | None
    """The tickets that go back, by their index in the record. None is all that are left."""
    payment: PaymentReport | None
    """What was authorised for `due`. None: nothing."""
    refund: bool | None
    """Whether what is left over is paid back. Otherwise the buyer forgoes it. Default `False`."""


class AuditRequest(TypedDict):
    """All records of a store, or a batch of them: the sums of the batches may be added up."""

    redemptions: Sequence[StoredRedemption]
    """The stored records, in any order and any state, each once."""


class CodeRequest(TypedDict):
    """What somebody typed."""

    text: str
    """The code as it was typed, or as the organiser wrote it."""


class _ViewRequest(TypedDict):
    codes: Sequence[str]
    """What the buyer typed: at most one code, besides blank ones, which are ignored."""
    promos: Sequence[Promo]
    """The organiser's promotions. All must be well-formed, also those whose code was not typed."""
    order: Order
    """Who buys, and the ticket types and prices to choose from. The quantities play no part, and `id` must be None."""
    now_ms: int
    """The time of the view."""


class ViewRequest(_ViewRequest, total=False):
    """What a host asks so that a browser can preview: as for `validateRedemption`, with at most one code."""

    policy: Policy | None
    """The event's policy, which holds whatever the codes."""
    usage: Usage | None
    """The counters that `usageKeys` names, and names if the code of each automatic promotion is typed: an order in view
    may have more tickets than this one. A counter that is missing is 0.
    """
    reveal_up_to: int | None
    """The largest order, in tickets, that the browser can price by itself. Default `10`."""


class _PromosRequest(TypedDict):
    promos: Sequence[object]
    """All promotions that are sold together: they are compared with each other."""


class PromosRequest(_PromosRequest, total=False):
    """Documents as the organiser wrote them. They may be any values."""

    policy: object
    """The event's policy."""


class _CheckRequest(TypedDict):
    promos: Sequence[Promo]
    """The promotions, as they are stored."""


class CheckRequest(_CheckRequest, total=False):
    """All promotions that are sold under one policy: they are compared with each other."""

    policy: Policy | None
    """The event's policy."""
    now_ms: int | None
    """The present time. None: codes that have ended are not reported."""
    sharded: bool | None
    """Whether each event has a database of its own, so that nothing is counted over several events. Default `False`."""


class _ReportRequest(TypedDict):
    redemptions: Sequence[StoredRedemption]
    """The stored records, in any order and any state, each once."""


class ReportRequest(_ReportRequest, total=False):
    """All records of a store, or a share of them: the numbers of the shares may be added up."""

    by_person: bool | None
    """Whether each person gets rows of their own, too. An order with several identities is in the rows of each. Default
    `False`.
    """


class _SimulateRequest(TypedDict):
    promo: Promo
    """The stored document."""
    change: Promo
    """The whole document that would replace it."""


class SimulateRequest(_SimulateRequest, total=False):
    """A promotion as it is stored, and as it would be."""

    counters: Mapping[str, int | None] | None
    """How much is used of each counter, by key, in uses, tickets or minor units. A counter that is missing is 0."""
    event_id: str | None
    """The event that is asked about. None only if both documents have an `id`."""
    currency: str | None
    """The currency of the budgets, in which each of them has an amount. None only if each document with a budget names
    its currency.
    """


class _GenerateRequest(TypedDict):
    count: int
    """How many codes."""
    entropy: str
    """Random bytes in hexadecimal, never used before: 16 bytes, and 2 more for each random character of each code."""


class GenerateRequest(_GenerateRequest, total=False):
    """How many codes are wanted, and how hard they must be to guess."""

    bits: int | None
    """The least number of bits that somebody who guesses a code must get right; 50 bits are 12 characters. Default
    `50`.
    """
    prefix: str | None
    """The text with which each code begins. It adds nothing to the bits. Default ``."""
    check_character: bool | None
    """Whether each code ends in a check character, which shows that a code was mistyped. Default `False`."""
    existing: Sequence[str] | None
    """Codes that exist already, in any spelling."""


Unsound = Literal["refuse", "leave_out"]
"""What happens to promotions in which `validatePromos` finds faults.

- `refuse`: A single promotion with faults is an error, and nothing is sold.
- `leave_out`: Promotions with faults are left out: their codes are unknown to buyers, and the other promotions are
sold.
"""


class _PrepareRequest(TypedDict):
    promos: Sequence[object]
    """The organiser's promotions. If `unsound` is `leave_out`, an entry may be any value: one with faults is left out.
    """


class PrepareRequest(_PrepareRequest, total=False):
    """What prepared rules are made of."""

    policy: Policy | None
    """The event's policy. A fault in it is always an error."""
    unsound: Unsound | None
    """What happens to promotions with faults. Default `refuse`."""


class _PreparedKeysRequest(TypedDict):
    codes: Sequence[str]
    """The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored."""
    order: Order
    """What the buyer wants."""
    now_ms: int
    """The time of the decision: the same for `usageKeys` and for `validateRedemption`."""


class PreparedKeysRequest(_PreparedKeysRequest, total=False):
    """As `UsageKeysRequest`, without what prepared rules hold."""

    usage: Usage | None
    """It plays no part."""
    redemption: StoredRedemption | None
    """The record that the order is exchanged for. None if it is not exchanged."""


class _PreparedRequest(TypedDict):
    codes: Sequence[str]
    """The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored."""
    order: Order
    """What the buyer wants."""
    now_ms: int
    """The time of the decision: the same for `usageKeys` and for `validateRedemption`."""


class PreparedRequest(_PreparedRequest, total=False):
    """A request to prepared rules. It has no promotions and no policy, because the rules hold them."""

    usage: Usage | None
    """The counters that `usageKeys` names, and the record with the order's id."""


class _PreparedExchangeOrder(TypedDict):
    codes: Sequence[str]
    """The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored."""
    order: Order
    """What the buyer wants instead, under an id of its own and in the record's currency."""


class PreparedExchangeOrder(_PreparedExchangeOrder, total=False):
    """As `ExchangeOrder`, without what prepared rules hold."""

    usage: Usage | None
    """The counters that `usageKeys` names, and the record with the order's id."""


class _PreparedExchangeRequest(TypedDict):
    redemption: StoredRedemption
    """The record of the paid order, as it is stored."""
    request: PreparedExchangeOrder
    """The order that takes their place."""
    now_ms: int
    """When the tickets are exchanged."""


class PreparedExchangeRequest(_PreparedExchangeRequest, total=False):
    """As `ExchangeRequest`, without what prepared rules hold."""

    tickets: Sequence[int] | None
    """The tickets that go back, by their index in the record. None is all that are left."""
    payment: PaymentReport | None
    """What was authorised for `due`. None: nothing."""
    refund: bool | None
    """Whether what is left over is paid back. Otherwise the buyer forgoes it. Default `False`."""


Status = Literal["accepted", "rejected"]
"""Whether an order is accepted.

- `accepted`: The order is accepted.
- `rejected`: The order is rejected, and the host commits nothing.
"""


Payment = Literal["required", "none"]
"""Whether there is anything to pay.

- `required`: The total is above 0.
- `none`: The total is 0.
"""


class QuotedTicket(TypedDict):
    """The price of one ticket of the order."""

    line: int
    """The index of the order's line that the ticket belongs to."""
    ticket_type: str | None
    """The ticket's type. None: no list of ticket types includes the ticket."""
    unit_price: int
    """The ticket's price before any discount, in minor units."""
    discount: int
    """What the codes take off the ticket, in minor units."""
    price: int
    """What is payable for the ticket, in minor units."""
    codes: list[str]
    """The codes that discount, count or unlock the ticket, in the order of application."""
    off: list[int]
    """What each of `codes` takes off the ticket, in minor units and in the same order."""


class Quote(TypedDict):
    """The price of an order. The amounts of its tickets add up to those of the order."""

    currency: str
    """The order's currency, in whose minor units every amount is."""
    subtotal: int
    """The sum before any discount, in minor units."""
    discount: int
    """What all codes take off together, in minor units."""
    total: int
    """What is to be paid, in minor units: `subtotal` less `discount`."""
    payment: Payment
    """Whether there is anything to pay."""
    tickets: list[QuotedTicket]
    """Each ticket, in the order of the lines."""
    not_needed: list[str]
    """The codes that were typed and take no part, because there was nothing left for them or a better offer made them
    unnecessary. The buyer may be told. Empty if the order is rejected or was accepted before.
    """


PassedOverReason = Literal[
    "already_confirmed",
    "unknown_code",
    "cannot_combine",
    "inactive",
    "not_started",
    "ended",
    "outside_hours",
    "wrong_event",
    "wrong_currency",
    "not_eligible",
    "below_min_tickets",
    "above_max_tickets",
    "below_min_subtotal",
    "above_max_subtotal",
    "missing_tickets",
    "surplus_tickets",
    "missing_subtotal",
    "wrong_ticket_type",
    "nothing_to_discount",
    "identity_required",
    "uses_exhausted",
    "identity_uses_exhausted",
    "period_uses_exhausted",
    "period_identity_uses_exhausted",
    "pool_exhausted",
    "pool_identity_uses_exhausted",
    "budget_exhausted",
    "pool_budget_exhausted",
    "locked_ticket_type",
    "free_tickets_exhausted",
    "tickets_exhausted",
    "price_changed",
    "nothing_left",
    "better_offer",
    "not_weighed",
]
"""Why a promotion takes no part in an accepted order.

- `already_confirmed`: The order's id was confirmed before, with other contents.
- `unknown_code`: No promotion has the code.
- `cannot_combine`: The code cannot be used together with the other codes.
- `inactive`: The organiser switched the code off.
- `not_started`: The code may not be used yet.
- `ended`: The code may no longer be used.
- `outside_hours`: It is none of the code's hours, or the policy has no zone.
- `wrong_event`: The code is for other events.
- `wrong_currency`: The code is for orders in another currency.
- `not_eligible`: The code is for listed buyers, and the order names none of them.
- `below_min_tickets`: The order has fewer tickets of the code's types than it asks for.
- `above_max_tickets`: The order has more tickets of the code's types than it allows.
- `below_min_subtotal`: The order costs less before any discount than the code asks for.
- `above_max_subtotal`: The order costs more before any discount than the code allows.
- `missing_tickets`: The order has too few tickets of types that the code requires.
- `surplus_tickets`: The order has too many tickets of types that the code bounds.
- `missing_subtotal`: The order's tickets of types that the code requires cost too little before any discount.
- `wrong_ticket_type`: None of the order's tickets is of a type that the code is for.
- `nothing_to_discount`: The code would take nothing off.
- `identity_required`: There is a limit per person, and the order names nobody.
- `uses_exhausted`: Too few uses of the code are left.
- `identity_uses_exhausted`: Too few uses of the code are left for this person.
- `period_uses_exhausted`: Too few uses of the code are left in this day, week or month.
- `period_identity_uses_exhausted`: Too few uses of the code are left in this day, week or month for this person.
- `pool_exhausted`: Too few uses of one of the code's pools are left.
- `pool_identity_uses_exhausted`: Too few uses of one of the code's pools are left for this person.
- `budget_exhausted`: Too little of the code's budget is left.
- `pool_budget_exhausted`: Too little of the budget of one of the code's pools is left.
- `locked_ticket_type`: The order has tickets of types that need a code, and no code that is applied unlocks them.
- `free_tickets_exhausted`: Too few free tickets are left for this person at the event.
- `tickets_exhausted`: Too few tickets are left for this person at the event.
- `price_changed`: The order would cost more than the buyer has agreed to pay.
- `nothing_left`: The codes before it have left nothing for it to take off.
- `better_offer`: The order costs less without it.
- `not_weighed`: There were too many promotions to try them all.
"""


class PassedOver(TypedDict):
    """A promotion that takes no part in an accepted order: it uses nothing and takes nothing off."""

    code: str
    """The canonical code."""
    reason: PassedOverReason
    """The first reason."""
    counter: str | None
    """The key of the counter that leaves too little. None if no counter is involved."""


Reason = Literal[
    "already_confirmed",
    "unknown_code",
    "cannot_combine",
    "inactive",
    "not_started",
    "ended",
    "outside_hours",
    "wrong_event",
    "wrong_currency",
    "not_eligible",
    "below_min_tickets",
    "above_max_tickets",
    "below_min_subtotal",
    "above_max_subtotal",
    "missing_tickets",
    "surplus_tickets",
    "missing_subtotal",
    "wrong_ticket_type",
    "nothing_to_discount",
    "identity_required",
    "uses_exhausted",
    "identity_uses_exhausted",
    "period_uses_exhausted",
    "period_identity_uses_exhausted",
    "pool_exhausted",
    "pool_identity_uses_exhausted",
    "budget_exhausted",
    "pool_budget_exhausted",
    "locked_ticket_type",
    "free_tickets_exhausted",
    "tickets_exhausted",
    "price_changed",
]
"""What speaks against an order. A code's violations are in this order.

- `already_confirmed`: The order's id was confirmed before, with other contents.
- `unknown_code`: No promotion has the code.
- `cannot_combine`: The code cannot be used together with the other codes.
- `inactive`: The organiser switched the code off.
- `not_started`: The code may not be used yet.
- `ended`: The code may no longer be used.
- `outside_hours`: It is none of the code's hours, or the policy has no zone.
- `wrong_event`: The code is for other events.
- `wrong_currency`: The code is for orders in another currency.
- `not_eligible`: The code is for listed buyers, and the order names none of them.
- `below_min_tickets`: The order has fewer tickets of the code's types than it asks for.
- `above_max_tickets`: The order has more tickets of the code's types than it allows.
- `below_min_subtotal`: The order costs less before any discount than the code asks for.
- `above_max_subtotal`: The order costs more before any discount than the code allows.
- `missing_tickets`: The order has too few tickets of types that the code requires.
- `surplus_tickets`: The order has too many tickets of types that the code bounds.
- `missing_subtotal`: The order's tickets of types that the code requires cost too little before any discount.
- `wrong_ticket_type`: None of the order's tickets is of a type that the code is for.
- `nothing_to_discount`: The code would take nothing off.
- `identity_required`: There is a limit per person, and the order names nobody.
- `uses_exhausted`: Too few uses of the code are left.
- `identity_uses_exhausted`: Too few uses of the code are left for this person.
- `period_uses_exhausted`: Too few uses of the code are left in this day, week or month.
- `period_identity_uses_exhausted`: Too few uses of the code are left in this day, week or month for this person.
- `pool_exhausted`: Too few uses of one of the code's pools are left.
- `pool_identity_uses_exhausted`: Too few uses of one of the code's pools are left for this person.
- `budget_exhausted`: Too little of the code's budget is left.
- `pool_budget_exhausted`: Too little of the budget of one of the code's pools is left.
- `locked_ticket_type`: The order has tickets of types that need a code, and no code that is applied unlocks them.
- `free_tickets_exhausted`: Too few free tickets are left for this person at the event.
- `tickets_exhausted`: Too few tickets are left for this person at the event.
- `price_changed`: The order would cost more than the buyer has agreed to pay.
"""


PublicReason = Literal["not_accepted", "used_up", "order_not_eligible", "identity_required", "price_changed"]
"""What an anonymous buyer may be told, so that guessing codes teaches nothing.

- `not_accepted`: The code is not accepted: it does not exist, or it is not for this buyer, event or time. Without a
code: the order has tickets that are sold only with one.
- `used_up`: Too little is left, of the code or for this person.
- `order_not_eligible`: The code does not apply to this order, or this order can no longer be changed.
- `identity_required`: There is a limit per person, and the buyer has to say who buys.
- `price_changed`: The order would cost more than the buyer has agreed to pay.
"""


class _AddTickets(TypedDict):
    add_tickets: int
    """How many tickets more, at least."""


class AddTickets(_AddTickets, total=False):
    """The order needs more tickets."""

    of: list[str]
    """The ticket types that count. Absent where every type counts."""


class _RemoveTickets(TypedDict):
    remove_tickets: int
    """How many tickets fewer, at least."""


class RemoveTickets(_RemoveTickets, total=False):
    """The order needs fewer tickets, whichever of them the buyer removes."""

    of: list[str]
    """The ticket types that count and that the order holds. Absent where every type counts."""


class _AddSubtotal(TypedDict):
    add_subtotal: int
    """How much more before any discount, at least, in minor units."""


class AddSubtotal(_AddSubtotal, total=False):
    """The order needs a larger subtotal."""

    of: list[str]
    """The ticket types that count. Absent where every type counts."""


class _RemoveSubtotal(TypedDict):
    remove_subtotal: int
    """How much less before any discount, at least, in minor units."""


class RemoveSubtotal(_RemoveSubtotal, total=False):
    """The order needs a smaller subtotal, whichever tickets the buyer removes for it."""

    of: list[str]
    """The ticket types that count and that the order holds. Absent where every type counts."""


ToQualify = AddTickets | RemoveTickets | AddSubtotal | RemoveSubtotal
"""The least change of the order that mends everything that speaks against the code. What is left of a limit plays no
part.
"""


class Violation(TypedDict):
    """One thing that speaks against an order, for one code or for the policy."""

    code: str | None
    """The canonical code that the violation is about. None if it is about the whole order, whatever the codes."""
    reason: Reason
    """What speaks against the order, for the organiser."""
    public_reason: PublicReason
    """What an anonymous buyer may be told."""
    counter: str | None
    """The key of the counter that leaves too little; of several, the one that leaves least. None if no counter is
    involved.
    """
    limit: int | None
    """The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor units.
    None if there is neither.
    """
    used: int | None
    """What was used of the counter before this code, or what the order has (such as its number of tickets), in uses,
    tickets or minor units. None if there is neither.
    """
    remaining: int | None
    """What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. None if no counter
    is involved.
    """
    message: str
    """A sentence in plain English for the organiser."""
    to_qualify: ToQualify | None
    """The least change of the order that mends all that speaks against the code. None if no single change does, or if a
    buyer may not know it.
    """


class InsertOp(TypedDict):
    """Stores a new record. It fails if there is a record with this id."""

    op: Literal["insert"]
    redemption: Redemption
    """The record."""


class UpdateOp(TypedDict):
    """Replaces a record. It fails unless the stored revision is still `revision`."""

    op: Literal["update"]
    id: str
    """The record's id."""
    revision: int
    """The revision that was read."""
    redemption: Redemption
    """The record that replaces it."""


class AddOp(TypedDict):
    """Adds `by` to a counter; a counter that does not exist is 0. If `by` is positive, the operation fails unless the
    sum is at most `at_most`. If `by` is negative, the counter stops at 0, and the operation never fails.
    """

    op: Literal["add"]
    key: str
    """The counter's key."""
    by: int
    """How much is added, in uses, tickets or minor units: never 0."""
    at_most: int | None
    """The limit that guards a positive `by`, in uses, tickets or minor units. None: the operation never fails."""


Op = InsertOp | UpdateOp | AddOp
"""One guarded operation of the plan. If one fails, the host rolls all of them back, reads again and asks again."""


class Decision(TypedDict):
    """Whether the order is accepted, at what price, and what the host commits."""

    status: Status
    """Whether the order is accepted."""
    replayed: bool
    """Whether the order was accepted before, and is answered from its record."""
    quote: Quote
    """The price with every code applied. If the order is rejected: the price without any code."""
    applied: list[Applied]
    """What each code did, in the order of application. Empty if the order is rejected."""
    passed_over: list[PassedOver]
    """The codes that were typed and the automatic promotions that take no part in the accepted order, each with the
    first reason. It is for the host, and never for a buyer. Empty if the order is rejected or was accepted before.
    """
    violations: list[Violation]
    """Everything that speaks against the order. Empty if it is accepted."""
    ops: list[Op]
    """The plan: what the host commits with its own rows. Empty if the order is rejected, for a preview, and for a
    replay unless the hold is extended.
    """


ConfirmStatus = Literal[
    "confirmed",
    "already_confirmed",
    "already_returned",
    "paid_twice",
    "stale_payment",
    "late_payment_conflict",
    "released",
    "too_many_payments",
]
"""What a payment means for its order.

- `confirmed`: The payment pays for the order, which is now confirmed.
- `already_confirmed`: The payment was reported before, and its money was kept.
- `already_returned`: The payment was reported before, and its money went back.
- `paid_twice`: The order was paid by another payment, or is free.
- `stale_payment`: The payment's total or currency is not the order's, for example because the order was amended
since.
- `late_payment_conflict`: The hold had lapsed, and others have taken what it held: with this order, a limit would be
exceeded.
- `released`: The tickets were released for another reason than a lapsed hold, or after they were paid.
- `too_many_payments`: The record remembers 100 payments already, and takes no more.
"""


class Confirmation(TypedDict):
    """What the payment means for its order, whose the money is, and what the host commits."""

    status: ConfirmStatus
    """What the payment means for its order."""
    money: Money
    """Whose the money is. This is final, unless the request was `dry`."""
    violations: list[Violation]
    """The limits that a late payment exceeds."""
    ops: list[Op]
    """The plan: what the host commits. Empty if the request was `dry`."""


ReleaseStatus = Literal["released", "already_released", "already_confirmed"]
"""Whether anything was released.

- `released`: At least one ticket was released.
- `already_released`: Nothing is released now: none of the named tickets was left, or a release with this id was
answered before, and has the same tickets and the same `refundable` as then.
- `already_confirmed`: The reason (`hold_expired` or `payment_failed`) ends holds only, and this order is confirmed.
"""


class ReleaseAnswer(TypedDict):
    """Which tickets were released, what was paid for them, and what the host commits."""

    status: ReleaseStatus
    """Whether anything was released."""
    tickets: list[int]
    """The tickets that this release released, by index."""
    refundable: int
    """What was paid for these tickets, in minor units. Whether the shop owes it depends on the reason: after a dispute,
    the bank has paid it back already.
    """
    ops: list[Op]
    """The plan: what the host commits."""


ExchangeStatus = Literal[
    "accepted",
    "payment_due",
    "rejected",
    "exchange_refused",
    "stale_payment",
    "paid_twice",
    "already_confirmed",
    "already_returned",
    "already_released",
    "not_confirmed",
    "too_many_payments",
]
"""Whether tickets are exchanged.

- `accepted`: The tickets are exchanged, now or when it was asked before.
- `payment_due`: The new order would be accepted, and costs more than what goes back. The host has `due` authorised,
and asks again with the payment.
- `rejected`: The new order is rejected.
- `exchange_refused`: The new order is rejected, and the payment goes back.
- `stale_payment`: The payment is not of what is due, and goes back.
- `paid_twice`: The tickets were exchanged before, and were paid: this further payment goes back.
- `already_confirmed`: The new order's id belongs to another order that is confirmed; or the payment pays for an
order already.
- `already_returned`: The payment was reported before, and its money went back.
- `already_released`: None of the tickets is left, or a release with the new order's id was made before.
- `not_confirmed`: The order whose tickets should go back was never confirmed.
- `too_many_payments`: One of the two records remembers 100 payments already, and takes no more.
"""


class ExchangeAnswer(TypedDict):
    """Whether the tickets are exchanged, what is due or left over, and what the host commits."""

    status: ExchangeStatus
    """Whether the tickets are exchanged."""
    replayed: bool
    """Whether the exchange was made before, and is answered from the new order's record."""
    quote: Quote
    """The price of the new order with every code applied. Unless the order is judged and accepted: the price without
    any code.
    """
    applied: list[Applied]
    """What each code does in the new order, in the order of application."""
    passed_over: list[PassedOver]
    """The codes that were typed and the automatic promotions that take no part in the new order, each with the first
    reason. It is for the host, and never for a buyer.
    """
    violations: list[Violation]
    """Everything that speaks against the new order."""
    ops: list[Op]
    """The plan: what the host commits with its own rows."""
    refundable: int
    """What is left over and paid back to the buyer, in minor units."""
    due: int
    """What the new order costs more than the tickets that go back, in minor units."""
    forgone: int
    """What is left over and not paid back, in minor units."""
    money: Money | None
    """Whose the payment's money is. This is final. None without a payment."""


class Audit(TypedDict):
    """What the records say of the counters."""

    counters: dict[str, int]
    """By key, what each counter that the records charge must be, in uses, tickets or minor units; 0 where all was given
    back. A counter that no record charges is missing here, and must be 0.
    """


class CodeForms(TypedDict):
    """The forms of a code."""

    canonical: str
    """What is looked up, counted and recorded. Empty if nothing was typed."""
    loose: str
    """The canonical form without white space, dashes, dots, underscores, apostrophes and quotation marks. It may be
    empty.
    """


class PublicView(TypedDict):
    """What a browser may know. With an order and the time, `codes`, `promos` and `policy` are a request of
    `validateRedemption`, without `usage`.
    """

    codes: list[str]
    """The code in canonical form, if one was typed: that of the promotion, or of the text if the code is not accepted.
    """
    promos: list[Promo]
    """The code's promotion, and those automatic promotions that may apply to an order in view, as far as a browser may
    know them: their limits are what is left of the real limits. Empty if the code is not accepted, for whatever
    reason.
    """
    policy: Policy
    """The event's policy, whose limits are what is left for these identities."""
    complete: bool
    """Whether the view decides an order exactly as the server does. If not, the page asks the server for the price."""
    valid_until_ms: int | None
    """When the first promotion of the view, its hours or a period of its limits end: then the page asks for another
    view. None if nothing ends. Other promotions may begin earlier; a view never tells when.
    """


ErrorCode = Literal["invalid_request", "invalid_promo", "duplicate_code", "amount_out_of_range"]
"""The kind of a mistake.

- `invalid_request`: Anything malformed that has no code of its own.
- `invalid_promo`: A fault inside one of the promotions.
- `duplicate_code`: Two promotions share a canonical code or an id.
- `amount_out_of_range`: A sum leaves the range of an integer: it would be above 9 007 199 254 740 991.
"""


class Fault(TypedDict):
    """Something wrong with a document."""

    path: str
    """The field, such as `promos[3].max_uses`. It may be a field that the document does not have."""
    at: list[str | int]
    """The path as data: the fields and positions that lead to the field, such as `["promos", 3, "max_uses"]`."""
    code: ErrorCode
    """The kind of mistake."""
    message: str
    """What was expected there: lower-case, no full stop."""


class PromosAnswer(TypedDict):
    """What is wrong with the documents, and which promotions are sound."""

    faults: list[Fault]
    """Every fault, promotion by promotion, then the policy's; of one document at most 100."""
    sound: list[int]
    """The positions of the promotions without a fault: these can be sold together."""


Problem = Literal[
    "free_without_limit",
    "free_whole_orders",
    "order_price_without_bound",
    "free_beside_required",
    "free_without_total",
    "nearly_free_without_limit",
    "unlocks_without_limit",
    "guessable_code",
    "aliases_count_apart",
    "caps_count_nobody",
    "caps_miss_listed",
    "shared_kind_counted",
    "limit_per_event",
    "spans_databases",
    "pool_limits_differ",
    "pool_without_limit",
    "limit_never_reached",
    "locked_without_code",
    "unlocks_nothing",
    "lifts_nothing",
    "amounts_without_currency",
    "currency_missing",
    "currency_spelling",
    "amount_below_one_unit",
    "percent_below_one",
    "discount_above_limit",
    "discount_never_applies",
    "tier_never_applies",
    "group_never_forms",
    "free_part_can_be_kept",
    "admits_nobody",
    "zero_refuses",
    "empty_window",
    "without_zone",
    "zone_ends_soon",
    "hours_never_come",
    "min_above_max",
    "requirements_contradict",
    "facts_contradict",
    "first_order_without_limit",
    "min_above_limit",
    "email_without_at",
    "email_malformed",
    "same_loose_form",
    "look_alike_codes",
    "look_alike_characters",
    "combines_with_free",
    "group_excludes_all",
    "never_best",
    "automatic_without_limit",
    "priority_without_combines",
    "amount_can_be_whole_price",
    "rounds_to_free",
    "keeps_group_price",
    "gives_lost_uses_back",
    "code_not_ascii",
    "ended",
]
"""What is suspicious in a promotion or the policy.

- `free_without_limit`: Tickets are free, and nothing limits how many, neither in all nor for each person.
- `free_whole_orders`: Tickets are free, each order is one use, the uses are limited, and nothing bounds the tickets
or the money of one order.
- `order_price_without_bound`: All tickets of an order together have one price (`order_price`), and neither
`max_tickets` nor `max_tickets_per_order` bounds how many.
- `free_beside_required`: Tickets are free beside those that `requires` asks for or that must be bought (`buy`), and
nothing bounds how many of them one order may have.
- `free_without_total`: Tickets are free, and the only limit is one for each person; or they are free for listed
buyers, without a limit for each.
- `nearly_free_without_limit`: The code takes 90 percent or more off, and nothing limits how many tickets, neither in
all nor for each person.
- `unlocks_without_limit`: The code unlocks a locked ticket type for anybody, and nothing limits how many tickets,
neither in all nor for each person.
- `guessable_code`: The code makes tickets free, takes 50 percent or more off, or unlocks a locked ticket type, for
anybody, and has at most 3 characters or 4 digits: fewer than 100 000 such codes exist.
- `aliases_count_apart`: `email_aliases` is `exact`, and e-mail addresses are limited per person.
- `caps_count_nobody`: `identity_kinds` is an empty list, and something is limited per person.
- `caps_miss_listed`: The code is limited per person, and `identity_kinds` leaves out a kind in `only_for` that tells
persons apart, such as `npub`.
- `shared_kind_counted`: The code is limited per person, and all buyers who share a value in `only_for`, such as a
role, are counted as one person: `identity_kinds` is None, or names this kind although `max_uses` is more than the
listed persons can have.
- `limit_per_event`: The promotion names several events and has no `id`: its own limits hold for each event, not for
all together.
- `spans_databases`: Each event has a database of its own (`sharded`), but an `id` is for several events or for any,
or a pool is for other events than in the promotion that names it first.
- `pool_limits_differ`: An earlier promotion, active or not, gives the pool another limit.
- `pool_without_limit`: No promotion gives the pool a limit.
- `limit_never_reached`: A limit that is never reached because another one is lower: uses per person above all uses,
uses or money above those of the pool, an order's money above the budget, a period's uses above all uses or those of
a longer period, a person's free tickets above all of the person's tickets.
- `locked_without_code`: A ticket type is in `locked_ticket_types`, and no promotion unlocks it.
- `unlocks_nothing`: `unlocks` has a ticket type that is not in the policy's `locked_ticket_types`.
- `lifts_nothing`: `lifts` raises a limit that the policy does not have, or that is as high already.
- `amounts_without_currency`: The document has an amount and no `currency`, and it has an `id`, names several events,
or has other amounts by currency.
- `currency_missing`: An amount has no number for a currency that another amount of the promotion, or its `currency`,
names. Orders in this currency are refused.
- `currency_spelling`: A currency, of the promotion or of an amount, has three letters that are not all capitals
(`sat` may be small), is a sign (`€`, `US$`), or has blanks around it; or an earlier one spells the same currency in
another way (`SAT`, `sats`).
- `amount_below_one_unit`: An amount is above 0 and below one unit of its currency, such as 15 for 15 EUR. One unit
is 100 minor units unless ISO 4217 says otherwise. Amounts in `BTC` and `sat` are not looked at.
- `percent_below_one`: A percent is above 0 and below 1, such as 0.2, which may have been meant as a fifth.
- `discount_above_limit`: The amount that the code takes off is more than `max_discount` or a budget.
- `discount_never_applies`: An entry of `discounts` is for no ticket: it names no ticket type, or only types that an
earlier entry names or that `ticket_types` leaves out.
- `tier_never_applies`: No order reaches the tier, or every order that `min_tickets` allows reaches the next one.
- `group_never_forms`: A group has more tickets than an order, the code or a person may have, more of its tickets are
discounted than `max_tickets_per_order`, or `buy` names no ticket type.
- `free_part_can_be_kept`: The discount of a group stays on its discounted tickets (`spread`), so a buyer can give
back the others and keep what was free.
- `admits_nobody`: `events`, `ticket_types` or `only_for` is empty, everything that `events` or `ticket_types` lists
is excluded, or an entry of `requires` asks for tickets of no type.
- `zero_refuses`: A limit or the largest subtotal is 0, or the amount that the code takes off is 0.
- `empty_window`: The time window ends when it starts, or before.
- `without_zone`: The code has `weekly` or `per_period`, and the policy has no `zone`.
- `zone_ends_soon`: A code has `weekly` or `per_period`, and the list of the policy's `zone` ends within a year after
`now_ms`. A list of one offset is not reported.
- `hours_never_come`: None of the hours in `weekly` is between `starts_at_ms` and `ends_at_ms`, or no hours have a
day.
- `min_above_max`: `min_tickets` is more than the code, a person or an order may have, or `min_subtotal` is above
`max_subtotal`.
- `requirements_contradict`: An order that has what one part of the promotion asks for has too much for another: two
entries of `requires` exclude each other, or an entry excludes all tickets that the code is for.
- `facts_contradict`: No facts meet all conditions of `only_if`: they ask for different values, or for different
kinds of value, of one fact.
- `first_order_without_limit`: A condition on the fact `orders_before` is for first orders only, and the promotion
has no limit per person, or no `id`: two orders at once are both the first.
- `min_above_limit`: Each ticket is a use, `when_short` is `reject`, and `min_tickets` needs more uses at once than a
limit allows.
- `email_without_at`: An e-mail address in `only_for` has no `@`.
- `email_malformed`: An e-mail address in `only_for` has a `*`, a blank, brackets or another sign that no address
has, or a domain that is none.
- `same_loose_form`: The code differs from an earlier code only by white space, dashes, dots, underscores,
apostrophes or quotation marks.
- `look_alike_codes`: The code differs from an earlier code only by characters that look alike: 0 and O; 1, I and L;
5 and S; 8 and B; or letters of another script.
- `look_alike_characters`: The code has a Cyrillic or Greek letter among Latin ones, or all its letters look like
Latin ones.
- `combines_with_free`: The code makes tickets free and combines, and another code that combines may be applied after
it.
- `group_excludes_all`: The code combines, and every other code that combines is in its `group`.
- `never_best`: An automatic promotion takes nothing off, and `choose` is `best`: of orders that cost the same, the
one with fewer promotions is best.
- `automatic_without_limit`: The promotion is automatic and takes something off, and nothing limits how many tickets,
neither in all nor for each person. Free tickets are `free_without_limit`.
- `priority_without_combines`: The code has a `priority`, is not automatic, and does not combine.
- `amount_can_be_whole_price`: The code takes an amount off, and nothing limits how many tickets, neither in all nor
for each person. An amount off the order is reported only if no `min_subtotal` of the discounted tickets is above it.
- `rounds_to_free`: The percent is below 100, but its rounding makes tickets for 10 minor units or more free.
- `keeps_group_price`: The code takes something off, and has `min_tickets` of 2 or more, a `min_subtotal`, an entry
of `requires` with such a bound, or tiers by volume. These are looked at only when the order is placed. An
`amount_per_order` alone is not reported: each ticket that comes back takes its share along.
- `gives_lost_uses_back`: A release rule says `restore` for `forfeited`, `no_show` or `disputed`.
- `code_not_ascii`: The code, in canonical form, has a character outside printable ASCII.
- `ended`: The time window has passed at `now_ms`.
"""


Severity = Literal["danger", "warning", "notice"]
"""How bad a problem is.

- `danger`: Anybody can take seats for nothing, without end.
- `warning`: The document does something else than it seems to say.
- `notice`: The organiser may well mean it.
"""


class Finding(TypedDict):
    """Something that the organiser should look at."""

    path: str
    """The field to look at, such as `promos[0].max_uses`. It may be a field that the document does not have."""
    problem: Problem
    """What is suspicious there."""
    severity: Severity
    """How bad the problem is."""
    message: str
    """A sentence in plain English for the organiser."""


Outcome = Literal["met", "broken", "not_asked", "not_judged"]
"""What a rule says of an order.

- `met`: The order meets the rule.
- `broken`: The order breaks the rule.
- `not_asked`: The document does not have this rule: the condition or limit is not set.
- `not_judged`: Another rule is broken, so this one was not looked at.
"""


class ExplainedRule(TypedDict):
    """What one rule says of the order."""

    reason: Reason
    """The reason of the violation, if the rule is broken."""
    outcome: Outcome
    """What the rule says."""
    counter: str | None
    """The key of the counter that the rule looks at. None if it looks at none."""
    limit: int | None
    """The counter's limit, or the rule's bound, in uses, tickets, minor units or milliseconds. None if there is none.
    """
    used: int | None
    """What is used of the counter before this order, or what the order has, in uses, tickets, minor units or
    milliseconds. None if there is neither.
    """
    remaining: int | None
    """What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. None if there is
    no limit or no counter.
    """
    needed: int | None
    """What the order needs of the counter, in uses, tickets or minor units. None if enough is left, or no counter is
    involved.
    """
    message: str | None
    """A sentence in plain English. None unless the rule is broken."""


class ExplainedPromo(TypedDict):
    """What each rule of one promotion says of the order."""

    code: str
    """The promotion's canonical code; of an unknown code, what was typed, in canonical form."""
    automatic: bool
    """Whether the promotion is automatic, and its code was not entered. Its rules are then judged as if it were the
    only one, at full prices.
    """
    passed_over: PassedOverReason | None
    """Why the promotion takes no part in the accepted order, though its rules may be met. None if it takes part, or if
    the order is rejected.
    """
    rules: list[ExplainedRule]
    """Every rule, in the order in which violations are listed, and every counter that the code may charge."""


class LeaveOutCodeOrderChange(TypedDict):
    """A code is left out."""

    kind: Literal["leave_out_code"]
    code: str
    """The code, as `promos` of the answer names it."""


class WaitUntilOrderChange(TypedDict):
    """The order is placed later."""

    kind: Literal["wait_until"]
    at_ms: int
    """The first moment at which it is accepted, if nothing else is sold until then."""


class NameIdentityOrderChange(TypedDict):
    """The buyer says who buys. It was tried with a listed person or one who has used nothing yet."""

    kind: Literal["name_identity"]
    identity: str
    """The kind of identity, such as `email`."""


class AddTicketsOrderChange(TypedDict):
    """Tickets are added to a line."""

    kind: Literal["add_tickets"]
    line: int
    """The index of the order's line."""
    tickets: int
    """How many tickets, at least."""


class RemoveTicketsOrderChange(TypedDict):
    """Tickets are taken out of a line."""

    kind: Literal["remove_tickets"]
    line: int
    """The index of the order's line."""
    tickets: int
    """How many tickets, at least."""


OrderChange = (
    LeaveOutCodeOrderChange
    | WaitUntilOrderChange
    | NameIdentityOrderChange
    | AddTicketsOrderChange
    | RemoveTicketsOrderChange
)
"""A single change of the order."""


class Fix(TypedDict):
    """A single change of the order that was decided and accepted. One ticket or one millisecond less was rejected."""

    change: OrderChange
    """The change."""
    total: int
    """What the changed order costs, in minor units."""


class Unfixed(TypedDict):
    """What no fix mends."""

    code: str | None
    """The code, as `promos` of the answer names it. None for what speaks against the whole order."""
    reason: Reason
    """What speaks against it."""


class Explanation(TypedDict):
    """What each rule says of an order, and what would get it accepted. It names promotions, limits and counters, so it
    is for whoever runs the shop, and never for a buyer.
    """

    status: Status
    """Whether the order is accepted."""
    replayed: bool
    """Whether the order's record answers, so that no rule is asked. Then `promos` and `policy` are empty."""
    total: int | None
    """What the order costs, in minor units. None if it is rejected."""
    promos: list[ExplainedPromo]
    """Each code that was entered, in the order of entry, and then each automatic promotion for the event."""
    policy: list[ExplainedRule]
    """What the policy says of the whole order."""
    fixes: list[Fix]
    """Single changes, each of which gets the order accepted as it is otherwise. Empty if it is accepted."""
    unfixed: list[Unfixed]
    """What speaks against the order and is mended by no fix, except by one that leaves its code out."""
    decisions: int
    """How many orders were decided for this answer: at most 32."""
    complete: bool
    """Whether every change that the rules' numbers suggest was tried. If not, there may be more fixes."""


class Figures(TypedDict):
    """Orders, tickets, uses and money in one state."""

    orders: int
    """How many orders are in this state. An order of which some tickets came back is still held or confirmed."""
    tickets: int
    """How many tickets are in this state."""
    uses: int
    """How many uses: `held` and `confirmed` are still taken, `released` were given back. A use that a release kept is
    still taken.
    """
    list: int
    """What the tickets cost before any discount, in minor units."""
    discount: int
    """What was taken off: by the code; in a row of all orders by all codes. In minor units."""
    paid: int
    """What is payable for the tickets, in minor units: `list` less what all of their codes took off."""


class ReportRow(TypedDict):
    """What one code was used for, or all orders together."""

    code: str | None
    """The canonical code. None: all orders, in which each ticket counts once, whatever its codes. A ticket with two
    codes is in the rows of both, so the rows of the codes do not add up to this one.
    """
    currency: str
    """The currency of the amounts."""
    person: str | None
    """Who bought, as `kind:value` in canonical form. None is everybody together."""
    held: Figures
    """What is held: orders that are not paid yet."""
    confirmed: Figures
    """What is confirmed: orders that are paid, or cost nothing."""
    released: Figures
    """What was released: tickets that came back, and orders of which no ticket is left."""


class Report(TypedDict):
    """What the records say of the codes."""

    rows: list[ReportRow]
    """A row for each code and currency and, if asked, each person; before them the rows of all orders, with or without
    codes. They are sorted by code, currency and person, and None comes first.
    """


LimitName = Literal[
    "max_uses",
    "max_uses_per_identity",
    "max_uses_per_day",
    "max_uses_per_identity_per_day",
    "max_uses_per_week",
    "max_uses_per_identity_per_week",
    "max_uses_per_month",
    "max_uses_per_identity_per_month",
    "budget",
    "pool_max_uses",
    "pool_max_uses_per_identity",
    "pool_budget",
]
"""A limit of a promotion.

- `max_uses`: The uses of all buyers.
- `max_uses_per_identity`: The uses of each person.
- `max_uses_per_day`: The uses of all buyers in one day.
- `max_uses_per_identity_per_day`: The uses of each person in one day.
- `max_uses_per_week`: The uses of all buyers in one week.
- `max_uses_per_identity_per_week`: The uses of each person in one week.
- `max_uses_per_month`: The uses of all buyers in one month.
- `max_uses_per_identity_per_month`: The uses of each person in one month.
- `budget`: The money that the code takes off.
- `pool_max_uses`: The uses of a pool.
- `pool_max_uses_per_identity`: The uses of a pool by each person.
- `pool_budget`: The money that the codes of a pool take off.
"""


class Standing(TypedDict):
    """How a limit stands. Each person and each period has a counter, so of a limit for each only `limit` is given."""

    counter: str | None
    """The counter's key. None for a limit per person or per period."""
    limit: int | None
    """How much may be used, in uses or minor units. None is no limit."""
    used: int | None
    """How much is used, in uses or minor units. None for a limit per person or per period."""
    left: int | None
    """How much is left, in uses or minor units. None is no limit, or a limit per person or per period."""


class LimitChange(TypedDict):
    """A limit that changes, or that another counter then counts."""

    limit: LimitName
    """Which limit it is. For a pool, the counter's key says which pool; for a limit per person, the message does."""
    before: Standing | None
    """How the limit stands now. None for a pool that the stored document does not name."""
    after: Standing | None
    """How the limit would stand. None for a pool that the new document does not name."""
    message: str
    """A sentence in plain English for the organiser."""


class FieldChange(TypedDict):
    """A field of the document that changes."""

    field: str
    """The field's name."""
    message: str
    """A sentence in plain English for the organiser."""


class Simulation(TypedDict):
    """What changes for the next buyers. Whoever holds a ticket keeps it, its price and its terms."""

    limits: list[LimitChange]
    """Each limit that changes, or that another counter then counts."""
    changes: list[FieldChange]
    """Each other field that changes, in the order of the document."""


class GeneratedCodes(TypedDict):
    """New codes."""

    codes: list[str]
    """The codes in canonical form, all different."""
    bits: int
    """How many bits somebody who guesses a code must get right: those of the random characters, rounded down."""
