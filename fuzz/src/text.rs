//! Request text through the JSON face: the letter of a function, then its request.

use redeemable::{
    Audit, AuditRequest, Bounded, Charge, CheckRequest, CodeForms, CodeRequest, ConfirmRequest,
    ConfirmStatus, Confirmation, Decision, Error, ErrorCode, ExchangeAnswer, ExchangeRequest, ExchangeStatus,
    Figures, Finding, GenerateRequest, GeneratedCodes, Integer, Line, Op, Order, PromosAnswer, PromosRequest,
    PublicView, Quote, Redemption, Release, ReleaseAnswer, ReleaseReason, ReleaseRequest, ReleaseStatus,
    Report, ReportRequest, ReportRow, SimulateRequest, Simulation, Status, Step, Usage, UsageKeysRequest,
    ValidateRequest, ViewRequest, apply_release, canonical_code, confirm_redemption, exchange_redemption,
    json, report_usage, simulate, usage_keys, validate_redemption,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

use crate::fixes::explanation;
use crate::{Check, payments, plan};

macro_rules! run {
    ($(
        #[doc = $sentence:literal]
        $heat:ident $file:literal $verb:ident($js:literal, $wit:literal)[$($fails:tt)?]:
            $request:ident => $answer:ty;
    )*) => {
        /// The letter of each function, by the function's name in the vectors.
        pub const LETTERS: &[(&str, u8)] = &[$(($js, of!($verb).0)),*];

        #[allow(clippy::needless_question_mark, reason = "only some functions fail")]
        pub fn run(data: &[u8]) {
            let Some((call, request)) = data.split_first() else { return };
            $(
                let (letter, check) = of!($verb);
                if *call == letter {
                    let verb = |request: &redeemable::$request| Ok(redeemable::$verb(request)$($fails)?);
                    if let Err(found) = ask(request, json::$verb, verb, check) {
                        panic!("{found}\nin {}", String::from_utf8_lossy(data));
                    }
                }
            )*
        }
    };
}

/// The letter of a function, which the corpora keep, and what must be so of its answer.
macro_rules! of {
    (usage_keys) => {
        (b'u', keys)
    };
    (validate_redemption) => {
        (b'v', decision)
    };
    (confirm_redemption) => {
        (b'c', confirmation)
    };
    (apply_release) => {
        (b'r', release)
    };
    (exchange_redemption) => {
        (b'x', exchange)
    };
    (audit_usage) => {
        (b'a', sums)
    };
    (canonical_code) => {
        (b'f', forms)
    };
    (public_view) => {
        (b'p', view)
    };
    (validate_promos) => {
        (b'd', faults)
    };
    (check_promo) => {
        (b'k', findings)
    };
    (explain_redemption) => {
        (b'e', explanation)
    };
    (report_usage) => {
        (b't', report)
    };
    (simulate) => {
        (b's', simulation)
    };
    (generate_codes) => {
        (b'g', new_codes)
    };
}
redeemable::verbs!(run);

/// The face answers what the call on types answers: the second answer to the same question is the first.
fn ask<R: DeserializeOwned, A: Serialize>(
    request: &[u8],
    face: fn(&[u8]) -> Result<String, Error>,
    call: fn(&R) -> Result<A, Error>,
    check: fn(&R, &A) -> Check,
) -> Check {
    let told = face(request);
    match json::read(request).and_then(|read: R| call(&read).map(|answer| (read, answer))) {
        Err(error) => {
            ensure!(told.as_ref() == Err(&error), "text is told {told:?}, types {error:?}");
            names_the_field(&error)
        }
        Ok((read, answer)) => {
            let text = serde_json::to_string(&answer).unwrap();
            ensure!(told.as_ref() == Ok(&text), "text is told {told:?}, types {text}");
            check(&read, &answer)?;
            read_back(&text)
        }
    }
}

/// An error has the code of its place, and says what was expected.
fn names_the_field(error: &Error) -> Check {
    let Error { code, path, at, message } = error;
    let field = |name: &str| Step::Field(name.to_owned());
    // The order of an exchange is a request within the request.
    let (at, path) = match at.split_first() {
        Some((first, rest)) if *first == field("request") && !rest.is_empty() => {
            (rest, path.trim_start_matches("request").trim_start_matches('.'))
        }
        _ => (&at[..], &**path),
    };
    let in_promo = at.len() > 1 && at[0] == field("promos");
    ensure!(in_promo == path.starts_with("promos["), "the text is of another path: {error:?}");
    let agrees = match code {
        ErrorCode::InvalidPromo => in_promo,
        ErrorCode::InvalidRequest => !in_promo,
        ErrorCode::DuplicateCode => in_promo && [&[field("code")][..], &[field("id")]].contains(&&at[2..]),
        ErrorCode::AmountOutOfRange => !path.is_empty(),
    };
    ensure!(agrees, "the code does not belong to the path: {error:?}");
    let says = ["expected ", "unknown field, expected one of ", "missing required field"];
    let says = says.iter().any(|start| message.starts_with(start)) && !message.ends_with('.');
    ensure!(says, "does not say what was expected: {error:?}");
    Ok(())
}

/// A fault is in one of the documents; those that are sound have none, and can be sold together.
fn faults(request: &PromosRequest, answer: &PromosAnswer) -> Check {
    let mut faulty = BTreeMap::new();
    for fault in &answer.faults {
        let place = match (fault.at.first(), fault.at.get(1)) {
            (Some(Step::Field(list)), Some(Step::Index(index))) if list == "promos" => Some(*index),
            (Some(Step::Field(policy)), _) if policy == "policy" => None,
            _ => return Err(format!("in no document: {fault:?}")),
        };
        faulty.insert(place, ());
    }
    let sound = |index: &Integer| !faulty.contains_key(&Some(*index));
    let all = (0..request.promos.len()).filter_map(|index| Integer::new(u64::try_from(index).ok()?));
    ensure!(
        all.filter(sound).eq(answer.sound.iter().copied()),
        "sound are those without a fault: {answer:?}"
    );
    Ok(())
}

/// A finding is about a field of the request, and says something.
fn findings(request: &CheckRequest, findings: &Vec<Finding>) -> Check {
    for Finding { path, message, .. } in findings {
        let index = path.strip_prefix("promos[").and_then(|rest| rest.split(']').next()?.parse().ok());
        let known = index.map_or(path.starts_with("policy."), |index: usize| index < request.promos.len());
        ensure!(known && !message.is_empty(), "about nothing in the request: {path}: {message}");
    }
    Ok(())
}

/// What is left is the limit without what is used, and no change is one to the same.
fn simulation(request: &SimulateRequest, simulation: &Simulation) -> Check {
    for change in &simulation.limits {
        for standing in change.before.iter().chain(&change.after) {
            let left =
                standing.limit.zip(standing.used).map(|(limit, used)| limit.get().saturating_sub(used.get()));
            ensure!(standing.left.map(|left| left.get()) == left, "left is not the rest: {standing:?}");
        }
    }
    let same = SimulateRequest { change: request.promo.clone(), ..request.clone() };
    let nothing = simulate(&same).is_ok_and(|same| same.limits.is_empty() && same.changes.is_empty());
    ensure!(nothing, "a change to the same is one: {request:?}");
    Ok(())
}

/// A counter is there if a record charges it, and no record gives more back than it took.
fn sums(request: &AuditRequest, audit: &Audit) -> Check {
    let charged = || request.redemptions.iter().flat_map(|record| &record.charges);
    for key in audit.counters.keys() {
        ensure!(charged().any(|charge| charge.key == *key), "counted, and never charged: {key}");
    }
    for charge in charged() {
        ensure!(audit.counters.contains_key(&charge.key), "charged, and not counted: {charge:?}");
    }
    Ok(())
}

/// The code, the currency and the person of a row.
type RowOf<'a> = (Option<&'a str>, &'a str, Option<&'a str>);

