//! The functions, each with its request and its answer.

use redeemable::*;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

/// One function of the engine.
pub struct Function {
    pub name: &'static str,
    pub request: &'static str,
    pub reads: fn(&mut SchemaGenerator) -> Schema,
    pub answers: fn(&mut SchemaGenerator) -> Schema,
    /// Whether it is asked for every order, and crosses packed.
    hot: bool,
    /// The wasm file that has it.
    file: &'static str,
    sentence: &'static str,
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

macro_rules! function {
    ($name:literal, $as:literal, $request:ty => $answer:ty, $hot:literal, $file:literal, $sentence:literal) => {
        Function {
            name: $name,
            request: $as,
            reads: of::<$request>,
            answers: of::<$answer>,
            hot: $hot,
            file: $file,
            sentence: $sentence,
        }
    };
}

#[rustfmt::skip] // a table
pub const FUNCTIONS: [Function; 14] = [
    function!("usageKeys", "UsageKeysRequest", ValidateRequest => Vec<String>, true, "engine", "The keys of the counters to read before the order is decided."),
    function!("validateRedemption", "ValidateRequest", ValidateRequest => Decision, true, "engine", "Decides whether the order may be had with these codes, at what price, and what the host commits."),
    function!("confirmRedemption", "ConfirmRequest", ConfirmRequest => Confirmation, true, "engine", "Says what a payment meets, whose its money is, and what the host commits."),
    function!("applyRelease", "ReleaseRequest", ReleaseRequest => ReleaseAnswer, true, "engine", "Releases tickets, and gives back what the terms in the record say for the reason."),
    function!("auditUsage", "AuditRequest", AuditRequest => Audit, false, "engine", "Says what each counter must be, from the records alone."),
    function!("canonicalCode", "CodeRequest", CodeRequest => CodeForms, false, "engine", "The forms in which a typed code is looked up."),
    function!("prepareRules", "PrepareRequest", PrepareRequest => Integer, true, "engine", "Keeps promotions and policy, so that many orders are decided without reading them again."),
    function!("preparedUsageKeys", "PreparedKeysRequest", PreparedRequest => Vec<String>, true, "engine", "As usageKeys, under prepared rules."),
    function!("preparedValidateRedemption", "PreparedRequest", PreparedRequest => Decision, true, "engine", "As validateRedemption, under prepared rules."),
    function!("publicView", "ViewRequest", ViewRequest => PublicView, false, "organiser", "What a browser may know of one code, so that it can preview orders by itself."),
    function!("validatePromos", "PromosRequest", PromosRequest => PromosAnswer, false, "organiser", "Everything that is wrong with an organiser's documents, at once."),
    function!("checkPromo", "CheckRequest", CheckRequest => Vec<Finding>, false, "organiser", "What an organiser may not have meant, the worst first."),
    function!("simulate", "SimulateRequest", SimulateRequest => Simulation, false, "organiser", "What a change of a promotion would mean for the next buyers."),
    function!("generateCodes", "GenerateRequest", GenerateRequest => GeneratedCodes, false, "organiser", "New codes that cannot be guessed."),
];

/// `contract/functions.json`.
pub fn document() -> Value {
    let functions = FUNCTIONS.iter().map(|function| {
        let answer = (function.answers)(&mut crate::schema::answers());
        json!({
            "name": function.name,
            "request": { "$ref": format!("#/$defs/{}", function.request) },
            "answer": answer.to_value(),
            "crossing": if function.hot { "hot" } else { "cold" },
            "file": function.file,
            "description": function.sentence,
        })
    });
    json!({ "functions": functions.collect::<Vec<_>>() })
}
