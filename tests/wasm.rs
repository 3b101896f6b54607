//! Every vector in a browser, through the JavaScript face: compared as JSON text with what the other runtimes answer,
//! and with what serde_wasm_bindgen makes of the same types, so that pkg/js/answers.js can forget no field of them.
#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(
    clippy::needless_question_mark,
    reason = "a function that cannot fail has no `?` on its line of the list"
)]

use js_sys::{Array, Error, JSON, Object, Reflect, eval};
use redeemable::json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{exports, prelude::*};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

#[macro_use]
#[path = "vectors/files.rs"]
mod files;

wasm_bindgen_test_configure!(run_in_browser);

macro_rules! a_test_per_file {
    ($($name:ident $file:literal)*) => {
        const FILES: &[&str] = &[$(include_str!(concat!("vectors/", $file))),*];

        $(
            #[wasm_bindgen_test]
            fn $name() {
                all_are_answered_to_the_letter($file, include_str!(concat!("vectors/", $file)));
            }
        )*
    };
}
vector_files!(a_test_per_file);

#[wasm_bindgen_test]
fn there_are_enough_vectors() {
    let count: u32 = FILES.iter().map(|file| cases(file).length()).sum();
    console_log!("{count} vectors in {} files", FILES.len());
    assert!(count >= 250, "{count}");
}

fn all_are_answered_to_the_letter(name: &str, file: &str) {
    let cases = cases(file);
    let mut wrong = Vec::new();
    for case in cases.iter() {
        let (verb, request) = (string(&case, "call"), get(&case, "request"));
        let answer = text(&answer(&verb, &request));
        assert_eq!(answer, text(&answer_of_serde(&verb, &request)), "{}", string(&case, "name"));
        let expected = match (get(&case, "answer"), get(&case, "error")) {
            (answer, error) if error.is_undefined() => text(&answer),
            (answer, error) if answer.is_undefined() => text(&error),
            _ => panic!("{}: either an answer or an error", string(&case, "name")),
        };
        if verb == "usageKeys" || verb == "validateRedemption" {
            let prepared = text(&answer_of_rules(&verb, &request));
            // A field that a request has not is unknown beside fewer.
            let same =
                prepared == answer || prepared.contains("unknown field") && answer.contains("unknown field");
            assert!(
                same || !request.is_object() || Array::is_array(&request),
                "{}: {prepared}",
                string(&case, "name")
            );
        }
        if answer != expected {
            let case = string(&case, "name");
            wrong.push(format!("{name}: {case}\n  expected {expected}\n  answered {answer}"));
        }
    }
    let count = cases.length();
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
    console_log!("{name}: {count} vectors");
}

fn cases(file: &str) -> Array {
    let cases: Array = get(&JSON::parse(file).unwrap(), "cases").unchecked_into();
    assert!(cases.length() > 0);
    cases
}

#[wasm_bindgen(module = "/pkg/js/wire.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn ask(
        instance: &JsValue,
        verb: &str,
        request: &JsValue,
        read: &JsValue,
        rules: &JsValue,
    ) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(module = "/pkg/js/wire-answers.js")]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = json)]
    static TEXT: JsValue;
    #[wasm_bindgen(thread_local_v2, js_name = number)]
    static RULES: JsValue;
}

#[wasm_bindgen(module = "/pkg/js/answers.js")]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = keys)]
    static KEYS: JsValue;
    #[wasm_bindgen(thread_local_v2, js_name = decision)]
    static DECISION: JsValue;
    #[wasm_bindgen(thread_local_v2, js_name = confirmation)]
    static CONFIRMATION: JsValue;
    #[wasm_bindgen(thread_local_v2, js_name = codeForms)]
    static CODE_FORMS: JsValue;
    #[wasm_bindgen(thread_local_v2, js_name = releaseAnswer)]
    static RELEASE_ANSWER: JsValue;
    #[wasm_bindgen(thread_local_v2, js_name = exchangeAnswer)]
    static EXCHANGE_ANSWER: JsValue;
}

thread_local! {
    /// What pkg/js/instance.js makes of an instance of the package's wasm file, of this one.
    static INSTANCE: JsValue = {
        let instance = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&instance, &name.into(), value).unwrap();
        set("exports", &exports());
        set("memory", &wasm_bindgen::memory());
        set("names", &js_sys::Map::new());
        instance.into()
    };
}

