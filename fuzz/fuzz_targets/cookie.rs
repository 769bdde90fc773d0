#![no_main]

use bursar_fuzz_properties::cookie;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| cookie::holds(input));
