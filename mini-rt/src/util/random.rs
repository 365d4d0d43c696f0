//! A small generator of numbers that need only be spread, not secret: xorshift64* (Vigna, 2016).

use std::cell::Cell;

/// A pseudo-random generator for one thread.
pub(crate) struct Random(Cell<u64>);

impl Random {
    /// Starts a sequence of its own for each `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        // Any odd multiple spreads small seeds over the word; zero alone would stay zero.
        Self(Cell::new((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1))
    }

    fn next(&self) -> u64 {
        let mut x = self.0.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.0.set(x);
        x.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Returns a number from zero up to, not including, `limit`.
    ///
    /// # Panics
    /// If `limit` is zero.
    pub(crate) fn below(&self, limit: usize) -> usize {
        assert!(limit > 0, "no number is below zero");
        // The upper half of the product: Lemire's method, whose bias does not matter here.
        let product = u128::from(self.next()) * limit as u128;
        usize::try_from(product >> 64).expect("below `limit`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_below_the_limit_comes_up() {
        let random = Random::new(0);
        let mut seen = [0_u32; 5];
        for _ in 0..1000 {
            seen[random.below(5)] += 1;
        }
        assert!(seen.iter().all(|&count| count > 100), "{seen:?}");
    }
}
