//! What each rule says of an order: of each code that was entered, and of the policy.

use super::{ExplainedPromo, ExplainedRule, Outcome, numbers};
use crate::base::error::Error;
use crate::base::money::Integer;
use crate::documents::decision::{Decision, Reason, Status, Violation};
use crate::documents::lifts::Lifts;
use crate::documents::promo::{Promo, WhenShort};
use crate::documents::request::{Asked, Entered};
use crate::judge::account::Account;
use crate::judge::basket::Basket;
use crate::judge::choice;
use crate::judge::keep::Keeper;
use crate::judge::limits::{Limit, Scene, Shortage, of_code, of_policy};
use crate::judge::pricing::Pricing;
use crate::judge::rules::{Case, reasons};
use crate::judge::set::Member;

/// What the rules of each code and of the policy say. `decision` is what was decided of the order.
pub(super) fn explained(
    asked: &Asked,
    entered: &[Entered],
    decision: &Decision,
) -> Result<(Vec<ExplainedPromo>, Vec<ExplainedRule>), Error> {
    let identities = asked.order.canonical_identities(asked.policy);
    let automatic = choice::automatic(asked, entered);
    let promos = entered.iter().filter_map(|one| one.promo);
    let scene = Scene::new(asked, &mut promos.chain(automatic.iter().map(|(_, one)| one.promo)), &identities);
    let explaining = Explaining { asked, scene: &scene, account: account(asked)? };
    let several = entered.len() > 1;
    let passed_over = |code: &str| {
        decision.passed_over.iter().find(|passed| passed.code == code).map(|passed| passed.reason)
    };
    let typed = entered.iter().map(|one| {
        let of_code = decision.violations.iter().filter(|violation| is_about(violation, one));
        let found = Found(of_code.collect());
        let rules =
            one.promo.map_or_else(Vec::new, |promo| explaining.of_promo(promo, &one.code, several, &found));
        let rules = found.and_the_rest(known(one, &found), rules);
        ExplainedPromo {
            code: one.code.clone(),
            automatic: false,
            passed_over: passed_over(&one.code),
            rules,
        }
    });
    let mut promos: Vec<ExplainedPromo> = typed.collect();
    let live = asked.usage.existing.iter().filter(|hold| hold.is_live(asked.now_ms));
    let keepers: Vec<_> = live.filter_map(|hold| Keeper::new(hold, None, asked.order)).collect();
    for (code, member) in &automatic {
        let basket = Basket::new(&scene, account(asked)?, asked.now_ms, &keepers);
        let violations = basket.judge(&Member { code, ..*member }).err().unwrap_or_default();
        let found = Found(violations.iter().collect());
        let rules = found.and_the_rest(None, explaining.of_promo(member.promo, code, false, &found));
        promos.push(ExplainedPromo {
            code: code.clone(),
            automatic: true,
            passed_over: passed_over(code),
            rules,
        });
    }
    let of_order = Found(decision.violations.iter().filter(|v| v.code.is_none()).collect());
    let lifts = entered.iter().filter(|one| decision.applied.iter().any(|applied| applied.code == one.code));
    let lifts = lifts.filter_map(|one| one.promo?.lifts).fold(Lifts::default(), Lifts::and);
    let accepted = decision.status == Status::Accepted;
    let total = Some(decision.quote.total).filter(|_| accepted);
    let policy = explaining.of_policy(lifts, total, &of_order);
    Ok((promos, of_order.and_the_rest(None, policy)))
}

/// What is used of each counter before the order.
fn account<'a>(asked: &Asked<'a>) -> Result<Account<'a>, Error> {
    let mut account = Account::new(&asked.usage.counters);
    if let Some(existing) = &asked.usage.existing {
        account.give_back(existing)?;
    }
    for hold in asked.usage.lapsed.iter().filter(|hold| hold.has_lapsed(asked.now_ms)) {
        if asked.order.id.as_ref() != Some(&hold.id) {
            account.reclaim(hold, &hold.lapsed(asked.now_ms)?)?;
        }
    }
    Ok(account)
}