macro_rules! by_name {
    ($(
        #[doc = $sentence:literal]
        $heat:ident $file:literal $verb:ident($js:literal, $wit:literal)[$($fails:tt)?]:
            $request:ident => $answer:ty;
    )*) => {
        /// Whether the function crosses as JSON text, if there is one.
        fn is_cold(verb: &str) -> bool {
            match verb {
                $($js => stringify!($heat) == "cold",)*
                _ => false,
            }
        }

        /// The same without the crossing: from JSON text, by serde alone.
        fn answer_of_serde(verb: &str, request: &JsValue) -> JsValue {
            let request = &text(request);
            match verb {
                $($js => of_serde(|request: &redeemable::$request| Ok(redeemable::$verb(request)$($fails)?), request),)*
                other => panic!("no such call: {other}"),
            }
        }
    };
}
redeemable::verbs!(by_name);

fn call(verb: &str, request: &JsValue, rules: &JsValue) -> Result<JsValue, JsValue> {
    let read = match verb {
        cold if is_cold(cold) => &TEXT,
        "prepare" => &RULES,
        "usageKeys" | "preparedUsageKeys" => &KEYS,
        "validateRedemption" | "preparedValidateRedemption" => &DECISION,
        "confirmRedemption" => &CONFIRMATION,
        "applyRelease" => &RELEASE_ANSWER,
        "exchangeRedemption" => &EXCHANGE_ANSWER,
        "canonicalCode" => &CODE_FORMS,
        other => panic!("no such call: {other}"),
    };
    INSTANCE.with(|instance| read.with(|read| ask(instance, verb, request, read, rules)))
}

/// The answer, or of the error that was thrown what a vector says of it.
fn answer(verb: &str, request: &JsValue) -> JsValue {
    told(call(verb, request, &JsValue::UNDEFINED))
}

/// The same under rules that are prepared for it.
fn answer_of_rules(verb: &str, request: &JsValue) -> JsValue {
    let (document, asked) = (Object::new(), Object::new());
    for (field, value) in
        Object::entries(request.unchecked_ref()).iter().map(|entry| (get(&entry, "0"), get(&entry, "1")))
    {
        let belongs = if ["promos", "policy"].contains(&field.as_string().unwrap().as_str()) {
            &document
        } else {
            &asked
        };
        Reflect::set(belongs, &field, &value).unwrap();
    }
    told(call("prepare", &document, &JsValue::UNDEFINED).and_then(|rules| {
        let prepared = format!("prepared{}{}", verb[..1].to_uppercase(), &verb[1..]);
        let answer = call(&prepared, &asked, &rules);
        drop_rules(rules.as_f64().unwrap());
        answer
    }))
}

fn drop_rules(rules: f64) {
    let drop: js_sys::Function = get(&exports(), "dropRules").unchecked_into();
    drop.call1(&JsValue::UNDEFINED, &rules.into()).unwrap();
}

fn told(answer: Result<JsValue, JsValue>) -> JsValue {
    answer.unwrap_or_else(|thrown| {
        assert!(thrown.is_instance_of::<Error>(), "what is thrown is an Error");
        let error = Object::new();
        for field in ["code", "path", "at", "message"] {
            Reflect::set(&error, &field.into(), &get(&thrown, field)).unwrap();
        }
        error.into()
    })
}

fn of_serde<Request: DeserializeOwned, T: Serialize>(
    verb: fn(&Request) -> Result<T, redeemable::Error>,
    request: &str,
) -> JsValue {
    let serializer = Serializer::json_compatible();
    match json::read(request.as_bytes()).and_then(|request| verb(&request)) {
        Ok(answer) => answer.serialize(&serializer),
        Err(error) => error.serialize(&serializer),
    }
    .unwrap()
}

fn get(object: &JsValue, field: &str) -> JsValue {
    Reflect::get(object, &field.into()).unwrap()
}

fn string(object: &JsValue, field: &str) -> String {
    get(object, field).as_string().unwrap()
}

fn text(value: &JsValue) -> String {
    JSON::stringify(value).unwrap().into()
}

/// Asserts what a preview for three tickets answers once the JavaScript `edit` has been made to it.
fn assert_error(edit: &str, path: &str, message: &str) {
    let answer = answer("validateRedemption", &preview(edit));
    let found = (string(&answer, "path"), string(&answer, "message"));
    assert_eq!(found, (path.to_owned(), message.to_owned()), "{edit}");
}

