#![no_main]

use bursar_fuzz_properties::cloud_events;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| cloud_events::holds(input));
