#![no_main]

use bursar_fuzz_properties::cursor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| cursor::holds(input));