/// The numbers of two shares of the records add up to those of all.
fn report(request: &ReportRequest, report: &Report) -> Check {
    let mut sums: BTreeMap<RowOf, Vec<u64>> = BTreeMap::new();
    let (first, second) = request.redemptions.split_at(request.redemptions.len() / 2);
    let by_person = request.by_person;
    let of =
        |records: &[Redemption]| report_usage(&ReportRequest { redemptions: records.to_vec(), by_person });
    let shares = [of(first), of(second)].map(|share| share.map_err(|error| format!("{error:?}")));
    let [first, second] = shares;
    let (first, second) = (first?, second?);
    for row in first.rows.iter().chain(&second.rows) {
        let sum =
            sums.entry((row.code.as_deref(), &row.currency, row.person.as_deref())).or_insert(vec![0; 18]);
        for (sum, number) in sum.iter_mut().zip(numbers(row)) {
            *sum += number;
        }
    }
    let told = report
        .rows
        .iter()
        .map(|row| ((row.code.as_deref(), &*row.currency, row.person.as_deref()), numbers(row)));
    ensure!(sums.into_iter().eq(told), "the shares add up to something else: {report:?}");
    Ok(())
}

fn numbers(row: &ReportRow) -> Vec<u64> {
    let of = |state: Figures| {
        let Figures { orders, tickets, uses, list, discount, paid } = state;
        [orders, tickets, uses, list, discount, paid].map(|number| number.get())
    };
    [row.held, row.confirmed, row.released].into_iter().flat_map(of).collect()
}

