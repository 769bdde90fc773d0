//! What the largest bodies take. A test binary of its own, since it measures its whole process.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;

use bursar_fuzz_properties::cloud_events::largest_bodies;
use bursar_usage_metering::{ContentMode, UsageEvent, refusal};

/// Some hundred times a body: a value of two bytes is a node of 48 in a list of one. It is gone when
/// the body is read, and a core reads one at a time.
const MAX_PEAK_KIB: usize = 160 * 1024;
/// A tenth of the body that is refused.
const MAX_REFUSAL_BYTES: usize = 100 * 1024;

/// Peak of this process's memory, the test's own body included.
fn peak_kib() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn the_largest_bodies_are_read_and_refused_in_bounded_memory() {
    for body in largest_bodies() {
        if let Err(faults) = UsageEvent::read(ContentMode::Plain, &[], body.as_bytes()) {
            let told = refusal(&faults).get("faults").unwrap().len();
            assert!(told <= MAX_REFUSAL_BYTES, "{told} bytes about {body:.200}");
        }
        let peak = peak_kib();
        assert!(peak <= MAX_PEAK_KIB, "{peak} KiB at the latest for {body:.200}");
    }
}
