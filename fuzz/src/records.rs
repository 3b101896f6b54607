//! Gives the engine stored records that today's engine would not write: from an older host, a row edited by hand, or a
//! hostile tenant.
//!
//! The target draws a record much like the engine's own and spoils it in up to three places. If the engine still
//! accepts the record, it must count it as the naive second implementation does.

use redeemable::{
    Applied, Back, Bounded, Charge, ConfirmRequest, CountBy, Currency, Each, Every, Integer, Kind, Line,
    Money, Name, NotedPayment, NotedRelease, OffsetMinutes, Order, PaymentReport, PeriodLimit, Pick, Policy,
    Redemption, Release, ReleaseReason, ReleaseRequest, Released, State, Text, Ticket, Time, Usage,
    ValidateRequest, WhenShort, ZoneOffset, apply_release, confirm_redemption, validate_redemption,
};
use std::sync::Arc;

use crate::draw::Draw;
use crate::scenario::{int, name, time};
use crate::{Check, naive, text};

const KEYS: [&str; 13] = [
    "code/event:gala:SUMMER/uses",
    "code/event:gala:SUMMER/spend/EUR",
    "code/id:s/by/email:a@b",
    "pool/p/uses",
    "pool/p/spend/EUR",
    "pool/p/by/email:a@b",
    "code/event:gala:SUMMER/day/2027-01-15/uses",
    "code/event:gala:SUMMER/day/2027-01-14/by/email:a@b",
    "code/event:gala:OTHER/week/2027-W02/uses",
    "code/id:s/month/2026-12/by/email:a@b",
    "event/gala/free/email:a@b",
    "event/gala/tickets/email:a@b",
    "counter of mine",
];
const WRONG_KEYS: [&str; 10] = [
    "",
    "code",
    "pool/p",
    "code//uses",
    "event/gala/free/x/y",
    "code/id:s/day/2027-02-29/uses",
    "code/id:s/day/2027-1-5/uses",
    "code/id:s/week/2027-W53/uses",
    "code/id:s/month/2027-00/by/email:a@b",
    "pool/p/by/",
];
const NOW: u64 = 1_800_000_000_000;
const MOST: u64 = redeemable::MAX_INTEGER;

pub fn run(data: &[u8]) {
    let mut draw = Draw::new(data);
    let record = record(&mut draw);
    let now_ms = instant(&mut draw);
    let found = match draw.below(4) {
        0 => confirm(record.clone(), now_ms, &mut draw),
        1 => release(record.clone(), now_ms, &mut draw),
        2 => existing(record.clone(), now_ms, &mut draw),
        _ => lapsed(record.clone(), now_ms, &mut draw),
    };
    if let Err(found) = found {
        panic!("{found}\nof {}", serde_json::to_string(&record).unwrap());
    }
}

/// Times lie close together, so that they often coincide.
fn instant(draw: &mut Draw) -> Time {
    match draw.below(16) {
        0 => time(MOST),
        1 => Time::LEAST,
        ticks => time(NOW + u64::try_from(ticks).unwrap()),
    }
}

fn amount(draw: &mut Draw) -> Integer {
    match draw.below(12) {
        0 => int(MOST),
        1 => int(draw.up_to(MOST)),
        2 => int(MOST / 2),
        small => int(u64::try_from(small).unwrap() - 3),
    }
}

fn reason(draw: &mut Draw) -> ReleaseReason {
    draw.of(&ReleaseReason::ALL)
}

fn maybe<T>(draw: &mut Draw, of: fn(&mut Draw) -> T) -> Option<T> {
    if draw.one_in(2) { Some(of(draw)) } else { None }
}

fn released(draw: &mut Draw) -> Released {
    Released { reason: reason(draw), at_ms: instant(draw) }
}

fn ticket(draw: &mut Draw) -> Ticket {
    let unit_price = if draw.one_in(16) { amount(draw) } else { int(draw.up_to(9)) };
    let price = draw.up_to(unit_price.get());
    Ticket {
        line: Integer::ZERO,
        ticket_type: None,
        unit_price,
        price: int(price),
        codes: Arc::new(["SUMMER".to_owned()]),
        off: (0..price % 2).map(|_| int(unit_price.get() - price)).collect(),
        released: maybe(draw, released),
    }
}

