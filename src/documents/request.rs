//! The request of `validateRedemption` and `usageKeys`, and what the buyer's codes stand for in it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::base::error::Error;
use crate::base::money::{Integer, Time};
use crate::base::text::{Names, canonical_code, loose_code};
use crate::documents::draft::Draft;
use crate::documents::order::Order;
use crate::documents::policy::Policy;
use crate::documents::promo::{Promo, promos};
use crate::documents::redemption::Redemption;
use crate::documents::usage::Usage;

pub(crate) const MAX_CODES: usize = 16;
const MAX_AUTOMATIC: usize = 32;

/// What a host asks: is this order accepted with these codes, and at what price?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ValidateRequest {
    /// The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_CODES)))]
    pub codes: Vec<String>,
    /// The organiser's promotions. All must be well-formed, also those whose code was not typed.
    #[serde(deserialize_with = "promos")]
    pub promos: Vec<Promo>,
    /// The event's policy, which holds whatever the codes.
    #[serde(default)]
    pub policy: Policy,
    /// What the buyer wants.
    pub order: Order,
    /// The counters that `usageKeys` names, and the record with the order's id.
    #[serde(default)]
    pub usage: Usage,
    /// The time of the decision: the same for `usageKeys` and for `validateRedemption`.
    pub now_ms: Time,
}

/// What a host asks before it reads: which counters may this order charge?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UsageKeysRequest {
    /// The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_CODES)))]
    pub codes: Vec<String>,
    /// The organiser's promotions. All must be well-formed, also those whose code was not typed.
    #[serde(deserialize_with = "promos")]
    pub promos: Vec<Promo>,
    /// The event's policy, which holds whatever the codes.
    #[serde(default)]
    pub policy: Policy,
    /// What the buyer wants.
    pub order: Order,
    /// It plays no part.
    #[serde(default)]
    pub usage: Usage,
    /// The time of the decision: the same for `usageKeys` and for `validateRedemption`.
    pub now_ms: Time,
    /// The record that the order is exchanged for. Null if it is not exchanged.
    #[serde(default)]
    pub redemption: Option<Redemption>,
}

impl From<ValidateRequest> for UsageKeysRequest {
    fn from(request: ValidateRequest) -> Self {
        let ValidateRequest { codes, promos, policy, order, usage, now_ms } = request;
        Self { codes, promos, policy, order, usage, now_ms, redemption: None }
    }
}

/// The position of a loose form that several codes have: no list of promos is so long.
const NOWHERE: Integer = Integer::MOST;

/// Finds the promo of a code among all that are sold together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Index {
    /// The position of each promo, by its canonical code. If several promos (for different events) have one code,
    /// also by code and event. If the code's loose form is another text, also by that; a loose form that several
    /// codes have is at no position.
    positions: BTreeMap<String, Integer>,
    /// The positions of the promos that are automatic.
    automatic: Vec<Integer>,
    /// The codes of promos that were left out because they have faults.
    left_out: Names,
}

impl Index {
    /// The index, if each promo is well-formed and no two clash.
    pub(crate) fn new(promos: &[Promo]) -> Result<Self, Error> {
        for (position, promo) in promos.iter().enumerate() {
            promo.verify(&promo.canonical_code()).map_err(|error| error.in_promo(position))?;
        }
        Self::without_clash(promos)
    }

    /// The index of promos that are well-formed, if no two clash.
    pub(crate) fn without_clash(promos: &[Promo]) -> Result<Self, Error> {
        let mut twice = None;
        let index = Self::of(promos, &mut |field, _, later| {
            twice.get_or_insert_with(|| clash(field).in_promo(later));
        });
        twice.map_or(Ok(index), Err)
    }

