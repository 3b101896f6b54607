//! Calls the engine's functions from JSON text to JSON text.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use redeemable_fuzz::{mutate::mutate, text};

fuzz_target!(|data: &[u8]| text::run(data));

// Our mutations keep the text a request. Every eighth is left to libFuzzer, which sees what the engine compares its
// input with.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 8 == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let changed = mutate(&data[..size], u64::from(seed));
    let size = changed.len().min(max_size);
    data[..size].copy_from_slice(&changed[..size]);
    size
});