fn back(draw: &mut Draw) -> Back {
    Back { reason: reason(draw), until_ms: maybe(draw, instant) }
}

fn indexes(tickets: &[usize]) -> Vec<Integer> {
    tickets.iter().map(|index| int(u64::try_from(*index).unwrap())).collect()
}

/// One to three groups, to which the tickets are dealt in turn.
fn groups(tickets: &[usize], draw: &mut Draw) -> Vec<Vec<Integer>> {
    let count = (1 + draw.below(3)).min(tickets.len());
    let group = |first| tickets.iter().skip(first).step_by(count).copied().collect::<Vec<_>>();
    (0..count).map(|first| indexes(&group(first))).collect()
}

fn charge(draw: &mut Draw, tickets: usize) -> Charge {
    let known = KEYS.len() - usize::from(!draw.one_in(32));
    let key = draw.of(&KEYS[..known]);
    let charged: Vec<usize> = (0..tickets).filter(|_| !draw.one_in(3)).collect();
    let each = match draw.below(3) {
        0 => None,
        1 => Some(Each::Uses(amount(draw))),
        _ => Some(Each::Money(charged.iter().map(|_| amount(draw)).collect())),
    };
    let grouped = each.is_none() && !charged.is_empty() && !draw.one_in(3);
    let groups = grouped.then(|| groups(&charged, draw));
    let amount = match &each {
        None if grouped => u64::try_from(groups.iter().flatten().count()).unwrap(),
        None => amount(draw).get(),
        Some(Each::Uses(uses)) => uses.get() * u64::try_from(charged.len()).unwrap(),
        Some(Each::Money(each)) => each.iter().map(|each| each.get()).sum(),
    };
    Charge {
        key: key.to_owned(),
        code: if draw.one_in(4) { None } else { Some("SUMMER".to_owned()) },
        limit: maybe(draw, self::amount),
        amount: Integer::new(amount).unwrap_or(Integer::ONE),
        tickets: indexes(&charged).into(),
        each,
        groups,
        back: if draw.one_in(3) { None } else { Some((0..draw.below(4)).map(|_| back(draw)).collect()) },
        held: None,
    }
}

fn record(draw: &mut Draw) -> Redemption {
    let mut tickets: Vec<Ticket> = (0..=draw.below(4)).map(|_| ticket(draw)).collect();
    let state = draw.of(&[State::Held, State::Confirmed, State::Released]);
    if state == State::Released {
        tickets.iter_mut().for_each(|ticket| ticket.released = ticket.released.or(Some(released(draw))));
    } else if let Some(first) = tickets.first_mut() {
        first.released = None;
    }
    let mut charges: Vec<Charge> = Vec::new();
    for _ in 0..draw.below(5) {
        let mut next = charge(draw, tickets.len());
        // Charges to the same counter have the same limit.
        let same = charges.iter().find(|earlier| earlier.key == next.key);
        next.limit = same.map_or(next.limit, |earlier| earlier.limit);
        charges.push(next);
    }
    let mut record = Redemption {
        schema: draw.of(&[Bounded::LEAST, Bounded::MOST]),
        id: name("o-1"),
        revision: Bounded::new(1 + draw.up_to(3)).unwrap(),
        state,
        event_id: name("gala"),
        currency: Currency::new("EUR").unwrap(),
        codes: vec!["SUMMER".to_owned()],
        identities: Vec::new(),
        tickets,
        applied: Vec::new(),
        charges,
        created_at_ms: instant(draw),
        expires_at_ms: (state == State::Held).then(|| instant(draw)),
        confirmed_at_ms: match state {
            State::Held => None,
            State::Confirmed => Some(instant(draw)),
            State::Released => maybe(draw, instant),
        },
        payments: payments(draw),
        releases: releases(draw),
        exchanged: None,
    };
    if draw.one_in(2) {
        record = naive::said(record);
    }
    for _ in 0..draw.below(4) {
        spoil(&mut record, draw);
    }
    if record.schema == Bounded::LEAST {
        // Schema 1 did not know the reason `exchanged`.
        let released = record.tickets.iter_mut().filter_map(|ticket| ticket.released.as_mut());
        for released in released.filter(|released| released.reason == ReleaseReason::Exchanged) {
            released.reason = ReleaseReason::Refunded;
        }
    }
    record
}

