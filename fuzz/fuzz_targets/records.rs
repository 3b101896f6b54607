//! Gives the engine stored records that today's engine would not write.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| redeemable_fuzz::records::run(data));
