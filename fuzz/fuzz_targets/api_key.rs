#![no_main]

use bursar_fuzz_properties::api_key;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| api_key::holds(input));