/// Both forms stay as they are when they are typed themselves.
fn forms(_: &CodeRequest, forms: &CodeForms) -> Check {
    let again = canonical_code(&CodeRequest { text: forms.canonical.clone() });
    ensure!(again == *forms, "typed as it is stored: {again:?}, was {forms:?}");
    Ok(())
}

/// A view has at most the one code that was typed and automatic promotions. A browser that has only the view decides
/// like the server.
fn view(request: &ViewRequest, view: &PublicView) -> Check {
    let typed = view.promos.iter().filter(|promo| !promo.automatic).count();
    ensure!(view.codes.len() <= 1 && typed <= view.codes.len(), "more than one code: {view:?}");
    ensure!(view.valid_until_ms.is_none_or(|end| end > request.now_ms), "it has ended: {view:?}");
    let ViewRequest { codes, promos, policy, order, usage, now_ms, reveal_up_to } = request.clone();
    let up_to = reveal_up_to.get();
    let count: u64 = order.lines.iter().map(|line| line.quantity.get()).sum();
    let of = |lines: &[Line], quantity: u64| {
        let many = |line: &Line| Line { quantity: Bounded::new(quantity).unwrap(), ..line.clone() };
        lines.iter().map(many).collect::<Vec<_>>()
    };
    if !view.complete {
        return Ok(()); // the page asks the server
    }
    let (first, last) = (&order.lines[..1], &order.lines[order.lines.len() - 1..]);
    // Large orders would only make the run slow.
    let mut orders = vec![of(first, 1), of(last, up_to.min(12)), of(first, up_to.min(3))];
    orders.extend((count <= up_to).then(|| order.lines.clone()));
    for lines in orders {
        let order = Order { lines, ..order.clone() };
        let (codes, promos, policy) = (codes.clone(), promos.clone(), policy.clone());
        let server = ValidateRequest { codes, promos, policy, order, usage: usage.clone(), now_ms };
        let PublicView { codes, promos, policy, .. } = view.clone();
        let browser = ValidateRequest { codes, promos, policy, usage: Usage::default(), ..server.clone() };
        // Only the sum of an order's prices can still be out of range.
        let Ok(server) = validate_redemption(&server) else { continue };
        let browser =
            validate_redemption(&browser).map_err(|error| format!("view refused: {error:?}: {view:?}"))?;
        ensure!(seen(&server) == seen(&browser), "the browser decides {browser:?}, the server {server:?}");
    }
    Ok(())
}

