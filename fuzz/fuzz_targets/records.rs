//! Stored records that no engine of today wrote.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| redeemable_fuzz::records::run(data));
