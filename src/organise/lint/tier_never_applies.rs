use super::{Found, Subject};
use crate::base::money::Integer;
use crate::documents::discount::Discount;
use crate::documents::order::MAX_TICKETS;
use crate::documents::tiers::{Tier, TiersBy, TiersMode};

/// No order reaches the tier, or every order that the code is for reaches the next one, too.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    for (field, discount) in subject.own_discounts() {
        let Discount::Tiers { by, mode, tiers } = &*discount else { continue };
        let (least, most) = match by {
            TiersBy::Tickets => {
                let most = [promo.max_tickets, Integer::new(MAX_TICKETS)];
                // In an entry, only the tickets of the entry count.
                (promo.min_tickets.filter(|_| promo.discounts.is_none()), most.into_iter().flatten().min())
            }
            // The subtotal of an order with other tickets is more than that of the code's.
            TiersBy::Subtotal => (None, None),
        };
        for (index, tier) in tiers.iter().enumerate() {
            // Tiers by tickets begin at plain numbers.
            let start = |tier: &Tier| tier.from.numbers().map(|(_, from)| from).min().unwrap_or_default();
            let from = start(tier);
            let unreached = most.filter(|most| *most < from);
            let next = tiers.get(index.saturating_add(1)).map(start);
            let passed =
                least.filter(|least| *mode == TiersMode::Volume && next.is_some_and(|next| next <= *least));
            let message = match (unreached, passed) {
                (Some(most), _) => {
                    format!("begins at {} tickets, and an order has at most {}", from.get(), most.get())
                }
                (None, Some(least)) => {
                    format!("never applies, because an order has at least {}", least.get())
                }
                (None, None) => continue,
            };
            let path = subject.at(&format!("{field}.tiers[{index}]"));
            found.say(path, format!("a tier of {} {message}", subject.code));
        }
    }
}

#[test]
fn a_tier_is_reached_and_not_always_passed() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let ten = json!({"kind": "percent", "percent": 10});
    let tier = |from: u64| json!({"from": from, "discount": ten.clone()});
    let tiers = |by: &str, mode: &str, from: &[u64]| -> Value {
        let tiers: Vec<Value> = from.iter().map(|from| tier(*from)).collect();
        json!({"kind": "tiers", "by": by, "mode": mode, "tiers": tiers})
    };
    let found = |discount: Value, fields: Value| -> Vec<String> {
        let mut fields = fields;
        fields["discount"] = discount;
        let found = fixture::found(Problem::TierNeverApplies, fields);
        found.into_iter().map(|path| path.replace("promos[0].discount.tiers", "")).collect()
    };
    let volume = |from: &[u64]| tiers("tickets", "volume", from);
    assert_eq!(found(volume(&[2, 5, 9]), json!({"max_tickets": 8})), ["[2]"]);
    assert!(found(volume(&[2, 5, 9]), json!({"max_tickets": 9})).is_empty());
    assert_eq!(found(volume(&[1000, 1001]), json!({})), ["[1]"]);
    assert_eq!(found(volume(&[2, 5, 9]), json!({"min_tickets": 5})), ["[0]"]);
    assert!(found(volume(&[2, 5, 9]), json!({"min_tickets": 4})).is_empty());
    assert!(found(tiers("tickets", "graduated", &[1, 5]), json!({"min_tickets": 5})).is_empty());
    assert!(
        found(tiers("subtotal", "volume", &[1, 9_000_000]), json!({"max_tickets": 1, "min_tickets": 1}))
            .is_empty()
    );
    let entry = json!({"code": "MORE-4821", "discounts": [{"discount": volume(&[2, 5])}], "min_tickets": 5});
    assert!(fixture::found_in(Problem::TierNeverApplies, json!({"promos": [entry]})).is_empty());
}
