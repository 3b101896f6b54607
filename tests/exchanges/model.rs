//! A naive model of a shop with one code: what each order is, what was paid, and what the contract answers. It shares
//! no code with the engine.

use std::collections::BTreeMap;

/// Why a ticket is not the buyer's any more, and whether its use came back.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gone {
    pub returned: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Ticket {
    pub unit: u64,
    pub price: u64,
    pub marked: bool,
    pub gone: Option<Gone>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Exchanged {
    pub from: String,
    pub credit: u64,
    pub due: u64,
    pub refundable: u64,
}

#[derive(Clone, Default, PartialEq, Debug)]
pub struct Order {
    pub tickets: Vec<Ticket>,
    pub code: bool,
    /// Until when it is held; `None` once it is paid or over.
    pub held_until: Option<u64>,
    pub confirmed: bool,
    /// Whose the money of each payment is: true is kept.
    pub payments: BTreeMap<String, bool>,
    pub releases: BTreeMap<String, u64>,
    pub exchanged: Option<Exchanged>,
}

impl Order {
    pub fn left(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.iter().filter(|ticket| ticket.gone.is_none())
    }

    pub fn worth(&self) -> u64 {
        self.left().map(|ticket| ticket.price).sum()
    }

    /// The uses and the discount that it holds.
    pub fn holds(&self) -> (u64, u64) {
        let held = self.tickets.iter().filter(|ticket| !ticket.gone.is_some_and(|gone| gone.returned));
        let marked = held.filter(|ticket| ticket.marked);
        marked.fold((0, 0), |(uses, off), ticket| (uses + 1, off + ticket.unit - ticket.price))
    }

    /// The tickets with the code among these, and what it took off them.
    fn share<'a>(tickets: impl Iterator<Item = &'a Ticket>) -> (u64, u64) {
        let marked = tickets.filter(|ticket| ticket.marked);
        marked.fold((0, 0), |(count, off), ticket| (count + 1, off + ticket.unit - ticket.price))
    }
}

/// The code, as the organiser has it now.
#[derive(Clone, Debug)]
pub struct Code {
    pub percent: u64,
    pub max_uses: Option<u64>,
    pub ends: Option<u64>,
    /// Whether an exchange gives uses back.
    pub gives_back: bool,
}

impl Code {
    /// The payable price, rounded half up.
    fn price(&self, unit: u64) -> u64 {
        (unit * (100 - self.percent) + 50) / 100
    }
}

/// How much of the code goes back: tickets, uses and discount.
type Share = (u64, u64, u64);

#[derive(Default, Clone)]
pub struct Shop {
    pub orders: BTreeMap<String, Order>,
}

/// What the shop is asked to sell.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub id: String,
    pub units: Vec<u64>,
    pub code: bool,
}

/// What an exchange is asked with.
#[derive(Clone, Debug)]
pub struct Asked {
    pub from: String,
    pub tickets: Option<Vec<usize>>,
    pub wanted: Wanted,
    pub payment: Option<(String, Option<u64>)>,
    pub refund: bool,
}

/// The answer to an exchange.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Answer {
    pub status: &'static str,
    pub replayed: bool,
    pub due: u64,
    pub refundable: u64,
    pub forgone: u64,
    pub kept: Option<bool>,
    pub reasons: Vec<&'static str>,
}

impl Shop {
    pub fn used(&self) -> (u64, u64) {
        let all = self.orders.values().map(Order::holds);
        all.fold((0, 0), |(uses, off), (more, less)| (uses + more, off + less))
    }

