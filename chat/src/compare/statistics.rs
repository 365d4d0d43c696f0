//! What do a few repeated measurements say? Medians, spreads, and how sure a ratio is.
//!
//! The interval of a ratio is a bootstrap over the rounds: the logarithms of the ratios are drawn
//! again, with replacement, and the middle 95 % of the means of such draws is stretched about their
//! mean. The stretch makes up for how few there are: a resample varies less than a sample by
//! `sqrt((n-1)/n)`, and the scale is itself estimated, which Student's t over the normal quantile
//! allows for (T. Hesterberg, "What Teachers Should Know about the Bootstrap", 2015, section 4.1).
//!
//! Rejected: the bootstrap's bare percentiles, which at four rounds hold the truth four times out
//! of five (a test shows it); and those at a corrected level, which with four values are at best the
//! smallest and the largest of them.

/// The middle, and how far the values reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// How many values there are.
    pub n: usize,
    /// The middle one, or the mean of the two in the middle.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Summary {
    /// Of some values; `None` when there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let n = sorted.len();
        let median = f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]);
        Some(Self { n, median, min, max })
    }
}

/// From where to where something lies, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies in it.
    pub fn holds(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether some value lies in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    /// Rounded to what is printed, away from the middle: to hundredths, or to two digits below 0.1.
    pub fn outwards(self) -> Self {
        let step = |value: f64| match value.abs() {
            abs if abs >= 0.1 => 0.01,
            0.0 => 1.0,
            abs => 10_f64.powf(abs.log10().floor() - 1.0),
        };
        let round = |value: f64, to: fn(f64) -> f64| {
            let steps = value / step(value);
            // What is a whole number of steps but for the last bits of a float stays one.
            let whole = steps.round();
            let steps = if (steps - whole).abs() < 1e-6 { whole } else { to(steps) };
            steps * step(value)
        };
        Self { low: round(self.low, f64::floor), high: round(self.high, f64::ceil) }
    }
}

/// The fewest pairs from which an interval is made: with two, the spread is one number's guess.
pub const PAIRS_MIN: usize = 3;

/// How often the rounds are drawn again. The ends of the interval then move by about 3 % of its
/// width from seed to seed, which the fixed seed hides; more draws cost time and show nothing.
const DRAWS: usize = 2_000;

/// The share of draws left out at either end: 95 % are inside.
const TAIL: f64 = 0.025;

/// The normal distribution's quantile for [`TAIL`].
const Z: f64 = 1.959_964;

/// The mean of `values`, and an interval that holds that of their distribution in 95 % of cases;
/// `None` for fewer than [`PAIRS_MIN`] values. The same values give the same interval.
pub fn mean_with_interval(values: &[f64]) -> Option<(f64, Interval)> {
    let n = values.len();
    if n < PAIRS_MIN {
        return None;
    }
    let mean = mean(values);
    let mut random = Random(0x6D69_6E69_2D72_7421);
    let mut means: Vec<f64> = (0..DRAWS)
        .map(|_| (0..n).map(|_| values[random.below(n)]).sum::<f64>() / n as f64)
        .collect();
    means.sort_by(f64::total_cmp);
    let stretch = student_t(n - 1) / Z * (n as f64 / (n - 1) as f64).sqrt();
    let at = |share: f64| mean + stretch * (means[(share * (DRAWS - 1) as f64) as usize] - mean);
    Some((mean, Interval { low: at(TAIL), high: at(1.0 - TAIL) }))
}

