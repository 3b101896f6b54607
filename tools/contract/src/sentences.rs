//! The sentences of a reason or a problem: its messages with names in place of the values.
//!
//! In "X has 5 of 50 left, the order needs 6", 5 is `remaining` and 50 is `limit`: the violation beside the message has
//! these figures. A phrase of `told.json` says that 6 is `needed`. An entry of `told.json` names all other values.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a reason or a problem is shown with: the name of the vector, and the violation or the finding.
type Shown = Vec<(String, Value)>;

/// The figures of a violation that may stand in its message.
const FIGURES: [&str; 4] = ["code", "limit", "used", "remaining"];

/// The sentences of a reason or a problem: each with one message as an example.
pub fn sentences(
    name: &str,
    told: &Value,
    kind: &str,
    shown: &BTreeMap<String, Shown>,
    say: &mut impl FnMut(String),
) -> Vec<Value> {
    let Some(shown) = shown.get(name) else {
        say(format!("no vector shows {name}"));
        return Vec::new();
    };
    let derived = derived(shown, &told["phrases"]);
    let sentences = match (told[kind][name].as_array(), derived) {
        (Some(entries), derived) => {
            let sentences = of_entries(name, entries, shown, say);
            if derived.is_some_and(|derived| sentences == [derived]) {
                say(format!(
                    "told.json: {name} needs no entry, because its violations show the same sentence"
                ));
            }
            sentences
        }
        (None, Some(derived)) => vec![derived],
        (None, None) => {
            let message = &shown[0].1["message"];
            say(format!(
                "told.json: {name} needs an entry: no figures tell which words of {message} are values"
            ));
            return Vec::new();
        }
    };
    for (vector, item) in shown {
        if !sentences.iter().any(|known| fits(text(&known["sentence"]), text(&item["message"]))) {
            say(format!("told.json: {name} says another sentence in {vector}: {}", item["message"]));
        }
    }
    sentences
}

/// The only sentence from which the figures of each violation make its message; none if there are several or none.
fn derived(shown: &Shown, phrases: &Value) -> Option<Value> {
    let read: BTreeSet<String> = shown.iter().flat_map(|(_, item)| readings(item, phrases)).collect();
    let makes = |sentence: &str, item: &Value| fits(&filled(sentence, item), text(&item["message"]));
    let mut right = read.iter().filter(|sentence| shown.iter().all(|(_, item)| makes(sentence, item)));
    let (Some(sentence), None) = (right.next(), right.next()) else { return None };
    // An example whose numbers all differ reads best, and most vectors are about the code SUMMER.
    let (_, example) = shown.iter().min_by_key(|(_, item)| (has_twins(item), item["code"] != "SUMMER"))?;
    Some(json!({ "sentence": sentence, "example": example["message"] }))
}

/// The message with the names of some of the violation's figures in place of their values, for each choice of figures.
/// A message is in lower case, so a word that still has a digit or a capital is a value without a name.
fn readings(item: &Value, phrases: &Value) -> Vec<String> {
    let readings =
        figures(item).fold(vec![phrased(text(&item["message"]), phrases)], |readings, (name, value)| {
            readings
                .into_iter()
                .flat_map(|reading| [replaced(&reading, &value, &format!("{{{name}}}")), reading])
                .collect()
        });
    let is_plain = |reading: &String| !reading.contains(|c: char| c.is_numeric() || c.is_uppercase());
    readings.into_iter().filter(is_plain).collect()
}

/// The figures that the violation has, as its message writes them.
fn figures(item: &Value) -> impl Iterator<Item = (&'static str, String)> + '_ {
    FIGURES.into_iter().filter_map(|name| match &item[name] {
        Value::String(code) => Some((name, code.clone())),
        Value::Number(number) => Some((name, number.to_string())),
        _ => None,
    })
}

/// "the order needs {needed}" in place of "the order needs 6".
fn phrased(message: &str, phrases: &Value) -> String {
    phrases.as_array().into_iter().flatten().map(text).fold(message.to_owned(), |message, phrase| {
        let (words, _) = phrase.split_once('{').unwrap();
        let Some((before, value)) = message.split_once(words) else { return message };
        [before, phrase, value.trim_start_matches(char::is_alphanumeric)].concat()
    })
}

/// The sentence with the violation's figures in place of their names.
fn filled(sentence: &str, item: &Value) -> String {
    figures(item)
        .fold(sentence.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value))
}

/// Whether a number stands in the message twice.
fn has_twins(item: &Value) -> bool {
    let mut known = BTreeSet::new();
    let words = text(&item["message"]).split(|c: char| !c.is_alphanumeric());
    !words.filter(|word| word.parse::<u64>().is_ok()).all(|number| known.insert(number))
}

