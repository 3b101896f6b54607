//! Sequences of calls over a store, beside the naive reading of the contract.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| redeemable_fuzz::calls::run(data));