    /// The promos without faults, and their index.
    pub(crate) fn leaving_out(drafts: Vec<Draft<Promo, 1>>) -> (Vec<Promo>, Self) {
        let (promos, mut sound): (Vec<_>, Vec<_>) =
            drafts.into_iter().map(|draft| (draft.document, draft.faults.is_empty())).unzip();
        Self::of(&promos, &mut |_, earlier, later| {
            for position in [earlier, later] {
                sound.get_mut(position).into_iter().for_each(|sound| *sound = false);
            }
        });
        let mut left_out = Names::new();
        let mut kept = Vec::with_capacity(promos.len());
        for (promo, sound) in promos.into_iter().zip(sound) {
            if sound {
                kept.push(promo);
            } else {
                left_out.insert(promo.canonical_code(), Integer::ZERO);
            }
        }
        let mut index = Self { left_out, ..Self::of(&kept, &mut |_, _, _| {}) };
        // Nobody who types a code loosely gets another one in place of that which was left out.
        index.positions.extend(index.left_out.keys().map(|code| (loosely(&loose_code(code)), NOWHERE)));
        (kept, index)
    }

    /// The index. If two promos share an id, or a code at one event, it calls `clash` with the field and both
    /// positions; and for each promo that is automatic after the most that may be, with its own position twice.
    pub(crate) fn of(promos: &[Promo], clash: &mut dyn FnMut(&'static str, usize, usize)) -> Self {
        // `several` has the codes that several promos have, and `everywhere` the promo of each such code that is for
        // all events, if there is one: it clashes with every other promo of the code.
        let mut positions = BTreeMap::<String, Integer>::new();
        let [mut several, mut everywhere, mut ids] = [const { BTreeMap::<String, Integer>::new() }; 3];
        let mut automatic = Vec::new();
        for (position, promo) in promos.iter().enumerate() {
            if promo.automatic {
                automatic.push(Integer::count(position));
                if automatic.len() > MAX_AUTOMATIC {
                    clash("automatic", position, position);
                }
            }
            let (code, here) = (promo.canonical_code(), Integer::count(position));
            if code.is_empty() {
                // A promo without a code cannot be found by one.
            } else if let Some(first) = positions.get(&code).copied() {
                let for_all =
                    |one: &Integer| promos.get(one.index()).is_some_and(|promo| promo.events.is_none());
                let one = [first, here].into_iter().find(for_all).filter(|_| !everywhere.contains_key(&code));
                if let Some(one) = one {
                    everywhere.insert(code.clone(), one);
                }
                several.insert(code, here);
            } else {
                if let Some(loose) = other_form(&code) {
                    positions.entry(loosely(&loose)).and_modify(|one| *one = NOWHERE).or_insert(here);
                }
                positions.insert(code, here);
            }
            if let Some(earlier) = promo.id.as_ref().and_then(|id| ids.insert(id.to_string(), here)) {
                clash("id", earlier.index(), position);
            }
        }
        let of_several = promos.iter().enumerate().filter(|_| !several.is_empty());
        for (position, promo) in of_several {
            let (code, here) = (promo.canonical_code(), Integer::count(position));
            if let Some(one) = everywhere.get(&code).filter(|one| **one != here) {
                clash("code", one.index().min(position), one.index().max(position));
            }
            for event in promo.events.iter().flatten().filter(|_| several.contains_key(&code)) {
                let earlier = positions.insert(at_event(&code, event), here);
                if let Some(earlier) = earlier.filter(|earlier| *earlier != here) {
                    clash("code", earlier.index(), position);
                }
            }
        }
        Self { positions, automatic, left_out: Names::new() }
    }

    /// The promo that has this code at this event, else the first promo that has the code.
    fn find<'a>(&self, code: &str, event: &str, promos: &'a [Promo]) -> Option<&'a Promo> {
        let position = self.positions.get(&at_event(code, event)).or_else(|| self.positions.get(code))?;
        promos.get(position.index())
    }

    /// The only code whose loose form is that of the typed one. `typed` is canonical, and no promo has it as its code.
    fn meant(&self, typed: &str, promos: &[Promo]) -> Option<String> {
        let loose = loose_code(typed);
        let [plain, marked] = [self.positions.get(&loose), self.positions.get(&loosely(&loose))];
        let only = plain.xor(marked).filter(|_| !loose.is_empty())?;
        Some(promos.get(only.index())?.canonical_code())
    }
}