fn preview(edit: &str) -> JsValue {
    let script = r#"(() => {
        const request = {
            codes: ["SUMMER"],
            promos: [{ code: "SUMMER", discount: { kind: "free" }, max_uses: 5 }],
            order: { event_id: "gala", currency: "EUR", lines: [{ unit_price: 1000, quantity: 3 }] },
            now_ms: 1800000000000,
        };
        EDIT;
        return request;
    })()"#;
    eval(&script.replace("EDIT", edit)).unwrap()
}

#[wasm_bindgen_test]
fn numbers_that_json_does_not_have_are_errors() {
    let promo = "promos[0].max_uses";
    let expected = "expected an integer from 0 to 9007199254740991, found";
    for (value, found) in [
        ("10n", "a bigint"),
        ("NaN", "a number that is not finite"),
        ("Infinity", "a number that is not finite"),
        ("-Infinity", "a number that is not finite"),
        ("2 ** 53", "a number above 9007199254740991"),
        ("new Number(5)", "an object that is not plain"),
    ] {
        let edit = format!("request.promos[0].max_uses = {value}");
        assert_error(&edit, promo, &format!("{expected} {found}"));
    }
    let percent = "delete request.promos[0].discount; request.promos[0].discount_percent = NaN";
    let expected =
        "expected a number from 0 to 100 with at most 4 decimals, found a number that is not finite";
    assert_error(percent, "promos[0].discount_percent", expected);
}

#[wasm_bindgen_test]
fn a_lone_surrogate_is_an_error_wherever_a_buyer_may_type_one() {
    let expected = "expected Unicode text, found a lone surrogate";
    assert_error("request.codes[0] = 'SUM\\ud83dMER'", "codes[0]", expected);
    assert_error("request.order.identities = { email: '\\udf39@x.org' }", "order.identities.email", expected);
    // The replacement character itself is text like any other, and so is a whole pair.
    for typed in ["\\ufffd", "\\ud83c\\udf39"] {
        let rejected = answer("validateRedemption", &preview(&format!("request.codes[0] = '{typed}'")));
        assert_eq!(string(&rejected, "status"), "rejected");
    }
}

#[wasm_bindgen_test]
fn objects_that_are_not_plain_are_errors() {
    let expected = "expected an object, found an object that is not plain";
    assert_error("request.usage = { counters: new Map([['x', 1]]) }", "usage.counters", expected);
    assert_error("request.order = new Date(0)", "order", expected);
    assert_error(
        "request.codes = new Set(['SUMMER'])",
        "codes",
        "expected a list, found an object that is not plain",
    );
    assert_error(
        "request.order.event_id = Symbol('gala')",
        "order.event_id",
        "expected a string of 1 to 256 characters, found a symbol",
    );
    assert_error("request.policy = () => {}", "policy", "expected an object, found a function");
}

#[wasm_bindgen_test]
fn a_getter_or_a_proxy_that_throws_is_an_error_and_spoils_no_later_call() {
    let before = text(&answer("validateRedemption", &preview("")));
    let unreadable = "found a value that cannot be read";
    let getter = "Object.defineProperty(request.order, 'currency', {
        enumerable: true, get() { throw new Error('mine') } })";
    let proxy = "request.order = new Proxy({}, { ownKeys() { throw new Error('mine') } })";
    for _ in 0..100 {
        assert_error(
            getter,
            "order.currency",
            &format!("expected a string of 1 to 16 characters, {unreadable}"),
        );
        assert_error(proxy, "order", &format!("expected an object, {unreadable}"));
    }
    assert_eq!(text(&answer("validateRedemption", &preview(""))), before);
}

#[wasm_bindgen_test]
fn undefined_and_a_hole_are_absent() {
    let plain = text(&answer("validateRedemption", &preview("")));
    let edit = "request.policy = undefined; request.promos[0].budget = undefined";
    assert_eq!(text(&answer("validateRedemption", &preview(edit))), plain);
    assert_error("request.codes = [,]", "codes[0]", "expected a string, found null");
    assert_error("request.promos[0].max_usse = undefined", "promos[0].max_usse", &unknown_promo_field());
}

fn unknown_promo_field() -> String {
    let contract: serde_json::Value = serde_json::from_str(include_str!("../contract/schema.json")).unwrap();
    let fields = contract["$defs"]["Promo"]["properties"].as_object().unwrap();
    let fields: Vec<_> = fields.keys().map(String::as_str).collect();
    format!("unknown field, expected one of {}", fields.join(", "))
}