/// How many to draw: a few, or now and then about as many as a record remembers at most.
fn count(draw: &mut Draw, most: usize) -> usize {
    if draw.one_in(12) { most - 1 + draw.below(3) } else { draw.below(3) }
}

fn payments(draw: &mut Draw) -> Vec<NotedPayment> {
    let count = count(draw, 100);
    let payment = |nth| NotedPayment {
        id: name(&format!("p-{nth}")),
        total: maybe(draw, amount),
        currency: Some(currency(draw)),
        outcome: draw.of(&[Money::Returned, Money::Returned, Money::Kept]),
        at_ms: instant(draw),
    };
    (0..count).map(payment).collect()
}

fn releases(draw: &mut Draw) -> Vec<NotedRelease> {
    let count = count(draw, 1000);
    let release = |nth| NotedRelease {
        id: name(&format!("r-{nth}")),
        reason: reason(draw),
        tickets: vec![amount(draw)],
        refundable: amount(draw),
        at_ms: instant(draw),
    };
    (0..count).map(release).collect()
}

fn currency(draw: &mut Draw) -> Currency {
    Currency::new(draw.of(&["EUR", "EUR", "eur", "JPY"])).unwrap()
}

fn spoil(record: &mut Redemption, draw: &mut Draw) {
    let ticket = draw.below(record.tickets.len());
    let charge = draw.below(record.charges.len());
    match draw.below(18) {
        16 => record.payments.extend(record.payments.clone()),
        17 => record.releases.extend(record.releases.clone()),
        0 => record.revision = Bounded::new(MOST - draw.up_to(1)).unwrap(),
        1 => record.state = draw.of(&[State::Held, State::Confirmed, State::Released]),
        2 => record.expires_at_ms = maybe(draw, instant),
        3 => record.confirmed_at_ms = maybe(draw, instant),
        4 => record.applied.push(Applied {
            code: String::new(),
            tickets: amount(draw),
            uses: amount(draw),
            discount: amount(draw),
            partial: true,
            remaining: None,
        }),
        5 => record.identities.push("email".to_owned()),
        6 => record.codes.clear(),
        7 => record.tickets.clear(),
        8 => record.charges.extend(record.charges.clone()),
        place => {
            if let (9..=10, Some(ticket)) = (place, record.tickets.get_mut(ticket)) {
                match draw.below(3) {
                    0 => ticket.price = amount(draw),
                    1 => ticket.unit_price = amount(draw),
                    _ => ticket.released = maybe(draw, released),
                }
            } else if let Some(charge) = record.charges.get_mut(charge) {
                match draw.below(10) {
                    8 => charge.held = maybe(draw, amount),
                    0 => {
                        charge.key = draw.of(&WRONG_KEYS).to_owned();
                    }
                    1 => charge.amount = amount(draw),
                    2 => charge.tickets = charge.tickets.iter().copied().rev().collect(),
                    3 => charge.tickets = charge.tickets.iter().copied().chain([amount(draw)]).collect(),
                    4 => charge.each = Some(Each::Money(vec![amount(draw)])),
                    5 => charge.each = None,
                    6 => charge.groups = Some(vec![vec![amount(draw)], vec![Integer::ZERO]]),
                    7 => charge.groups.iter_mut().flatten().for_each(|group| group.reverse()),
                    _ => {
                        let twice = charge.back.iter().flatten().chain(charge.back.iter().flatten());
                        charge.back = Some(twice.copied().collect());
                    }
                }
            }
        }
    }
}

fn usage(draw: &mut Draw) -> Usage {
    let counters = (0..draw.below(5)).map(|_| (draw.of(&KEYS).to_owned(), amount(draw))).collect();
    Usage { counters, ..Usage::default() }
}

fn confirm(redemption: Redemption, now_ms: Time, draw: &mut Draw) -> Check {
    let id = name(draw.of(&["p-0", "p-1", "p-99", "p-100"]));
    let left = crate::payments::price(&redemption);
    let total = if draw.one_in(2) { Integer::new(left) } else { maybe(draw, amount) };
    let payment = PaymentReport { id, total, currency: Some(currency(draw)) };
    let (usage, over_limit, dry) = (usage(draw), draw.one_in(3), draw.one_in(4));
    let request = ConfirmRequest { redemption, payment, usage, now_ms, over_limit, dry };
    confirm_redemption(&request).map_or(Ok(()), |answer| text::confirmation(&request, &answer))
}

