//! JSON Schemas that are written by hand, for types that cannot derive theirs.
//!
//! Only `tools/contract` switches the feature `schema` on; nothing of it is in a wasm file.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use std::borrow::Cow;

use crate::base::amount::{Amount, MAX_CURRENCIES};
use crate::base::given::Given;
use crate::base::money::{Bounded, Integer, Percent, Positive, Time};
use crate::base::step::Step;
use crate::base::text::{Currency, Kind, Name, Text};
use crate::documents::charge::Each;
use crate::documents::decision::Reason;
use crate::documents::discount::Discount;
use crate::documents::draft::Draft;
use crate::documents::fact::{Fact, Operand};
use crate::documents::passed_over::{PassedOverReason, Spared};
use crate::documents::promo::Combines;
use crate::documents::qualify::ToQualify;
use crate::documents::zone::OffsetMinutes;

/// The schema of such a type is written out wherever the type is used, and has no definition of its own.
macro_rules! inline {
    ($name:literal) => {
        fn inline_schema() -> bool {
            true
        }
        fn schema_name() -> Cow<'static, str> {
            $name.into()
        }
    };
}

impl<const LEAST: u64, const MOST: u64> JsonSchema for Bounded<LEAST, MOST> {
    inline!("Integer");

    fn schema_id() -> Cow<'static, str> {
        format!("Integer from {LEAST} to {MOST}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({ "type": "integer", "minimum": LEAST, "maximum": MOST });
        if Self::LEAST.get() == Time::LEAST.get() {
            schema.insert("x-unit".into(), "milliseconds since the Unix epoch".into());
        }
        schema
    }
}

impl JsonSchema for Percent {
    inline!("Percent");

    // Not `multipleOf` 0.0001: validators divide binary fractions, and refuse 33.3333.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 100, "x-unit": "percent", "x-decimals": 4 })
    }
}

impl JsonSchema for OffsetMinutes {
    inline!("OffsetMinutes");

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": -840, "maximum": Self::MOST, "multipleOf": 15 })
    }
}

impl<const MOST: usize> JsonSchema for Text<MOST> {
    inline!("Text");

    fn schema_id() -> Cow<'static, str> {
        format!("Text of at most {MOST}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": MOST })
    }
}

impl JsonSchema for Kind {
    inline!("Kind");

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[a-z0-9_]{1,32}$" })
    }
}

impl JsonSchema for Each {
    inline!("Each");

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (one, list) = (Integer::json_schema(generator), Vec::<Integer>::json_schema(generator));
        json_schema!({ "anyOf": [one, list] })
    }
}

/// A discount within another one: any kind that has no discount within.
pub(crate) struct SimpleDiscount;

impl JsonSchema for SimpleDiscount {
    fn schema_name() -> Cow<'static, str> {
        "SimpleDiscount".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Discount::json_schema(generator);
        if let Some(Value::Array(cases)) = schema.get_mut("oneOf") {
            let has = |case: &Value, name: &str| case.pointer(&format!("/properties/{name}")).is_some();
            cases.retain(|case| !has(case, "tiers") && !has(case, "discount"));
        }
        schema.insert("description".into(), "What is taken off in a tier or a group, by kind.".into());
        schema
    }
}

impl JsonSchema for Fact {
    inline!("Fact");

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let list = Vec::<Name>::json_schema(generator);
        let (integer, name) = (Integer::json_schema(generator), Name::json_schema(generator));
        json_schema!({ "anyOf": [{ "type": "boolean" }, integer, name, list] })
    }
}

impl JsonSchema for Operand {
    inline!("Operand");

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (integer, name) = (Integer::json_schema(generator), Name::json_schema(generator));
        json_schema!({ "anyOf": [{ "type": "boolean" }, integer, name] })
    }
}

impl JsonSchema for Combines {
    inline!("Combines");

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "boolean" }, { "type": "string", "const": "per_ticket" }] })
    }
}

impl JsonSchema for PassedOverReason {
    fn schema_name() -> Cow<'static, str> {
        "PassedOverReason".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let both = [Reason::json_schema(generator), Spared::json_schema(generator)];
        let cases = both.iter().filter_map(|schema| schema.get("oneOf")?.as_array()).flatten();
        let cases: Vec<&Value> = cases.collect();
        json_schema!({
            "description": "Why a promotion takes no part in an accepted order.",
            "oneOf": cases,
        })
    }
}

impl JsonSchema for Amount {
    inline!("Amount");

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (one, mut each) =
            (Integer::json_schema(generator), Given::<Currency, Integer>::json_schema(generator));
        each.insert("maxProperties".into(), MAX_CURRENCIES.into());
        json_schema!({ "anyOf": [one, each] })
    }
}

impl JsonSchema for Step {
    inline!("Step");

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, Integer::json_schema(generator)] })
    }
}

impl<K: JsonSchema, V: JsonSchema> JsonSchema for Given<K, V> {
    inline!("Given");

    fn schema_id() -> Cow<'static, str> {
        format!("Map from {} to {} or null", K::schema_id(), V::schema_id()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<Option<V>>();
        let mut schema = json_schema!({ "type": "object", "additionalProperties": value });
        let key = K::json_schema(generator);
        if key != json_schema!({ "type": "string" }) {
            schema.insert("propertyNames".into(), key.to_value());
        }
        schema
    }
}

impl<T: JsonSchema, const MOST: usize> JsonSchema for Draft<T, MOST> {
    inline!("Draft");

    fn schema_id() -> Cow<'static, str> {
        format!("Draft of {}", T::schema_id()).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "x-document": T::schema_name() })
    }
}

impl JsonSchema for ToQualify {
    fn schema_name() -> Cow<'static, str> {
        "ToQualify".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let of = |description: &str, generator: &mut SchemaGenerator| {
            let mut schema = Vec::<Name>::json_schema(generator);
            schema.insert("description".into(), description.into());
            schema
        };
        let by = |description: &str, generator: &mut SchemaGenerator| {
            let mut schema = Positive::json_schema(generator);
            schema.insert("description".into(), description.into());
            schema
        };
        let added = of("The ticket types that count. Absent where every type counts.", generator);
        let removed = of(
            "The ticket types that count and that the order holds. Absent where every type counts.",
            generator,
        );
        let more = by("How many tickets more, at least.", generator);
        let fewer = by("How many tickets fewer, at least.", generator);
        let dearer = by("How much more before any discount, at least, in minor units.", generator);
        let cheaper = by("How much less before any discount, at least, in minor units.", generator);
        json_schema!({
            "description": "The least change of the order that mends everything that speaks against the code. \
                What is left of a limit plays no part.",
            "oneOf": [
                {
                    "title": "AddTickets",
                    "description": "The order needs more tickets.",
                    "type": "object",
                    "properties": { "of": added, "add_tickets": more },
                    "required": ["add_tickets"],
                },
                {
                    "title": "RemoveTickets",
                    "description": "The order needs fewer tickets, whichever of them the buyer removes.",
                    "type": "object",
                    "properties": { "of": removed, "remove_tickets": fewer },
                    "required": ["remove_tickets"],
                },
                {
                    "title": "AddSubtotal",
                    "description": "The order needs a larger subtotal.",
                    "type": "object",
                    "properties": { "of": added, "add_subtotal": dearer },
                    "required": ["add_subtotal"],
                },
                {
                    "title": "RemoveSubtotal",
                    "description": "The order needs a smaller subtotal, whichever tickets the buyer removes for it.",
                    "type": "object",
                    "properties": { "of": removed, "remove_subtotal": cheaper },
                    "required": ["remove_subtotal"],
                },
            ],
        })
    }
}
