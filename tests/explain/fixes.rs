//! What must be so of every answer of `explainRedemption`: each fix is made by hand and decided again.

use redeemable::{
    Bounded, CodeRequest, Decision, ExplainedPromo, ExplainedRule, Explanation, Order, OrderChange, Outcome,
    Promo, Reason, Status, Text, Time, ValidateRequest, Violation, canonical_code, validate_redemption,
};

/// The outcome of a check.
type Check = Result<(), String>;

/// The order that was asked about is decided as `validateRedemption` decides it; every rule that is broken is a
/// violation, and every violation is there; every fix is accepted, and one less is refused.
pub fn explanation(request: &ValidateRequest, answer: &Explanation) -> Check {
    let decision = validate_redemption(request).map_err(|error| format!("{error:?}"))?;
    let accepted = decision.status == Status::Accepted;
    ensure!(
        (answer.status, answer.replayed) == (decision.status, decision.replayed),
        "decided otherwise: {answer:?}"
    );
    ensure!(
        answer.total == accepted.then_some(decision.quote.total),
        "another total: {answer:?}, {decision:?}"
    );
    ensure!((1..=32).contains(&answer.decisions.get()), "{} decisions: {answer:?}", answer.decisions.get());
    if !decision.violations.iter().any(|violation| violation.reason == Reason::AlreadyConfirmed) {
        rules(request, &decision, answer)?;
    }
    for (index, fix) in answer.fixes.iter().enumerate() {
        ensure!(!accepted, "a fix of an order that is accepted: {answer:?}");
        ensure!(
            !answer.fixes[..index].iter().any(|other| other.change == fix.change),
            "a fix twice: {answer:?}"
        );
        let totals = changed(request, &fix.change, 0).iter().filter_map(total).collect::<Vec<_>>();
        ensure!(
            totals.contains(&fix.total.get()),
            "{fix:?} is not accepted at its total: {totals:?} {request:?}"
        );
        let less = changed(request, &fix.change, 1);
        ensure!(less.iter().all(|less| total(less).is_none()), "less than {fix:?} is enough: {request:?}");
    }
    let keeps = |code: &Option<String>| {
        let leaves = |change: &OrderChange| match change {
            OrderChange::LeaveOutCode { code: out } => Some(out) == code.as_ref(),
            _ => false,
        };
        answer.fixes.iter().any(|fix| !leaves(&fix.change))
    };
    let meant = |violation: &Violation| violation.code.as_ref().map(|code| meant(request, code));
    let unfixed = decision.violations.iter().map(|violation| (meant(violation), violation.reason));
    let unfixed: Vec<_> = unfixed.filter(|(code, _)| !keeps(code)).collect();
    let told: Vec<_> = answer.unfixed.iter().map(|one| (one.code.clone(), one.reason)).collect();
    ensure!(told == unfixed, "unfixed are {unfixed:?}, told are {told:?}");
    Ok(())
}

/// What the order costs, if it is accepted.
pub fn total(request: &ValidateRequest) -> Option<u64> {
    let decision = validate_redemption(request).ok().filter(|decision| decision.status == Status::Accepted);
    decision.map(|decision| decision.quote.total.get())
}

fn rules(request: &ValidateRequest, decision: &Decision, answer: &Explanation) -> Check {
    let mut broken = Vec::new();
    for promo in answer.promos.iter().filter(|promo| promo.automatic) {
        automatic(request, promo)?;
    }
    let typed = answer.promos.iter().filter(|promo| !promo.automatic);
    let of_promos = typed.map(|promo| (Some(promo.code.clone()), &promo.rules));
    for (code, rules) in of_promos.chain([(None, &answer.policy)]) {
        for rule in rules {
            ensure!(
                (rule.outcome == Outcome::Broken) == rule.message.is_some(),
                "broken without a message: {rule:?}"
            );
            ensure!(holds_together(rule), "the numbers disagree: {rule:?}");
            if rule.outcome == Outcome::Broken {
                broken.push((code.clone(), rule));
            }
        }
    }
    for violation in &decision.violations {
        let code = violation.code.as_ref().map(|code| meant(request, code));
        let is = |(of, rule): &(Option<String>, &ExplainedRule)| {
            // A violation of a time has no numbers, the rule has.
            let numbers = violation.limit.is_none()
                || (rule.limit, rule.used, rule.remaining)
                    == (violation.limit, violation.used, violation.remaining);
            *of == code && rule.reason == violation.reason && rule.counter == violation.counter && numbers
        };
        ensure!(
            broken.iter().filter(|one| is(one)).count() == 1,
            "not explained once: {violation:?}, {answer:?}"
        );
    }
    for (code, rule) in broken {
        let is = |violation: &&Violation| {
            violation.reason == rule.reason
                && violation.code.as_ref().map(|code| meant(request, code)) == code
        };
        ensure!(decision.violations.iter().any(|v| is(&v)), "broken, and no violation: {rule:?}");
    }
    Ok(())
}

