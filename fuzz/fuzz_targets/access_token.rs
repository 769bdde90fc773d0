#![no_main]

use bursar_fuzz_properties::access_token;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| access_token::holds(input));