/// The loose form of a canonical code, if it is another text.
fn other_form(code: &str) -> Option<String> {
    let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let loose = if plain { String::new() } else { loose_code(code) };
    (!loose.is_empty() && loose != code).then_some(loose)
}

/// The key of a loose form. It cannot be mistaken for a code, because no code contains U+0000.
fn loosely(loose: &str) -> String {
    ["\0", loose].concat()
}

/// The key of a code at an event. It cannot be mistaken for a code or a loose form: those have no U+0000 within.
fn at_event(code: &str, event: &str) -> String {
    [code, "\0", event].concat()
}

/// The error of a promo that cannot stand beside the others: another one has its code or its id, or too many are
/// automatic.
pub(crate) fn clash(field: &'static str) -> Error {
    if field == "automatic" {
        return Error::new(field, format!("expected at most {MAX_AUTOMATIC} automatic promotions"));
    }
    let what = if field == "id" { "an id" } else { "a code" };
    Error::duplicate(field, format!("expected {what} that no other promo has"))
}

/// A request whose promos were checked and indexed.
pub(crate) struct Asked<'a> {
    pub codes: &'a [String],
    pub promos: &'a [Promo],
    pub index: &'a Index,
    pub policy: &'a Policy,
    pub order: &'a Order,
    pub usage: &'a Usage,
    pub now_ms: Time,
}

/// A code that the buyer entered, and the promo it stands for.
pub(crate) struct Entered<'a> {
    /// The canonical code of the promo; of an unknown code, that of the typed text.
    pub code: String,
    /// What was typed, in canonical form, if the promo was found by the loose form.
    pub loosely: Option<String>,
    pub promo: Option<&'a Promo>,
    /// Whether the promo of this code was left out because it has faults.
    pub left_out: bool,
}

impl ValidateRequest {
    /// The request with the index of its promos.
    pub(crate) fn asked<'a>(&'a self, index: &'a Index) -> Asked<'a> {
        let Self { codes, promos, policy, order, usage, now_ms } = self;
        Asked { codes, promos, index, policy, order, usage, now_ms: *now_ms }
    }
}

impl UsageKeysRequest {
    /// The request with the index of its promos.
    pub(crate) fn asked<'a>(&'a self, index: &'a Index) -> Asked<'a> {
        let Self { codes, promos, policy, order, usage, now_ms, .. } = self;
        Asked { codes, promos, index, policy, order, usage, now_ms: *now_ms }
    }
}

impl<'a> Asked<'a> {
    /// Checks what the Rust types do not ensure about the codes and the order.
    pub(crate) fn verify(&self) -> Result<(), Error> {
        let codes = self.codes.len();
        if codes > MAX_CODES {
            let expected = format!("expected at most {MAX_CODES} codes, found {codes}");
            return Err(Error::new("codes", expected));
        }
        self.order.verify().map_err(|error| error.in_field("order"))
    }

    /// The promos that are automatic, as the documents have them.
    pub(crate) fn automatic(&self) -> impl Iterator<Item = &'a Promo> {
        self.index.automatic.iter().filter_map(|position| self.promos.get(position.index()))
    }

    /// The codes that the buyer entered, each once, in the order of entry.
    pub(crate) fn entered(&self) -> Vec<Entered<'a>> {
        let mut entered: Vec<Entered> = Vec::new();
        for typed in self.codes.iter().map(|typed| canonical_code(typed)).filter(|typed| !typed.is_empty()) {
            let find = |code: &str| self.index.find(code, &self.order.event_id, self.promos);
            let promo = find(&typed);
            let left_out = promo.is_none() && self.index.left_out.contains_key(&typed);
            let unknown = promo.is_none() && !left_out;
            let entry = match if unknown { self.index.meant(&typed, self.promos) } else { None } {
                Some(code) => Entered { promo: find(&code), code, loosely: Some(typed), left_out },
                None => Entered { code: typed, loosely: None, promo, left_out },
            };
            if !entered.iter().any(|earlier| earlier.code == entry.code) {
                entered.push(entry);
            }
        }
        entered
    }
}
