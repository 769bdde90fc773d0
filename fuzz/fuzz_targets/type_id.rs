#![no_main]

use bursar_fuzz_properties::type_id;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| type_id::holds(input));