/// Whether the violation is about this code, whose name in it may be what was typed.
pub(super) fn is_about(violation: &Violation, one: &Entered) -> bool {
    let code = violation.code.as_ref();
    code.is_some() && (code == Some(&one.code) || code == one.loosely.as_ref())
}

/// Whether the code is known.
fn known(one: &Entered, found: &Found) -> Option<ExplainedRule> {
    found.of(Reason::UnknownCode).or_else(|| one.promo.map(|_| plain(Reason::UnknownCode, Outcome::Met)))
}

fn plain(reason: Reason, outcome: Outcome) -> ExplainedRule {
    ExplainedRule {
        reason,
        outcome,
        counter: None,
        limit: None,
        used: None,
        remaining: None,
        needed: None,
        message: None,
    }
}

fn broken(violation: &Violation) -> ExplainedRule {
    let Violation { reason, counter, limit, used, remaining, message, need, .. } = violation.clone();
    ExplainedRule {
        reason,
        outcome: Outcome::Broken,
        counter,
        limit,
        used,
        remaining,
        needed: need,
        message: Some(message),
    }
}

/// The violations of one code, or of the whole order.
struct Found<'a>(Vec<&'a Violation>);

impl Found<'_> {
    fn violation(&self, reason: Reason) -> Option<&Violation> {
        self.0.iter().copied().find(|violation| violation.reason == reason)
    }

    fn of(&self, reason: Reason) -> Option<ExplainedRule> {
        self.violation(reason).map(broken)
    }

    /// The broken rule with this reason, or the rule with another outcome.
    fn or(&self, reason: Reason, outcome: Outcome) -> ExplainedRule {
        self.of(reason).unwrap_or_else(|| plain(reason, outcome))
    }

    /// The rules, and each violation that is among none of them.
    fn and_the_rest(
        &self,
        first: Option<ExplainedRule>,
        mut rules: Vec<ExplainedRule>,
    ) -> Vec<ExplainedRule> {
        if let Some(first) = first {
            rules.insert(0, first);
        }
        for violation in &self.0 {
            let is_in =
                |rule: &ExplainedRule| rule.reason == violation.reason && rule.outcome == Outcome::Broken;
            if !rules.iter().any(is_in) {
                rules.push(broken(violation));
            }
        }
        rules
    }
}

struct Explaining<'a> {
    asked: &'a Asked<'a>,
    scene: &'a Scene<'a>,
    account: Account<'a>,
}

