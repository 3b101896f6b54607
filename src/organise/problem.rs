//! Finding: what `checkPromo` answers, and the problems that it knows.

use serde::Serialize;

/// Something that the organiser should look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The field to look at, such as `promos[0].max_uses`. A field that is missing is named, too.
    pub path: String,
    /// What is suspicious there.
    pub problem: Problem,
    /// How much depends on it.
    pub severity: Severity,
    /// A sentence in plain English for the organiser.
    pub message: String,
}

/// How much depends on a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Seats can be had for nothing without end.
    Danger,
    /// It does something else than it seems to say.
    Warning,
    /// It may well be meant.
    Notice,
}

/// What is suspicious in a promotion or the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Free, and nothing limits it, in all or for each person.
    FreeWithoutLimit,
    /// Free, limited and counted by order, and nothing bounds the tickets or the money of one order.
    FreeWholeOrders,
    /// Free, and only persons are limited; or free for listed buyers without a limit for each.
    FreeWithoutTotal,
    /// 90 percent or more off, and nothing limits it, in all or for each person.
    NearlyFreeWithoutLimit,
    /// Free or 50 percent and more off for anybody, with a code of up to 3 characters or 4 digits: fewer than
    /// 100 000 such codes exist.
    GuessableCode,
    /// `email_aliases` is `exact`, and e-mail addresses are limited per person.
    AliasesCountApart,
    /// `identity_kinds` is an empty list, and something is limited per person.
    CapsCountNobody,
    /// Limited per person, and `identity_kinds` leaves out a kind of `only_for` by which persons are told
    /// apart.
    CapsMissListed,
    /// Limited per person, and a kind of `only_for` by which persons are not told apart is counted:
    /// `identity_kinds` is null, or names it though `max_uses` is more than the listed ones can have.
    SharedKindCounted,
    /// Several events, no `id`, and a limit of its own, which holds for each event and not for all.
    LimitPerEvent,
    /// Each event has a database of its own (`sharded`), and an `id` is of more than one event or of any, or a
    /// pool is of other events than where it is named first.
    SpansDatabases,
    /// An earlier promotion, active or not, gives the pool another limit.
    PoolLimitsDiffer,
    /// A pool to which no promotion gives a limit.
    PoolWithoutLimit,
    /// A limit that another one ends first: uses per person above all uses, uses or money above the pool's, an
    /// order's money above the budget, free tickets above tickets.
    LimitNeverReached,
    /// No `currency`, an `id` or several events, and an amount in the document.
    AmountsWithoutCurrency,
    /// Three letters that are not all capitals (but `sat`), a sign (`€`, `US$`), blanks around it; or another
    /// spelling than an earlier promotion's (`SAT`, `sats`).
    CurrencySpelling,
    /// An amount above 0 and below one unit of its currency, such as 15 for 15 EUR. One unit is 100 of the
    /// smallest, or what ISO 4217 says; `BTC` and `sat` are counted whole.
    AmountBelowOneUnit,
    /// A percent above 0 and below 1, in either spelling, such as 0.2 for a fifth.
    PercentBelowOne,
    /// An amount off that is more than `max_discount` or a budget.
    DiscountAboveLimit,
    /// `events`, `ticket_types` or `only_for` has nothing in it.
    AdmitsNobody,
    /// A limit of 0, or an amount off of 0.
    ZeroRefuses,
    /// It ends when it starts, or before.
    EmptyWindow,
    /// More tickets are needed than the code, a person or an order may have.
    MinAboveMax,
    /// Each ticket is a use, `when_short` is `reject`, and more uses are needed at once than there are.
    MinAboveLimit,
    /// An e-mail address in `only_for` has no `@`.
    EmailWithoutAt,
    /// An e-mail address in `only_for` has a `*`, a blank, brackets or another sign that no address has, or a
    /// domain that is none.
    EmailMalformed,
    /// It differs from an earlier code only by white space, dashes, dots, underscores, apostrophes or quotation
    /// marks.
    SameLooseForm,
    /// It differs from an earlier code only by 0 and O, by 1, I and L, by 5 and S, by 8 and B, or by a
    /// look-alike of another script.
    LookAlikeCodes,
    /// A Cyrillic or Greek letter among Latin ones, or a code that reads as a Latin one.
    LookAlikeCharacters,
    /// It is free and combines, and a code that combines may be applied after it.
    CombinesWithFree,
    /// A priority, and no `combines`.
    PriorityWithoutCombines,
    /// An amount off, nothing limits it, in all or for each person, and for orders no `min_subtotal` is above
    /// it.
    AmountCanBeWholePrice,
    /// A percent below 100 whose rounding makes prices of 10 minor units and more free.
    RoundsToFree,
    /// It takes something off, and has `min_tickets` from 2 or a `min_subtotal`, which are asked once. What
    /// `amount_per_order` takes off is shared, and goes with its tickets.
    KeepsGroupPrice,
    /// A rule restores for `forfeited`, `no_show` or `disputed`.
    GivesLostUsesBack,
    /// The code, in canonical form, has a character outside printable ASCII.
    CodeNotAscii,
    /// The window has passed at `now_ms`.
    Ended,
}
