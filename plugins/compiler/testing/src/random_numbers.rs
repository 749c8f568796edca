//! Pseudo-random numbers, the same in every run.

/// Pseudo-random numbers from -1 to 1.
pub struct RandomNumbers(u32);

impl RandomNumbers {
    /// The numbers that begin with this seed.
    pub fn new(seed: u32) -> Self {
        RandomNumbers(seed.wrapping_mul(2_654_435_761) ^ 0x5bd1_e995)
    }

    /// The next number.
    #[expect(clippy::should_implement_trait, reason = "it never ends, so it is no iterator")]
    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    /// The next `count` numbers.
    pub fn many(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.next()).collect()
    }
}