    /// The tickets as sold, or the reasons that refuse them. `freed` uses count as free.
    fn judge(
        &self,
        wanted: &Wanted,
        code: &Code,
        now: u64,
        freed: u64,
        keepers: &[Share],
    ) -> Result<Vec<Ticket>, Vec<&'static str>> {
        let sold = |unit: u64| {
            let price = if wanted.code { code.price(unit) } else { unit };
            Ticket { unit, price, marked: price < unit, gone: None }
        };
        let tickets: Vec<Ticket> = wanted.units.iter().map(|unit| sold(*unit)).collect();
        if !wanted.code {
            return Ok(tickets);
        }
        let (count, off) = Order::share(tickets.iter());
        let in_time =
            keepers.iter().any(|(most, uses, discount)| count <= *most && count <= *uses && off <= *discount);
        let mut reasons = Vec::new();
        reasons.extend(code.ends.filter(|ends| *ends <= now && !in_time).map(|_| "ended"));
        if count == 0 {
            reasons.push("nothing_to_discount");
            return Err(reasons);
        }
        let used = self.used().0 - freed;
        reasons.extend(code.max_uses.filter(|most| used + count > *most).map(|_| "uses_exhausted"));
        if reasons.is_empty() { Ok(tickets) } else { Err(reasons) }
    }

    /// The live hold under this id, as far as it keeps the code's time.
    fn keeper(order: &Order, now: u64) -> Option<Share> {
        let (tickets, off) = Order::share(order.left());
        let live = order.held_until.is_some_and(|until| until > now) && order.code;
        live.then_some((tickets, order.holds().0, off))
    }

    /// Sells to a hold, or replaces one. `Err` has the reasons.
    pub fn buy(
        &mut self,
        wanted: &Wanted,
        code: &Code,
        now: u64,
        until: u64,
    ) -> Result<bool, Vec<&'static str>> {
        let before = self.orders.get(&wanted.id).cloned().unwrap_or_default();
        let units: Vec<u64> = before.tickets.iter().map(|ticket| ticket.unit).collect();
        let same = !before.tickets.is_empty() && units == wanted.units && before.code == wanted.code;
        if before.confirmed {
            let whole = before.left().next().is_some();
            return if same && whole { Ok(true) } else { Err(vec!["already_confirmed"]) };
        }
        let live = before.held_until.is_some_and(|until| until > now);
        if same && live && before.left().count() == units.len() {
            let order = self.orders.get_mut(&wanted.id).unwrap();
            order.held_until = order.held_until.max(Some(until));
            return Ok(true);
        }
        let keepers = Vec::from_iter(Self::keeper(&before, now));
        let tickets = self.judge(wanted, code, now, before.holds().0, &keepers)?;
        let free = tickets.iter().all(|ticket| ticket.price == 0);
        let until = if live { before.held_until.max(Some(until)) } else { Some(until) };
        let order = Order {
            tickets,
            code: wanted.code,
            held_until: until.filter(|_| !free),
            confirmed: free,
            payments: before.payments,
            releases: before.releases,
            exchanged: None,
        };
        self.orders.insert(wanted.id.clone(), order);
        Ok(false)
    }

    /// A payment for an order: its status, and whether it is kept.
    pub fn pay(&mut self, id: &str, payment: &str, total: u64) -> (&'static str, bool) {
        let order = self.orders.get_mut(id).unwrap();
        if let Some(kept) = order.payments.get(payment) {
            return (if *kept { "already_confirmed" } else { "already_returned" }, *kept);
        }
        let status = match order.held_until {
            Some(_) if order.worth() == total => "confirmed",
            Some(_) => "stale_payment",
            None if order.left().next().is_some() => "paid_twice",
            None => "released",
        };
        let kept = status == "confirmed";
        if kept {
            (order.confirmed, order.held_until) = (true, None);
        }
        order.payments.insert(payment.to_owned(), kept);
        (status, kept)
    }

    /// Gives tickets back: the status and what is refundable.
    pub fn release(
        &mut self,
        id: &str,
        release: &str,
        tickets: &[usize],
        returned: bool,
    ) -> (&'static str, u64) {
        let order = self.orders.get_mut(id).unwrap();
        if let Some(told) = order.releases.get(release) {
            return ("already_released", *told);
        }
        let mut refundable = 0;
        let mut some = false;
        for index in tickets {
            let ticket = &mut order.tickets[*index];
            if ticket.gone.is_none() {
                ticket.gone = Some(Gone { returned });
                refundable += if order.confirmed { ticket.price } else { 0 };
                some = true;
            }
        }
        if !some {
            return ("already_released", 0);
        }
        if order.left().next().is_none() {
            order.held_until = None;
        }
        order.releases.insert(release.to_owned(), refundable);
        ("released", refundable)
    }

    /// Exchanges tickets, as the contract says it clause by clause.
    pub fn exchange(&mut self, asked: &Asked, code: &Code, now: u64) -> Answer {
        let old = self.orders[&asked.from].clone();
        let existing = self.orders.get(&asked.wanted.id).cloned();
        let pid = asked.payment.as_ref().map(|(id, _)| id.clone());
        let known = pid.as_ref().and_then(|pid| {
            let of_existing = existing.as_ref().and_then(|order| order.payments.get(pid));
            of_existing.or(old.payments.get(pid)).copied()
        });
        if let Some(new) = &existing
            && let Some(made) = new.exchanged.as_ref().filter(|made| made.from == asked.from)
            && new.code == asked.wanted.code
            && new.tickets.iter().map(|ticket| ticket.unit).eq(asked.wanted.units.iter().copied())
        {
            let total: u64 = new.tickets.iter().map(|ticket| ticket.price).sum();
            let twice = pid.is_some() && known.is_none();
            if let Some(pid) = pid.clone().filter(|_| twice) {
                self.orders.get_mut(&asked.wanted.id).unwrap().payments.insert(pid, false);
            }
            return Answer {
                status: if twice { "paid_twice" } else { "accepted" },
                replayed: true,
                due: made.due,
                refundable: made.refundable,
                forgone: made.credit.saturating_sub(total) - made.refundable,
                kept: pid.map(|_| known.unwrap_or(false)),
                reasons: Vec::new(),
            };
        }
        if let Some(kept) = known {
            let status = if kept { "already_confirmed" } else { "already_returned" };
            return Answer { status, kept: Some(kept), ..Answer::default() };
        }
        let mut answer = self.judged(asked, code, now, &old, existing.as_ref());
        if let Some(pid) = pid {
            let kept = answer.status == "accepted";
            answer.kept = Some(kept);
            if answer.status == "rejected" {
                answer.status = "exchange_refused";
            }
            let noted = if kept { &asked.wanted.id } else { &asked.from };
            self.orders.get_mut(noted).unwrap().payments.insert(pid, kept);
        }
        answer
    }

    /// An exchange that was not made before, with a payment that nobody knows.
    fn judged(
        &mut self,
        asked: &Asked,
        code: &Code,
        now: u64,
        old: &Order,
        existing: Option<&Order>,
    ) -> Answer {
        let only = |status| Answer { status, ..Answer::default() };
        if existing.is_some_and(|order| order.confirmed) {
            return only("already_confirmed");
        }
        if !old.confirmed {
            return only("not_confirmed");
        }
        let all: Vec<usize> = (0..old.tickets.len()).collect();
        let named = asked.tickets.as_ref().unwrap_or(&all);
        let going: Vec<usize> = all.iter().copied().filter(|index| named.contains(index)).collect();
        let going: Vec<usize> =
            going.into_iter().filter(|index| old.tickets[*index].gone.is_none()).collect();
        if going.is_empty() || old.releases.contains_key(&asked.wanted.id) {
            return only("already_released");
        }
        let mut after = old.clone();
        for index in &going {
            after.tickets[*index].gone = Some(Gone { returned: code.gives_back });
        }
        let freed = old.holds().0 - after.holds().0;
        let (count, off) = Order::share(going.iter().map(|index| &old.tickets[*index]));
        let mut keepers: Vec<Share> = Vec::new();
        keepers.extend(old.code.then_some((count, freed, off)));
        keepers.extend(existing.and_then(|order| Self::keeper(order, now)));
        let freed = freed + existing.map_or(0, |order| order.holds().0);
        let tickets = match self.judge(&asked.wanted, code, now, freed, &keepers) {
            Ok(tickets) => tickets,
            Err(reasons) => return Answer { reasons, ..only("rejected") },
        };
        let total: u64 = tickets.iter().map(|ticket| ticket.price).sum();
        let credit: u64 = going.iter().map(|index| old.tickets[*index].price).sum();
        let (due, left) = (total.saturating_sub(credit), credit.saturating_sub(total));
        match &asked.payment {
            None if due > 0 => return Answer { due, ..only("payment_due") },
            Some((_, paid)) if due == 0 || paid.is_some_and(|paid| paid != due) => {
                return Answer { due, ..only("stale_payment") };
            }
            None | Some(_) => {}
        }
        let (refundable, forgone) = if asked.refund { (left, 0) } else { (0, left) };
        after.releases.insert(asked.wanted.id.clone(), refundable);
        self.orders.insert(asked.from.clone(), after);
        let exchanged = Exchanged { from: asked.from.clone(), credit, due, refundable };
        let before = existing.cloned().unwrap_or_default();
        let new = Order {
            tickets,
            code: asked.wanted.code,
            held_until: None,
            confirmed: true,
            payments: before.payments,
            releases: before.releases,
            exchanged: Some(exchanged),
        };
        self.orders.insert(asked.wanted.id.clone(), new);
        Answer { due, refundable, forgone, ..only("accepted") }
    }
}