impl Explaining<'_> {
    fn of_promo(&self, promo: &Promo, code: &str, several: bool, found: &Found) -> Vec<ExplainedRule> {
        let Scene { order, policy, identities, local, .. } = *self.scene;
        let in_scope = Integer::count(Pricing::new(promo, order).in_scope(&order.tickets()).len());
        let now = self.asked.now_ms;
        let case = Case { promo, code, order, identities, policy, in_scope, now, local, kept: None };
        let asks = |asks: bool| if asks { Outcome::Met } else { Outcome::NotAsked };
        let mut rules = vec![found.or(Reason::CannotCombine, asks(several))];
        rules.extend(reasons().map(|reason| {
            let numbers = numbers::of(&case, reason);
            let (limit, used) = numbers.unwrap_or_default();
            let rule = ExplainedRule { limit, used, ..plain(reason, asks(numbers.is_some())) };
            let broken = found.of(reason);
            // A violation of a time has no numbers.
            broken.map_or(rule, |broken| ExplainedRule {
                limit: broken.limit.or(limit),
                used: broken.used.or(used),
                ..broken
            })
        }));
        // Without an amount, without a ticket and without a discount, the code is judged no further.
        let lacks = promo.lacks(&order.currency).is_some();
        let no_ticket = found.violation(Reason::WrongTicketType).is_some();
        let nothing = [Reason::NothingToDiscount, Reason::BelowMinTickets];
        let nothing = nothing.iter().any(|reason| found.violation(*reason).is_some());
        let unless = |ends: bool, outcome: Outcome| match outcome {
            Outcome::Met if ends => Outcome::NotJudged,
            Outcome::Met | Outcome::Broken | Outcome::NotAsked | Outcome::NotJudged => outcome,
        };
        rules.push(found.or(Reason::WrongTicketType, unless(lacks, Outcome::Met)));
        rules.push(found.or(Reason::NothingToDiscount, unless(lacks || no_ticket, Outcome::Met)));
        let ends = lacks || no_ticket || (nothing && self.takes_nothing(promo, found));
        let per_person = asks(self.scene.per_person(promo).is_some());
        rules.push(found.or(Reason::IdentityRequired, unless(ends, per_person)));
        let partial = promo.when_short == WhenShort::Partial;
        let counters = of_code(promo, code, self.scene, None);
        rules.extend(counters.iter().map(|limit| self.of_limit(limit, found, ends, partial)));
        rules
    }

    /// Whether there was no ticket or group from which something could come off.
    fn takes_nothing(&self, promo: &Promo, found: &Found) -> bool {
        found.violation(Reason::NothingToDiscount).is_some() || promo.takes().groups().is_some()
    }

    /// What one counter says. Of several with the same reason, a violation names the one that leaves least.
    fn of_limit(&self, limit: &Limit, found: &Found, ends: bool, partial: bool) -> ExplainedRule {
        let reason = limit.counter.facts().shortage;
        let violation = found.violation(reason);
        if let Some(violation) = violation.filter(|v| v.counter.as_ref() == Some(&limit.key)) {
            return broken(violation);
        }
        let used = self.account.used(&limit.key);
        let remaining = limit.most.map(|most| most.minus(used));
        let short = |need: &Integer, left: Integer| match partial {
            true => left == Integer::ZERO,
            false => left < *need,
        };
        if let (Some(most), Some(left)) = (limit.most, remaining)
            && let Some(need) = violation.and_then(|v| v.need).filter(|need| short(need, left))
        {
            let (counter, key, code) =
                (limit.counter, &*limit.key, violation.and_then(|v| v.code.as_deref()));
            return broken(&Shortage { counter, key, code, most, used, need }.violation());
        }
        let outcome = match remaining {
            None => Outcome::NotAsked,
            Some(_) if ends => Outcome::NotJudged,
            Some(_) => Outcome::Met,
        };
        let counter = Some(limit.key.clone());
        ExplainedRule { counter, limit: limit.most, used: Some(used), remaining, ..plain(reason, outcome) }
    }

    fn of_policy(&self, lifts: Lifts, total: Option<Integer>, found: &Found) -> Vec<ExplainedRule> {
        let policy = self.asked.policy;
        let asks = |asks: bool| if asks { Outcome::Met } else { Outcome::NotAsked };
        let locks = policy.locked_ticket_types.as_ref().is_some_and(|types| !types.is_empty());
        let mut rules = vec![found.or(Reason::LockedTicketType, asks(locks))];
        let limits = of_policy(self.scene, lifts);
        rules.extend(limits.iter().map(|limit| self.of_limit(limit, found, false, false)));
        rules.push(found.or(Reason::IdentityRequired, asks(policy.caps())));
        let limit = self.asked.order.max_total;
        // What the order costs is looked at only where nothing else refuses it.
        let agreed =
            if limit.is_some() && total.is_none() { Outcome::NotJudged } else { asks(limit.is_some()) };
        let price = found.of(Reason::PriceChanged);
        let used = total.filter(|_| limit.is_some());
        rules.push(price.unwrap_or(ExplainedRule { limit, used, ..plain(Reason::PriceChanged, agreed) }));
        rules
    }
}