/// The arithmetic mean; of nothing it is NaN.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The 97.5 % quantile of Student's t with so many degrees of freedom, at least one.
fn student_t(freedom: usize) -> f64 {
    // From the usual table; the expansion behind it is off by less than 0.001 from eleven on.
    const TABLE: [f64; 10] =
        [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    let expansion = |v: f64| {
        let first = (Z.powi(3) + Z) / 4.0;
        let second = (5.0 * Z.powi(5) + 16.0 * Z.powi(3) + 3.0 * Z) / 96.0;
        let third = (3.0 * Z.powi(7) + 19.0 * Z.powi(5) + 17.0 * Z.powi(3) - 15.0 * Z) / 384.0;
        Z + (first + (second + third / v) / v) / v
    };
    TABLE.get(freedom.saturating_sub(1)).copied().unwrap_or_else(|| expansion(freedom as f64))
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to draw rounds.
pub(super) struct Random(pub(super) u64);

impl Random {
    /// The next number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number below `n`, which is far below 2^32: so the bias is too small to see.
    fn below(&mut self, n: usize) -> usize {
        (((self.next() >> 32) * n as u64) >> 32) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Random {
        /// Above 0, at most 1.
        fn unit(&mut self) -> f64 {
            ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
        }

        /// By Box and Muller.
        fn normal(&mut self) -> f64 {
            let radius = (-2.0 * self.unit().ln()).sqrt();
            radius * (std::f64::consts::TAU * self.unit()).cos()
        }

        /// Normal, but one in ten is five times as far out: as on a machine that is not alone.
        fn heavy(&mut self) -> f64 {
            let scale = if self.unit() < 0.1 { 5.0 } else { 1.0 };
            scale * self.normal()
        }
    }

    /// The share of 400 samples of `n` whose interval holds the mean of what they are drawn from.
    fn coverage(n: usize, mut draw: impl FnMut(&mut Random) -> f64) -> f64 {
        const SAMPLES: usize = 400;
        let mut random = Random(n as u64);
        let held = (0..SAMPLES).filter(|_| {
            let values: Vec<f64> = (0..n).map(|_| 0.3 + 0.05 * draw(&mut random)).collect();
            mean_with_interval(&values).expect("enough").1.holds(0.3)
        });
        held.count() as f64 / SAMPLES as f64
    }

    #[test]
    fn the_interval_holds_the_truth_in_about_95_of_100_cases() {
        for n in [4, 5, 8] {
            let normal = coverage(n, Random::normal);
            assert!((0.92..0.98).contains(&normal), "n = {n}: {normal}");
            let heavy = coverage(n, Random::heavy);
            assert!((0.92..0.995).contains(&heavy), "n = {n}: {heavy}");
        }
    }

    #[test]
    fn without_the_stretch_four_values_would_claim_too_much() {
        let stretch = student_t(3) / Z * (4.0_f64 / 3.0).sqrt();
        let mut random = Random(4);
        let held = (0..300).filter(|_| {
            let values: Vec<f64> = (0..4).map(|_| random.normal()).collect();
            let (mean, whole) = mean_with_interval(&values).expect("enough");
            let bare = |end: f64| mean + (end - mean) / stretch;
            Interval { low: bare(whole.low), high: bare(whole.high) }.holds(0.0)
        });
        assert!(held.count() < 300 * 85 / 100);
    }

    #[test]
    fn an_outlier_widens_the_interval_and_a_constant_has_none() {
        let width = |values: &[f64]| {
            let (_, interval) = mean_with_interval(values).expect("enough");
            interval.high - interval.low
        };
        let calm = width(&[0.10, 0.11, 0.09, 0.10, 0.12]);
        let upset = width(&[0.10, 0.11, 0.09, 0.10, 1.20]);
        assert!(upset > 10.0 * calm, "{upset} {calm}");
        assert!(width(&[0.1; 4]) < 1e-12);
    }

    #[test]
    fn fewer_than_three_values_have_no_interval() {
        assert_eq!(mean_with_interval(&[1.0, 2.0]), None);
        assert!(mean_with_interval(&[1.0, 2.0, 3.0]).is_some());
    }

    #[test]
    fn students_t_is_that_of_the_tables() {
        let table = [(1, 12.706), (3, 3.182), (10, 2.228), (11, 2.201), (20, 2.086), (60, 2.000)];
        for (freedom, quantile) in table {
            assert!((student_t(freedom) - quantile).abs() < 0.001, "{freedom}");
        }
    }

    #[test]
    fn a_summary_has_the_middle_and_the_ends() {
        let summary = |values: &[f64]| Summary::of(values).map(|s| (s.n, s.min, s.median, s.max));
        assert_eq!(summary(&[]), None);
        assert_eq!(summary(&[3.0]), Some((1, 3.0, 3.0, 3.0)));
        assert_eq!(summary(&[3.0, 1.0, 2.0]), Some((3, 1.0, 2.0, 3.0)));
        assert_eq!(summary(&[4.0, 1.0, 2.0, 3.0]), Some((4, 1.0, 2.5, 4.0)));
    }
}