/// The sentences for which `told.json` names the vector and the values.
fn of_entries(name: &str, entries: &[Value], shown: &Shown, say: &mut impl FnMut(String)) -> Vec<Value> {
    let mut sentences = Vec::new();
    for told in entries {
        let values = told["values"].as_object().unwrap();
        let said =
            shown.iter().filter(|(vector, _)| told["vector"] == **vector).map(|(_, item)| &item["message"]);
        let said = said.chain(told.get("message")).filter_map(Value::as_str);
        let Some((example, sentence)) =
            said.map(|message| (message, named(message, values))).find(|(_, sentence)| {
                // A vector may have several messages: take the one that has all the values and no sentence yet.
                values.keys().all(|name| sentence.contains(&format!("{{{name}}}")))
                    && !sentences.iter().any(|known: &Value| fits(text(&known["sentence"]), sentence))
            })
        else {
            say(format!("told.json: no message of {name} in {} has these values", told["vector"]));
            continue;
        };
        let mut entry = Map::new();
        entry.extend(told.get("when").map(|when| ("when".to_owned(), when.clone())));
        entry.insert("sentence".into(), sentence.into());
        entry.insert("example".into(), example.into());
        sentences.push(Value::Object(entry));
    }
    sentences
}

/// The message with names in place of the values, in the order of `values`: "X has {left} of {limit} left".
fn named(message: &str, values: &Map<String, Value>) -> String {
    let name = |sentence: String, (name, value): (&String, &Value)| {
        replaced(&sentence, text(value), &format!("{{{name}}}"))
    };
    values.iter().fold(message.to_owned(), name)
}

/// The text with other words in place of these. Only whole words are replaced: 5 does not match in 50.
fn replaced(text: &str, words: &str, by: &str) -> String {
    let is_word = |at: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at.saturating_add(words.len())..].chars().next();
        [before, after].iter().flatten().all(|c| !c.is_alphanumeric() && *c != '{' && *c != '}' && *c != '_')
    };
    let mut replaced = text.to_owned();
    let places: Vec<_> = text.match_indices(words).map(|(at, _)| at).filter(|at| is_word(*at)).collect();
    for at in places.into_iter().rev() {
        replaced.replace_range(at..at.saturating_add(words.len()), by);
    }
    replaced
}

/// Whether the text is this sentence with some text in place of each name.
fn fits(sentence: &str, text: &str) -> bool {
    let mut pieces = sentence
        .split('{')
        .flat_map(|piece| piece.split_once('}').map_or(vec![piece], |(_, after)| vec![after]));
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn a_sentence_names_whole_words_and_fits_messages_with_other_values() {
    let values = json!({ "left": "5", "limit": "50" });
    let sentence = named("X has 5 of 50 left", values.as_object().unwrap());
    assert_eq!(sentence, "X has {left} of {limit} left");
    assert!(fits(&sentence, "X has 0 of 7 left"));
    assert!(!fits(&sentence, "X has 0 of 7 left, and more"));
    assert!(!fits(&sentence, "Y has 0 of 7 left"));
}

#[test]
fn figures_that_are_equal_are_told_apart_by_another_violation() {
    let shown = |violations: &[(u64, u64, u64, u64)]| -> Shown {
        let violation = |(limit, used, remaining, needed): &(u64, u64, u64, u64)| {
            let message = format!("X has {remaining} of {limit} left, the order needs {needed}");
            let item = json!({
                "code": "X", "limit": limit, "used": used, "remaining": remaining, "message": message,
            });
            ("a vector".into(), item)
        };
        violations.iter().map(violation).collect()
    };
    let phrases = json!(["the order needs {needed}"]);
    // 1 is what was used, and what remains; 2 is the limit, and what is needed.
    assert_eq!(derived(&shown(&[(2, 1, 1, 2)]), &phrases), None);
    assert_eq!(
        derived(&shown(&[(2, 1, 1, 2), (2, 2, 0, 1)]), &phrases),
        Some(json!({
            "sentence": "{code} has {remaining} of {limit} left, the order needs {needed}",
            "example": "X has 0 of 2 left, the order needs 1",
        }))
    );
    // Without the phrase, no figure is what the order needs.
    assert_eq!(derived(&shown(&[(2, 1, 1, 2), (2, 2, 0, 1)]), &json!([])), None);
}

#[test]
fn a_value_that_is_no_figure_has_no_name() {
    let shown = |message: &str| vec![("a vector".into(), json!({ "code": "X", "message": message }))];
    let none = json!([]);
    assert_eq!(derived(&shown("X starts at 1800000000000 ms"), &none), None);
    assert_eq!(derived(&shown("X is for orders in EUR"), &none), None);
    let other_events = [shown("X is not for the event gala"), shown("X is not for the event ball")].concat();
    assert_eq!(derived(&other_events, &none), None);
    assert_eq!(derived(&shown("X is not active"), &none).unwrap()["sentence"], "{code} is not active");
}
