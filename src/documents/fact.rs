//! Facts: what a host knows of an order or its buyer, such as `{"member": true}`, and the conditions on them.

mod reading;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::base::error::Error;
use crate::base::money::Integer;
use crate::base::text::{Kind, Name};

/// The facts of an order, by name.
pub type Facts = BTreeMap<Kind, Fact>;

/// The facts as they are read, where an entry may be null.
#[cfg(feature = "schema")]
pub(crate) type GivenFacts = crate::base::given::Given<Kind, Fact>;

const MAX_VALUES: usize = 1000;
const MAX_ANY: usize = 16;

/// Something that a host knows: `true`, 3, "crew", or a list of strings.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Fact {
    /// True or false.
    Bool(bool),
    /// A number, such as an age.
    Integer(Integer),
    /// A word, such as a role.
    Text(Name),
    /// Several words, such as the groups that the buyer is in.
    List(Vec<Name>),
}

/// What a fact is compared with.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Operand {
    /// True or false.
    Bool(bool),
    /// A number.
    Integer(Integer),
    /// A word.
    Text(Name),
}

impl Fact {
    /// Whether the fact is this value, or contains it. `None` if the two are of different kinds.
    fn is(&self, operand: &Operand) -> Option<bool> {
        match (self, operand) {
            (Self::Bool(fact), Operand::Bool(value)) => Some(fact == value),
            (Self::Integer(fact), Operand::Integer(value)) => Some(fact == value),
            (Self::Text(fact), Operand::Text(value)) => Some(fact == value),
            (Self::List(fact), Operand::Text(value)) => Some(fact.contains(value)),
            (Self::Bool(_), Operand::Integer(_) | Operand::Text(_))
            | (Self::Integer(_), Operand::Bool(_) | Operand::Text(_))
            | (Self::Text(_) | Self::List(_), Operand::Bool(_) | Operand::Integer(_)) => None,
        }
    }

    fn integer(&self) -> Option<Integer> {
        match self {
            Self::Integer(fact) => Some(*fact),
            Self::Bool(_) | Self::Text(_) | Self::List(_) => None,
        }
    }
}

/// A condition on one fact: the fact's name, and exactly one operator.
macro_rules! condition {
    ($(#[$doc:meta])* $name:ident $($more:tt)*) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// The fact's name in the order's `facts`. Without this fact an order does not meet the
            /// condition. Null only beside `any`.
            #[serde(default)]
            pub fact: Option<Kind>,
            /// The fact is this value, or a list that contains it. Null if another operator is given.
            #[serde(default)]
            #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "the fact's own")))]
            pub is: Option<Operand>,
            /// The fact is another value of the same kind, and no list. Null if another operator is given.
            #[serde(default)]
            #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "the fact's own")))]
            pub is_not: Option<Operand>,
            /// The fact, or an element of its list, is one of these 1 to 1000 integers or strings. Null if another
            /// operator is given.
            #[serde(default)]
            #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_VALUES)))]
            #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "the fact's own")))]
            pub r#in: Option<Vec<Operand>>,
            /// Neither the fact nor an element of its list is one of these 1 to 1000 integers or strings, of which at
            /// least one is of the fact's kind. Null if another operator is given.
            #[serde(default)]
            #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_VALUES)))]
            #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "the fact's own")))]
            pub not_in: Option<Vec<Operand>>,
            /// The fact is a number, at least this one. Null if another operator is given.
            #[serde(default)]
            #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "the fact's own")))]
            pub at_least: Option<Integer>,
            /// The fact is a number, at most this one. Null if another operator is given.
            #[serde(default)]
            #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "the fact's own")))]
            pub at_most: Option<Integer>,
            $($more)*
        }

        impl $name {
            /// The condition's parts that are the same for both types.
            fn test(&self) -> Test<'_> {
                let Self { fact, is, is_not, r#in, not_in, at_least, at_most, .. } = self;
                Test {
                    fact: fact.as_ref(),
                    is: is.as_ref(),
                    is_not: is_not.as_ref(),
                    among: r#in.as_deref(),
                    not_among: not_in.as_deref(),
                    at_least: *at_least,
                    at_most: *at_most,
                }
            }
        }
    };
}

condition! {
    /// A condition on the facts of an order: `fact` with exactly one operator, or `any` alone.
    Condition
    /// 1 to 16 conditions, of which at least one must hold. Null if a fact is given.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_ANY)))]
    pub any: Option<Vec<FactCondition>>,
}

