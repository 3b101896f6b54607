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
    /// `hot` functions are called for every order, and cross in packed form; `cold` functions cross as JSON text.
    crossing: &'static str,
    /// The wasm file that exports the function.
    file: &'static str,
    sentence: &'static str,
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

macro_rules! table {
    ($(
        #[doc = $sentence:literal]
        $heat:ident $file:literal $verb:ident($js:literal, $wit:literal)[$($fails:tt)?]:
            $request:ident => $answer:ty;
    )*) => {
        /// The functions, from the list in `src/lib.rs`.
        pub const FUNCTIONS: &[Function] = &[$(Function {
            name: $js,
            request: stringify!($request),
            reads: of::<$request>,
            answers: of::<$answer>,
            crossing: stringify!($heat),
            file: $file,
            sentence: $sentence,
        }),*];
    };
}
redeemable::verbs!(table);

macro_rules! prepared_table {
    ($(
        #[doc = $sentence:literal]
        $method:ident $verb:ident($js:literal, $wit:literal): $request:ident => $answer:ty;
    )*) => {
        /// `prepare`, and the functions that take what it has prepared.
        pub const PREPARED: &[Function] = &[
            Function {
                name: "prepare",
                request: "PrepareRequest",
                reads: of::<PrepareRequest>,
                answers: of::<Integer>,
                crossing: "hot",
                file: "engine",
                sentence: "Keeps promotions and policy, so that many orders are decided without reading them again.",
            },
            $(Function {
                name: $js,
                request: stringify!($request),
                reads: of::<$request>,
                answers: of::<$answer>,
                crossing: "hot",
                file: "engine",
                sentence: $sentence,
            }),*
        ];
    };
}
redeemable::prepared_verbs!(prepared_table);

/// The document `contract/functions.json`.
pub fn document() -> Value {
    let functions = FUNCTIONS.iter().chain(PREPARED).map(|function| {
        let answer = (function.answers)(&mut crate::schema::answers());
        json!({
            "name": function.name,
            "request": { "$ref": format!("#/$defs/{}", function.request) },
            "answer": answer.to_value(),
            "crossing": function.crossing,
            "file": function.file,
            "description": function.sentence.trim(),
        })
    });
    json!({ "functions": functions.collect::<Vec<_>>() })
}
