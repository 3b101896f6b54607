//! Plays sequences of calls over a store, and compares the engine with the naive second implementation.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| redeemable_fuzz::calls::run(data));
