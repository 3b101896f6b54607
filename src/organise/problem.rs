//! Finding: what `checkPromo` answers, and the problems that it knows.

use serde::Serialize;

/// Something that the organiser should look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The field to look at, such as `promos[0].max_uses`. It may be a field that the document does not have.
    pub path: String,
    /// What is suspicious there.
    pub problem: Problem,
    /// How bad the problem is.
    pub severity: Severity,
    /// A sentence in plain English for the organiser.
    pub message: String,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Anybody can take seats for nothing, without end.
    Danger,
    /// The document does something else than it seems to say.
    Warning,
    /// The organiser may well mean it.
    Notice,
}

/// What is suspicious in a promotion or the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Tickets are free, and nothing limits how many, neither in all nor for each person.
    FreeWithoutLimit,
    /// Tickets are free, each order is one use, the uses are limited, and nothing bounds the tickets or the money of
    /// one order.
    FreeWholeOrders,
    /// All tickets of an order together have one price (`order_price`), and neither `max_tickets` nor
    /// `max_tickets_per_order` bounds how many.
    OrderPriceWithoutBound,
    /// Tickets are free beside those that `requires` asks for or that must be bought (`buy`), and nothing bounds how
    /// many of them one order may have.
    FreeBesideRequired,
    /// Tickets are free, and the only limit is one for each person; or they are free for listed buyers, without a
    /// limit for each.
    FreeWithoutTotal,
    /// The code takes 90 percent or more off, and nothing limits how many tickets, neither in all nor for each person.
    NearlyFreeWithoutLimit,
    /// The code unlocks a locked ticket type for anybody, and nothing limits how many tickets, neither in all nor for
    /// each person.
    UnlocksWithoutLimit,
    /// The code makes tickets free, takes 50 percent or more off, or unlocks a locked ticket type, for anybody, and
    /// has at most 3 characters or 4 digits: fewer than 100 000 such codes exist.
    GuessableCode,
    /// `email_aliases` is `exact`, and e-mail addresses are limited per person.
    AliasesCountApart,
    /// `identity_kinds` is an empty list, and something is limited per person.
    CapsCountNobody,
    /// The code is limited per person, and `identity_kinds` leaves out a kind in `only_for` that tells persons apart,
    /// such as `npub`.
    CapsMissListed,
    /// The code is limited per person, and all buyers who share a value in `only_for`, such as a role, are counted as
    /// one person: `identity_kinds` is null, or names this kind although `max_uses` is more than the listed persons
    /// can have.
    SharedKindCounted,
    /// The promotion names several events and has no `id`: its own limits hold for each event, not for all together.
    LimitPerEvent,
    /// Each event has a database of its own (`sharded`), but an `id` is for several events or for any, or a pool is
    /// for other events than in the promotion that names it first.
    SpansDatabases,
    /// An earlier promotion, active or not, gives the pool another limit.
    PoolLimitsDiffer,
    /// No promotion gives the pool a limit.
    PoolWithoutLimit,
    /// A limit that is never reached because another one is lower: uses per person above all uses, uses or money
    /// above those of the pool, an order's money above the budget, a period's uses above all uses or those of a longer
    /// period, a person's free tickets above all of the person's tickets.
    LimitNeverReached,
    /// A ticket type is in `locked_ticket_types`, and no promotion unlocks it.
    LockedWithoutCode,
    /// `unlocks` has a ticket type that is not in the policy's `locked_ticket_types`.
    UnlocksNothing,
    /// `lifts` raises a limit that the policy does not have, or that is as high already.
    LiftsNothing,
    /// The document has an amount and no `currency`, and it has an `id`, names several events, or has other amounts by
    /// currency.
    AmountsWithoutCurrency,
    /// An amount has no number for a currency that another amount of the promotion, or its `currency`, names. Orders in
    /// this currency are refused.
    CurrencyMissing,
    /// A currency, of the promotion or of an amount, has three letters that are not all capitals (`sat` may be small),
    /// is a sign (`€`, `US$`), or has blanks around it; or an earlier one spells the same currency in another way
    /// (`SAT`, `sats`).
    CurrencySpelling,
    /// An amount is above 0 and below one unit of its currency, such as 15 for 15 EUR. One unit is 100 minor units
    /// unless ISO 4217 says otherwise. Amounts in `BTC` and `sat` are not looked at.
    AmountBelowOneUnit,
    /// A percent is above 0 and below 1, such as 0.2, which may have been meant as a fifth.
    PercentBelowOne,
    /// The amount that the code takes off is more than `max_discount` or a budget.
    DiscountAboveLimit,
    /// An entry of `discounts` is for no ticket: it names no ticket type, or only types that an earlier entry names or
    /// that `ticket_types` leaves out.
    DiscountNeverApplies,
    /// No order reaches the tier, or every order that `min_tickets` allows reaches the next one.
    TierNeverApplies,
    /// A group has more tickets than an order, the code or a person may have, more of its tickets are discounted than
    /// `max_tickets_per_order`, or `buy` names no ticket type.
    GroupNeverForms,
    /// The discount of a group stays on its discounted tickets (`spread`), so a buyer can give back the others and keep
    /// what was free.
    FreePartCanBeKept,
    /// `events`, `ticket_types` or `only_for` is empty, everything that `events` or `ticket_types` lists is
    /// excluded, or an entry of `requires` asks for tickets of no type.
    AdmitsNobody,
    /// A limit or the largest subtotal is 0, or the amount that the code takes off is 0.
    ZeroRefuses,
    /// The time window ends when it starts, or before.
    EmptyWindow,
    /// The code has `weekly` or `per_period`, and the policy has no `zone`.
    WithoutZone,
    /// A code has `weekly` or `per_period`, and the list of the policy's `zone` ends within a year after `now_ms`. A
    /// list of one offset is not reported.
    ZoneEndsSoon,
    /// None of the hours in `weekly` is between `starts_at_ms` and `ends_at_ms`, or no hours have a day.
    HoursNeverCome,
    /// `min_tickets` is more than the code, a person or an order may have, or `min_subtotal` is above `max_subtotal`.
    MinAboveMax,
    /// An order that has what one part of the promotion asks for has too much for another: two entries of `requires`
    /// exclude each other, or an entry excludes all tickets that the code is for.
    RequirementsContradict,
    /// No facts meet all conditions of `only_if`: they ask for different values, or for different kinds of value, of
    /// one fact.
    FactsContradict,
    /// A condition on the fact `orders_before` is for first orders only, and the promotion has no limit per person, or
    /// no `id`: two orders at once are both the first.
    FirstOrderWithoutLimit,
    /// Each ticket is a use, `when_short` is `reject`, and `min_tickets` needs more uses at once than a limit allows.
    MinAboveLimit,
    /// An e-mail address in `only_for` has no `@`.
    EmailWithoutAt,
    /// An e-mail address in `only_for` has a `*`, a blank, brackets or another sign that no address has, or a
    /// domain that is none.
    EmailMalformed,
    /// The code differs from an earlier code only by white space, dashes, dots, underscores, apostrophes or quotation
    /// marks.
    SameLooseForm,
    /// The code differs from an earlier code only by characters that look alike: 0 and O; 1, I and L; 5 and S; 8 and
    /// B; or letters of another script.
    LookAlikeCodes,
    /// The code has a Cyrillic or Greek letter among Latin ones, or all its letters look like Latin ones.
    LookAlikeCharacters,
    /// The code makes tickets free and combines, and another code that combines may be applied after it.
    CombinesWithFree,
    /// The code combines, and every other code that combines is in its `group`.
    GroupExcludesAll,
    /// An automatic promotion takes nothing off, and `choose` is `best`: of orders that cost the same, the one with
    /// fewer promotions is best.
    NeverBest,
    /// The promotion is automatic and takes something off, and nothing limits how many tickets, neither in all nor for
    /// each person. Free tickets are `free_without_limit`.
    AutomaticWithoutLimit,
    /// The code has a `priority`, is not automatic, and does not combine.
    PriorityWithoutCombines,
    /// The code takes an amount off, and nothing limits how many tickets, neither in all nor for each person. An
    /// amount off the order is reported only if no `min_subtotal` of the discounted tickets is above it.
    AmountCanBeWholePrice,
    /// The percent is below 100, but its rounding makes tickets for 10 minor units or more free.
    RoundsToFree,
    /// The code takes something off, and has `min_tickets` of 2 or more, a `min_subtotal`, an entry of `requires`
    /// with such a bound, or tiers by volume. These are looked at only when the order is placed. An `amount_per_order`
    /// alone is not reported: each ticket that comes back takes its share along.
    KeepsGroupPrice,
    /// A release rule says `restore` for `forfeited`, `no_show` or `disputed`.
    GivesLostUsesBack,
    /// The code, in canonical form, has a character outside printable ASCII.
    CodeNotAscii,
    /// The time window has passed at `now_ms`.
    Ended,
}