condition! {
    /// A condition on one fact: `fact`, and exactly one operator.
    FactCondition
}

/// A condition on one fact.
pub(crate) struct Test<'a> {
    pub fact: Option<&'a Kind>,
    pub is: Option<&'a Operand>,
    pub is_not: Option<&'a Operand>,
    pub among: Option<&'a [Operand]>,
    pub not_among: Option<&'a [Operand]>,
    pub at_least: Option<Integer>,
    pub at_most: Option<Integer>,
}

impl Condition {
    /// Whether these facts meet the condition.
    pub(crate) fn holds(&self, facts: &Facts) -> bool {
        match &self.any {
            Some(any) => any.iter().any(|one| one.test().holds(facts)),
            None => self.test().holds(facts),
        }
    }

    /// The condition on one fact; none if this is `any`.
    pub(crate) fn one(&self) -> Option<Test<'_>> {
        self.any.is_none().then(|| self.test())
    }

    /// Each condition on one fact of which it consists.
    pub(crate) fn tests(&self) -> impl Iterator<Item = Test<'_>> {
        self.any.iter().flatten().map(FactCondition::test).chain(self.one())
    }

    /// Checks what the Rust types do not ensure.
    pub(crate) fn verify(&self) -> Result<(), Error> {
        let Some(any) = &self.any else { return self.test().verify() };
        if self.test().operators() > 0 || self.fact.is_some() {
            return Err(Error::new("any", "expected no fact and no operator beside any"));
        }
        if !(1..=MAX_ANY).contains(&any.len()) {
            let expected = format!("expected 1 to {MAX_ANY} conditions, found {}", any.len());
            return Err(Error::new("any", expected));
        }
        let mut each = any.iter().enumerate();
        each.try_for_each(|(index, one)| {
            one.test().verify().map_err(|error| error.in_element(index).in_field("any"))
        })
    }
}

impl Test<'_> {
    fn holds(&self, facts: &Facts) -> bool {
        self.fact.and_then(|name| facts.get(name)).is_some_and(|fact| self.meets(fact))
    }

    /// Whether this value meets the condition.
    pub(crate) fn meets(&self, fact: &Fact) -> bool {
        // A fact is compared with the values of its own kind only. If there are none, no condition holds.
        let of_kind =
            |values: &[Operand]| values.iter().filter_map(|value| fact.is(value)).collect::<Vec<_>>();
        let not_list = !matches!(fact, Fact::List(_));
        self.is.is_none_or(|value| fact.is(value) == Some(true))
            && self.is_not.is_none_or(|value| not_list && fact.is(value) == Some(false))
            && self.among.is_none_or(|values| of_kind(values).contains(&true))
            && self.not_among.is_none_or(|values| {
                let compared = of_kind(values);
                !compared.is_empty() && !compared.contains(&true)
            })
            && self.at_least.is_none_or(|least| fact.integer().is_some_and(|fact| fact >= least))
            && self.at_most.is_none_or(|most| fact.integer().is_some_and(|fact| fact <= most))
    }

    fn operators(&self) -> usize {
        let given = [
            self.is.is_some(),
            self.is_not.is_some(),
            self.among.is_some(),
            self.not_among.is_some(),
            self.at_least.is_some(),
            self.at_most.is_some(),
        ];
        given.into_iter().filter(|given| *given).count()
    }

    fn verify(&self) -> Result<(), Error> {
        if self.fact.is_none() {
            return Err(Error::new("fact", "expected the name of a fact"));
        }
        let operators = self.operators();
        if operators != 1 {
            let expected = "expected exactly one of is, is_not, in, not_in, at_least and at_most, found";
            return Err(Error::new("", format!("{expected} {operators}")));
        }
        for (field, values) in [("in", self.among), ("not_in", self.not_among)] {
            let Some(values) = values else { continue };
            if !(1..=MAX_VALUES).contains(&values.len()) {
                let expected = format!("expected 1 to {MAX_VALUES} values, found {}", values.len());
                return Err(Error::new(field, expected));
            }
            if let Some(index) = values.iter().position(|value| matches!(value, Operand::Bool(_))) {
                let expected = Error::new("", "expected an integer or a string, found true or false");
                return Err(expected.in_element(index).in_field(field));
            }
        }
        Ok(())
    }
}
