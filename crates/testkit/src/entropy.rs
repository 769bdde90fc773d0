use std::sync::atomic::{AtomicU64, Ordering};

use bursar_kernel::Entropy;

/// Random bytes that anyone can guess: the same ones every time a test runs (`SplitMix64`).
#[derive(Debug)]
pub struct SeededEntropy {
    state: AtomicU64,
}

/// The step of `SplitMix64`: 2⁶⁴ divided by the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl SeededEntropy {
    /// The sequence that belongs to a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }

    fn next(&self) -> u64 {
        let mut word = self.state.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

impl Default for SeededEntropy {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence_and_no_value_twice() {
        let first: [u8; 32] = (&SeededEntropy::new(7) as &dyn Entropy).bytes();
        let entropy = SeededEntropy::new(7);
        let (again, next): ([u8; 32], [u8; 32]) =
            ((&entropy as &dyn Entropy).bytes(), (&entropy as &dyn Entropy).bytes());
        assert_eq!(first, again);
        assert_ne!(again, next);
        assert_eq!(
            SeededEntropy::new(0).next(),
            0xe220_a839_7b1d_cdaf,
            "the published first value of seed 0"
        );
    }
}
