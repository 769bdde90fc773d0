use bursar_kernel::Entropy;

use crate::SeededEntropy;

/// What is drawn from a seed: the same every time, and another for each stream of it.
pub(super) struct Dice(SeededEntropy);

impl Dice {
    pub(super) const fn new(seed: u64, stream: u64) -> Self {
        Self(SeededEntropy::new(seed.rotate_left(32) ^ stream))
    }

    /// From nought to one less than `end`.
    pub(super) fn below(&self, end: u64) -> u64 {
        let entropy: &dyn Entropy = &self.0;
        u64::from_le_bytes(entropy.bytes()) % end
    }

    pub(super) fn one_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }
}