/// Of an automatic promotion, that is broken which would refuse its code if nothing else were typed or there.
fn automatic(request: &ValidateRequest, explained: &ExplainedPromo) -> Check {
    let own = |promo: &&Promo| meant(request, &promo.code) == explained.code && promo.automatic;
    let promos: Vec<Promo> =
        request.promos.iter().filter(own).map(|promo| Promo { automatic: false, ..promo.clone() }).collect();
    // The least limit of a pool that others give holds only where they are judged, too.
    if promos.iter().any(|promo| !promo.pools.is_empty()) {
        return Ok(());
    }
    let usage = redeemable::Usage { existing: None, ..request.usage.clone() };
    if request.usage.existing.is_some() {
        return Ok(());
    }
    let order = Order { id: None, max_total: None, ..request.order.clone() };
    let alone =
        ValidateRequest { codes: vec![explained.code.clone()], promos, order, usage, ..request.clone() };
    let decision = validate_redemption(&alone).map_err(|error| format!("{error:?}"))?;
    let refused = decision.violations.iter().filter(|violation| violation.code.is_some());
    let mut refused: Vec<Reason> = refused.map(|violation| violation.reason).collect();
    let broken = explained.rules.iter().filter(|rule| rule.outcome == Outcome::Broken);
    let mut broken: Vec<Reason> = broken.map(|rule| rule.reason).collect();
    for reasons in [&mut broken, &mut refused] {
        reasons.sort_by(|a, b| a.partial_cmp(b).unwrap());
        reasons.dedup();
    }
    ensure!(broken == refused, "{broken:?} are broken, {refused:?} refuse: {explained:?}");
    Ok(())
}

fn holds_together(rule: &ExplainedRule) -> bool {
    let left = rule.limit.zip(rule.used).map(|(limit, used)| limit.get().saturating_sub(used.get()));
    let of_counter = rule.counter.is_none() || rule.remaining.map(|left| left.get()) == left;
    of_counter && rule.needed.is_none_or(|need| rule.outcome == Outcome::Broken && Some(need.get()) > left)
}

/// The code of the promotion that was meant by what was typed.
fn meant(request: &ValidateRequest, typed: &str) -> String {
    let forms = |text: &str| canonical_code(&CodeRequest { text: text.to_owned() });
    let typed = forms(typed);
    let codes: Vec<_> = request.promos.iter().map(|promo| forms(&promo.code)).collect();
    if codes.iter().any(|code| code.canonical == typed.canonical) || typed.loose.is_empty() {
        return typed.canonical;
    }
    let mut alike: Vec<_> =
        codes.iter().filter(|code| code.loose == typed.loose).map(|code| &code.canonical).collect();
    alike.dedup();
    if let [only] = alike[..] { only.clone() } else { typed.canonical }
}

/// The requests that make this change, or the same by one ticket or millisecond less. Who is named is not told, so
/// there is a request for everybody who could be meant.
pub fn changed(request: &ValidateRequest, change: &OrderChange, less: u64) -> Vec<ValidateRequest> {
    let mut changed = request.clone();
    let order = &mut changed.order;
    if order.id.is_some() && order.hold_until_ms.is_none() {
        order.hold_until_ms = Some(request.now_ms);
    }
    match change {
        OrderChange::LeaveOutCode { code } if less == 0 => {
            changed.codes.retain(|typed| meant(request, typed) != *code);
        }
        OrderChange::NameIdentity { identity } if less == 0 => {
            let listed = request.promos.iter().filter_map(|promo| promo.only_for.as_ref()?.get(identity));
            let person = |entry: &Text<320>| match entry.trim() {
                domain if domain.starts_with('@') && **identity == *"email" => format!("somebody{domain}"),
                person => person.to_owned(),
            };
            let persons = listed.flatten().map(person).chain(["somebody@example.invalid".to_owned()]);
            let named = persons.map(|person| {
                let mut changed = changed.clone();
                changed.order.identities.insert(identity.clone(), Text::new(person).unwrap());
                changed
            });
            return named.collect();
        }
        OrderChange::LeaveOutCode { .. } | OrderChange::NameIdentity { .. } => {}
        OrderChange::WaitUntil { at_ms } => changed.now_ms = Time::new(at_ms.get() - less).unwrap(),
        OrderChange::AddTickets { line, tickets } => {
            return with_tickets(changed, line.get(), i64::try_from(tickets.get() - less).unwrap());
        }
        OrderChange::RemoveTickets { line, tickets } => {
            return with_tickets(changed, line.get(), -i64::try_from(tickets.get() - less).unwrap());
        }
    }
    vec![changed]
}

/// The request with so many tickets more or fewer in this line, if that is an order.
fn with_tickets(request: ValidateRequest, line: u64, by: i64) -> Vec<ValidateRequest> {
    let order = resized(&request.order, line, by);
    order.into_iter().map(|order| ValidateRequest { order, ..request.clone() }).collect()
}

/// The order with so many tickets more or fewer in this line. `None` without any ticket.
pub fn resized(order: &Order, line: u64, by: i64) -> Option<Order> {
    let mut order = order.clone();
    let index = usize::try_from(line).unwrap();
    let quantity = i64::try_from(order.lines[index].quantity.get()).unwrap() + by;
    match quantity {
        0 => drop(order.lines.remove(index)),
        more => order.lines[index].quantity = Bounded::new(u64::try_from(more).ok()?)?,
    }
    (!order.lines.is_empty()).then_some(order)
}
