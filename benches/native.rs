//! Measures decisions natively: reads lines of JSON `{"name", "request"}`, and writes a line of microseconds for each.
//!
//! `benches/js/growth.js` calls this program. The clock counts this thread's processor time, so that other programs on
//! the machine are not measured; the best of several turns counts.

use std::hint::black_box;
use std::io::{BufRead, stdin};
use std::time::{Duration, Instant};

use redeemable::{
    PrepareRequest, PreparedRequest, PreparedRules, ValidateRequest, json, validate_redemption,
};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    for line in stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let request = line.get("request").and_then(Value::as_object);
        let mut request = request.ok_or("a line without a request")?.clone();
        let text = serde_json::to_vec(&request)?;
        let document = json!({ "promos": request.remove("promos"), "policy": request.remove("policy") });
        let rules = PreparedRules::try_from(json::read::<PrepareRequest>(document.to_string().as_bytes())?)?;
        let asked: PreparedRequest = json::read(&serde_json::to_vec(&request)?)?;
        let request: ValidateRequest = json::read(&text)?;
        let decide = least(|| drop(black_box(validate_redemption(black_box(&request)))));
        let prepared = least(|| drop(black_box(rules.validate_redemption(black_box(&asked)))));
        let whole = least(|| drop(black_box(json::validate_redemption(black_box(&text)))));
        let times = json!({ "decide": decide, "prepared": prepared, "text": whole });
        println!("{}", json!({ "name": line.get("name"), "times": times }));
    }
    Ok(())
}

/// The microseconds of one call, in the best of several turns of at least five milliseconds.
#[allow(clippy::float_arithmetic, reason = "a time, not money")]
fn least(mut call: impl FnMut()) -> f64 {
    let clock = Instant::now();
    let mut turn = |calls: u32| {
        let start = busy(clock);
        (0..calls).for_each(|_| call());
        busy(clock).saturating_sub(start)
    };
    let mut calls = 1;
    while turn(calls) < Duration::from_millis(5) {
        calls = calls.saturating_mul(2);
    }
    let best = (0..15).map(|_| turn(calls)).min().unwrap_or_default();
    best.as_secs_f64() * 1e6 / f64::from(calls)
}

/// The processor time of this thread; wall-clock time where the system does not tell it.
fn busy(clock: Instant) -> Duration {
    std::thread::yield_now(); // makes Linux update its account of the time
    let account = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = account.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok());
    spent.map_or_else(|| clock.elapsed(), Duration::from_nanos)
}