fn release(redemption: Redemption, now_ms: Time, draw: &mut Draw) -> Check {
    let tickets = (!draw.one_in(3)).then(|| (0..=draw.below(4)).map(|_| int(draw.up_to(4))).collect());
    let id = maybe(draw, |draw| name(draw.of(&["r-0", "r-1", "r-999", "r-1000"])));
    let request =
        ReleaseRequest { redemption, release: Release { id, reason: reason(draw), tickets }, now_ms };
    apply_release(&request).map_or(Ok(()), |answer| text::release(&request, &answer))
}

fn per_period(draw: &mut Draw) -> PeriodLimit {
    PeriodLimit {
        every: draw.of(&[Every::Day, Every::Week, Every::Month]),
        max_uses: Some(int(draw.up_to(5))),
        max_uses_per_identity: maybe(draw, |draw| int(draw.up_to(5))),
    }
}

/// Offsets that change while the times of a record pass, now and then to another day.
fn zone(draw: &mut Draw) -> Vec<ZoneOffset> {
    let mut offset = |ms| ZoneOffset {
        from_ms: time(NOW + ms),
        offset_minutes: OffsetMinutes::new(draw.of(&[0, -480, -495, 840, -840])).unwrap(),
    };
    vec![offset(4), offset(9)]
}

/// An order of as many tickets at the same prices, with the code that records have or with another one.
fn order(record: &Redemption, now_ms: Time, draw: &mut Draw) -> ValidateRequest {
    let line =
        |ticket: &Ticket| Line { ticket_type: None, unit_price: ticket.unit_price, quantity: Bounded::LEAST };
    let promos = ["SUMMER", "OTHER"].map(|code| redeemable::Promo {
        max_uses: Some(int(draw.up_to(5))),
        count_by_identity: draw.of(&[None, Some(CountBy::Ticket), Some(CountBy::Order)]),
        per_period: maybe(draw, per_period).into_iter().collect(),
        when_short: draw.of(&[WhenShort::Reject, WhenShort::Partial]),
        pick: draw.of(&[Pick::Dearest, Pick::Cheapest]),
        pools: vec![redeemable::Pool {
            id: name("p"),
            max_uses: None,
            max_uses_per_identity: maybe(draw, |draw| int(draw.up_to(5))),
            budget: Some(amount(draw).into()),
        }],
        ..redeemable::Promo::new(code, redeemable::Discount::Free)
    });
    ValidateRequest {
        codes: vec![draw.of(&["SUMMER", "OTHER"]).to_owned()],
        promos: promos.into(),
        policy: Policy { zone: maybe(draw, zone), ..Policy::default() },
        order: Order {
            id: Name::new("o-1"),
            event_id: record.event_id.clone(),
            currency: record.currency.clone(),
            lines: record.tickets.iter().map(line).collect(),
            identities: maybe(draw, |_| (Kind::new("email").unwrap(), Text::new("a@b").unwrap()))
                .into_iter()
                .collect(),
            facts: redeemable::Facts::new(),
            hold_until_ms: Some(instant(draw)),
            max_total: None,
        },
        usage: usage(draw),
        now_ms,
    }
}

fn existing(record: Redemption, now_ms: Time, draw: &mut Draw) -> Check {
    let mut request = order(&record, now_ms, draw);
    request.usage.existing = Some(record);
    validate_redemption(&request).map_or(Ok(()), |decision| text::decision(&request, &decision))
}

fn lapsed(mut record: Redemption, now_ms: Time, draw: &mut Draw) -> Check {
    let mut request = order(&record, now_ms, draw);
    let other = self::record(draw);
    record.id = name("o-2");
    request.usage.lapsed = vec![record, Redemption { id: name(draw.of(&["o-1", "o-2", "o-3"])), ..other }];
    validate_redemption(&request).map_or(Ok(()), |decision| text::decision(&request, &decision))
}
