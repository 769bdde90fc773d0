#![no_main]

use bursar_fuzz_properties::webhook_signature;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| webhook_signature::holds(input));