/// What a view promises of a decision: the status, the quote, the public reasons, each once per code, and the changes.
fn seen(decision: &Decision) -> impl PartialEq {
    let mut reasons = Vec::new();
    for violation in &decision.violations {
        let reason = (violation.code.clone(), violation.public_reason);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let changes = decision.violations.iter().filter_map(|violation| violation.to_qualify.clone());
    (decision.status, decision.quote.clone(), reasons, changes.collect::<Vec<_>>())
}

/// As many as were asked for, all different, and none that exists.
fn new_codes(request: &GenerateRequest, new: &GeneratedCodes) -> Check {
    let form = |text: &str| canonical_code(&CodeRequest { text: text.to_owned() }).canonical;
    let forms: BTreeSet<String> = new.codes.iter().map(|code| form(code)).collect();
    let existing = request.existing.iter().map(|code| form(code)).collect();
    ensure!(forms.len() == new.codes.len() && forms.is_disjoint(&existing), "a code comes twice: {new:?}");
    Ok(())
}

fn keys(_: &UsageKeysRequest, keys: &Vec<String>) -> Check {
    ensure!(keys.is_sorted_by(|a, b| a < b), "keys not sorted, or one twice: {keys:?}");
    let plain = |key: &String| key.bytes().all(|byte| byte.is_ascii_graphic());
    ensure!(keys.iter().all(plain), "a key that is not plain ASCII: {keys:?}");
    Ok(())
}

/// What must be so of any decision, whatever the request.
pub fn decision(request: &ValidateRequest, decision: &Decision) -> Check {
    let Decision { status, replayed, quote, applied, passed_over, violations, ops } = decision;
    let accepted = *status == Status::Accepted;
    ensure!(accepted == violations.is_empty(), "the status and the violations disagree: {decision:?}");
    let refused = applied.is_empty() && passed_over.is_empty() && ops.is_empty() && !replayed;
    ensure!(accepted || refused, "rejected, and something done: {decision:?}");
    ensure!(request.order.id.is_some() || ops.is_empty(), "a preview has a plan: {ops:?}");
    let sum = |part: fn(&redeemable::QuotedTicket) -> u64| quote.tickets.iter().map(part).sum::<u64>();
    let sums = (sum(|t| t.unit_price.get()), sum(|t| t.discount.get()), sum(|t| t.price.get()));
    let totals = (quote.subtotal.get(), quote.discount.get(), quote.total.get());
    ensure!(sums == totals && sums.0 == sums.1 + sums.2, "the tickets do not sum to the totals: {quote:?}");
    let whole = |t: &redeemable::QuotedTicket| t.price.get() + t.discount.get() == t.unit_price.get();
    ensure!(quote.tickets.iter().all(whole), "a ticket is not its price and its discount: {quote:?}");
    // A record that was replayed may have a discount without a code.
    let told = |t: &redeemable::QuotedTicket| {
        let sum = || t.off.iter().map(|off| off.get()).sum::<u64>();
        t.off.len() == t.codes.len() && (t.codes.is_empty() || sum() == t.discount.get())
    };
    ensure!(quote.tickets.iter().all(told), "what the codes take off is not the discount: {quote:?}");
    let over = request.order.max_total.is_some_and(|most| quote.total > most);
    ensure!(!accepted || *replayed || !over, "dearer than the buyer has agreed to: {quote:?}");

    let keys = usage_keys(&request.clone().into())
        .map_err(|error| format!("decided, but without keys: {error:?}"))?;
    let usage = &request.usage;
    let befores: Vec<&Redemption> = usage.existing.iter().chain(&usage.lapsed).collect();
    let own = records(ops).find(|record| Some(&record.id) == request.order.id.as_ref());
    let charges = || own.iter().flat_map(|own| &own.charges);
    // A code that keeps its time is charged in the periods of the hold, which `usageKeys` does not know.
    let of_period = |key: &str| ["/day/", "/week/", "/month/"].iter().any(|period| key.contains(period));
    let known = |key: &String| keys.contains(key) || (usage.existing.is_some() && of_period(key));
    ensure!(*replayed || charges().all(|charge| known(&charge.key)), "charges other keys: {own:?}");
    let most = |key: &str| {
        charges()
            .filter(|charge| charge.key == key)
            .filter_map(|charge| charge.limit)
            .map(|most| most.get())
            .min()
    };
    plan::operations(&befores, ops, most)?;
    fed_back(ops)?;

    // The same order again, now that the plan was committed.
    let (Some(own), true) = (own, accepted) else { return Ok(()) };
    if is_last(own) {
        return Ok(());
    }
    let usage = Usage { existing: Some(own.clone()), ..Usage::default() };
    let again = validate_redemption(&ValidateRequest { usage, ..request.clone() })
        .map_err(|error| format!("{error:?}"))?;
    let lapsed = own.expires_at_ms.is_some_and(|expires| expires <= request.now_ms);
    ensure!(lapsed || (again.replayed && again.ops.is_empty()), "not replayed but {again:?}");
    // A record does not remember which codes were not needed.
    let quote = Quote { not_needed: Vec::new(), ..quote.clone() };
    ensure!(lapsed || again.quote == quote, "replayed at another price: {again:?}, was {quote:?}");
    Ok(())
}

pub fn confirmation(request: &ConfirmRequest, answer: &Confirmation) -> Check {
    // The naive reading takes a counter's limit from its first charge; no engine writes a record with two.
    let charges = &request.redemption.charges;
    let differs = |a: &Charge, b: &Charge| a.key == b.key && a.limit != b.limit;
    if !charges.iter().any(|charge| charges.iter().any(|other| differs(charge, other))) {
        payments::confirmation(request, answer)?;
    }
    fed_back(&answer.ops)?;
    let Some(record) = records(&answer.ops).next() else { return Ok(()) };
    let again = ConfirmRequest { redemption: record.clone(), ..request.clone() };
    let again = confirm_redemption(&again).map_err(|error| format!("{error:?}"))?;
    let known = matches!(again.status, ConfirmStatus::AlreadyConfirmed | ConfirmStatus::AlreadyReturned);
    let once = known && again.money == answer.money && again.ops.is_empty();
    ensure!(once, "another answer to the same payment: {again:?}");
    Ok(())
}

pub fn release(request: &ReleaseRequest, answer: &ReleaseAnswer) -> Check {
    payments::release(request, answer)?;
    fed_back(&answer.ops)?;
    let Some(record) = records(&answer.ops).next() else { return Ok(()) };
    let again = ReleaseRequest { redemption: record.clone(), ..request.clone() };
    let again = apply_release(&again).map_err(|error| format!("{error:?}"))?;
    let told = request
        .release
        .id
        .as_ref()
        .map_or_else(Default::default, |_| (answer.tickets.clone(), answer.refundable));
    let same = (again.tickets.clone(), again.refundable) == told;
    let once = again.status == ReleaseStatus::AlreadyReleased && again.ops.is_empty() && same;
    ensure!(once, "released twice: {again:?}");
    Ok(())
}

/// What must be so of any exchange: no money appears or is lost, and asked again it is not made again.
fn exchange(request: &ExchangeRequest, answer: &ExchangeAnswer) -> Check {
    let ExchangeRequest { redemption: old, request: wanted, payment, .. } = request;
    let ExchangeAnswer { status, quote, ops, refundable, due, forgone, money, .. } = answer;
    ensure!(money.is_some() == payment.is_some(), "whose is the money: {answer:?}");
    let made = *status == ExchangeStatus::Accepted && !answer.replayed;
    let nothing = refundable.get() == 0 && forgone.get() == 0;
    ensure!(made || answer.replayed || nothing, "something is left over of nothing: {answer:?}");
    // A replay tells what the record says. Nobody checks that its numbers add up, and this one may be made up.
    ensure!(answer.replayed || *due == Integer::ZERO || nothing, "due and left over: {answer:?}");
    fed_back(ops)?;
    let usage = &wanted.usage;
    let befores: Vec<&Redemption> = [old].into_iter().chain(&usage.existing).chain(&usage.lapsed).collect();
    let new = records(ops).find(|record| Some(&record.id) == wanted.order.id.as_ref());
    let most = |key: &str| {
        let charges = new.iter().flat_map(|new| &new.charges).filter(|charge| charge.key == key);
        charges.filter_map(|charge| charge.limit).map(|most| most.get()).min()
    };
    plan::operations(&befores, ops, most)?;
    let (Some(new), Some(after), true) = (new, records(ops).find(|record| record.id == old.id), made) else {
        return Ok(());
    };
    let worth = |record: &Redemption| -> u64 {
        record
            .tickets
            .iter()
            .filter(|ticket| ticket.released.is_none())
            .map(|ticket| ticket.price.get())
            .sum()
    };
    let (paid, back) = (due.get(), refundable.get() + forgone.get());
    let balance = worth(old) + paid == worth(after) + worth(new) + back;
    ensure!(balance && quote.total.get() == worth(new), "money appears or is lost: {answer:?}");

    let mut again = ExchangeRequest { redemption: after.clone(), ..request.clone() };
    again.request.usage = Usage { existing: Some(new.clone()), ..Usage::default() };
    let again = exchange_redemption(&again).map_err(|error| format!("{error:?}"))?;
    let same = (again.status, again.due, again.refundable, again.forgone, again.money)
        == (*status, *due, *refundable, *forgone, *money);
    ensure!(same && again.replayed && again.ops.is_empty(), "exchanged twice: {again:?} after {answer:?}");
    Ok(())
}

fn records(ops: &[Op]) -> impl Iterator<Item = &Redemption> {
    ops.iter().filter_map(|op| match op {
        Op::Insert { redemption } | Op::Update { redemption, .. } => Some(redemption),
        Op::Add { .. } => None,
    })
}

/// Whether no record can follow this one: revisions end with the range of an integer.
fn is_last(record: &Redemption) -> bool {
    record.revision.get() == redeemable::MAX_INTEGER
}

/// Every record of a plan is read back strictly, and to the letter.
fn read_back(answer: &str) -> Check {
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    for op in answer.get("ops").and_then(|ops| ops.as_array()).into_iter().flatten() {
        let Some(record) = op.get("redemption") else { continue };
        let text = record.to_string();
        let read: Redemption = json::read(text.as_bytes()).map_err(|error| format!("{error:?}: {text}"))?;
        let again = serde_json::to_string(&read).unwrap();
        ensure!(again == text, "read back as {again}, written as {text}");
    }
    Ok(())
}

/// Every record of a plan is one that the engine takes back; released in full, it gives no more than it holds.
fn fed_back(ops: &[Op]) -> Check {
    for record in records(ops) {
        if is_last(record) {
            continue;
        }
        let release = Release { id: None, reason: ReleaseReason::PaymentFailed, tickets: None };
        let request = ReleaseRequest { redemption: record.clone(), release, now_ms: record.created_at_ms };
        let answer =
            apply_release(&request).map_err(|error| format!("its own is refused: {error:?}: {record:?}"))?;
        let mut given: BTreeMap<&str, i64> = BTreeMap::new();
        for op in &answer.ops {
            if let Op::Add { key, by, .. } = op {
                ensure!(*by < 0, "a release takes: {op:?} of {record:?}");
                *given.entry(key).or_default() += by;
            }
        }
        for (charge, held) in record.charges.iter().zip(crate::naive::held(record)) {
            *given.entry(&charge.key).or_default() += i64::try_from(held).unwrap();
        }
        ensure!(
            given.values().all(|left| *left >= 0),
            "gives back more than it holds: {given:?} of {record:?}"
        );
    }
    Ok(())
}
