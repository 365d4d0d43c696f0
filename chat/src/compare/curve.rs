//! [`Curve`]: what does a delivery cost at `n` connections?
//!
//! `a + d / n + m * max(0, 1 - c / n)`, in nanoseconds:
//!
//! - `a`: what every delivery costs;
//! - `d / n`: a turn of the loop costs something by itself, and more rooms share it as `n` grows;
//! - `m * (1 - c / n)`: the caches hold what belongs to `c` connections. Whose turn it is, is in
//!   them with chance `c / n`; else it is missed, and that costs `m`. (Caches whose content is
//!   replaced at random, asked for all of `n` equally often.)
//!
//! Measured from 10 to 9,000 connections in seven steps, CPU per delivery fell to 100 (4.3 to
//! 3.6 us), stayed to 1,000, and rose by half to 9,000. Rejected: `a + b ln n`, which cannot do
//! both, and said 9,000 would cost less than 10; a power of `n`, for the same reason.

use super::label::digits;

/// Nanoseconds for one delivery at `n` connections.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Curve {
    /// `a`, in nanoseconds: more than 0, so that no crowd costs nothing.
    pub always: f64,
    /// `d`, in nanoseconds: not negative.
    pub turn: f64,
    /// `m`, in nanoseconds: not negative, and 0 where the crowds were too small to show it.
    pub miss: f64,
    /// `c`, in connections.
    pub cached: f64,
}

/// From how many points on misses can be told from the rest: a parameter each.
const POINTS_FOR_MISSES: usize = 4;

/// How many capacities of the caches are tried, evenly in the logarithm: from the smallest crowd to
/// the second largest. With a larger one the largest crowd alone would miss, so any capacity above
/// would fit as well as any other: the nearer to that crowd, the more a miss would cost, without end.
const CAPACITIES: usize = 200;

impl Curve {
    /// By least squares of the relative errors, through points of connections and nanoseconds;
    /// `None` for fewer than two numbers of connections. With fewer than four points nothing is said
    /// of misses.
    pub fn fit(points: &[(usize, f64)]) -> Option<Self> {
        let mut sizes: Vec<f64> = points.iter().map(|&(size, _)| size as f64).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup();
        let [low, .., second, _] = sizes[..] else {
            return (sizes.len() == 2).then(|| Self::linear(points, None));
        };
        let mut tried = vec![Self::linear(points, None)];
        if points.len() >= POINTS_FOR_MISSES {
            let step = (second / low).powf(1.0 / CAPACITIES as f64);
            let capacities = (0..=CAPACITIES).map(|n| low * step.powi(n as i32));
            tried.extend(capacities.map(|cached| Self::linear(points, Some(cached))));
        }
        tried.into_iter().min_by(|one, other| one.error(points).total_cmp(&other.error(points)))
    }

    /// Nanoseconds per delivery.
    pub fn at(&self, connections: usize) -> f64 {
        let n = connections as f64;
        self.always + self.turn / n + self.miss * misses(self.cached, n)
    }

    /// For people, in nanoseconds: `3500 + 7700/n + 2200 max(0, 1 - 930/n)`.
    pub fn formula(&self) -> String {
        let mut text = digits(self.always, 2);
        if self.turn > 0.0 {
            text += &format!(" + {}/n", digits(self.turn, 2));
        }
        if self.miss > 0.0 {
            let (miss, cached) = (digits(self.miss, 2), digits(self.cached, 2));
            text += &format!(" + {miss} max(0, 1 - {cached}/n)");
        }
        text
    }

    /// The best one for these caches, without misses if there are none. The parameters that may not
    /// be negative are left out where they would be.
    fn linear(points: &[(usize, f64)], cached: Option<f64>) -> Self {
        let with = |turn: bool, miss: Option<f64>| {
            let rows = points.iter().map(|&(connections, ns)| {
                let n = connections as f64;
                let turn = if turn { 1.0 / n } else { 0.0 };
                let miss = miss.map_or(0.0, |cached| misses(cached, n));
                [1.0 / ns, turn / ns, miss / ns]
            });
            let [always, turn, miss_ns] = least_squares(rows);
            Self { always, turn, miss: miss_ns, cached: miss.unwrap_or_default() }
        };
        let possible = [with(true, cached), with(false, cached), with(true, None)];
        let is_cost = |it: &Self| it.always > 0.0 && it.turn >= 0.0 && it.miss >= 0.0;
        let possible = possible.into_iter().filter(is_cost);
        possible
            .min_by(|one, other| one.error(points).total_cmp(&other.error(points)))
            .unwrap_or_else(|| with(false, None))
    }

    /// The sum of the squares of the relative errors.
    fn error(&self, points: &[(usize, f64)]) -> f64 {
        points.iter().map(|&(connections, ns)| (self.at(connections) / ns - 1.0).powi(2)).sum()
    }
}

/// The share of deliveries that find nothing in the caches.
fn misses(cached: f64, connections: f64) -> f64 {
    (1.0 - cached / connections).max(0.0)
}

/// The weights with which the columns come nearest to 1 in every row; 0 for a column that says
/// nothing beside those before it. By the normal equations: three unknowns are few.
fn least_squares(rows: impl Iterator<Item = [f64; 3]>) -> [f64; 3] {
    let mut normal = [[0.0; 4]; 3];
    for row in rows {
        for (i, line) in normal.iter_mut().enumerate() {
            (0..3).for_each(|j| line[j] += row[i] * row[j]);
            line[3] += row[i];
        }
    }
    let scale = [0, 1, 2].map(|i: usize| normal[i][i]);
    for pivot in 0..3 {
        if normal[pivot][pivot] <= 1e-12 * scale[pivot] {
            normal[pivot] = [0.0; 4];
            continue;
        }
        let line = normal[pivot].map(|value| value / normal[pivot][pivot]);
        for (i, other) in normal.iter_mut().enumerate() {
            let times = other[pivot];
            if i == pivot {
                *other = line;
            } else {
                (0..4).for_each(|j| other[j] -= times * line[j]);
            }
        }
    }
    normal.map(|line| line[3])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(curve: Curve, sizes: &[usize]) -> Vec<(usize, f64)> {
        sizes.iter().map(|&size| (size, curve.at(size))).collect()
    }

    const CURVE: Curve = Curve { always: 3_500.0, turn: 7_700.0, miss: 2_200.0, cached: 930.0 };

    fn is_close(one: f64, other: f64, share: f64) -> bool {
        (one / other - 1.0).abs() < share
    }

    #[test]
    fn a_curve_is_found_again_from_its_points() {
        let fitted = Curve::fit(&points(CURVE, &[10, 100, 1_000, 3_000, 9_000])).expect("points");
        for size in [10, 50, 500, 2_000, 9_000, 1_000_000] {
            assert!(is_close(fitted.at(size), CURVE.at(size), 0.01), "{size}: {fitted:?}");
        }
    }

    #[test]
    fn what_was_measured_to_3000_tells_9000_within_a_tenth() {
        // Medians of mini-ct and tokio-ct, in nanoseconds, on a machine that was not at rest.
        for (known, most) in [
            ([4_270.0, 3_550.0, 3_640.0, 5_020.0], 5_460.0),
            ([4_400.0, 3_680.0, 3_880.0, 5_210.0], 5_880.0),
        ] {
            let points: Vec<_> = [10, 100, 1_000, 3_000].into_iter().zip(known).collect();
            let fitted = Curve::fit(&points).expect("points");
            assert!(is_close(fitted.at(9_000), most, 0.1), "{fitted:?}: {}", fitted.at(9_000));
        }
    }

    #[test]
    fn few_points_or_rising_ones_say_nothing_of_what_they_cannot_show() {
        let fitted = Curve::fit(&points(CURVE, &[10, 100, 500])).expect("points");
        assert_eq!(fitted.miss, 0.0);
        assert!(is_close(fitted.at(500), CURVE.at(500), 0.01));
        let fitted = Curve::fit(&[(10, 50.0), (100, 60.0)]).expect("points");
        assert_eq!((fitted.turn, fitted.miss), (0.0, 0.0));
        assert!(is_close(fitted.always, 55.0, 0.02), "{fitted:?}");
        assert_eq!(Curve::fit(&[(10, 50.0), (10, 60.0)]), None);
        assert_eq!(Curve::fit(&[]), None);
    }

    #[test]
    fn one_crowd_that_costs_more_makes_no_miss_without_measure() {
        // Flat but for noise, then a step: any capacity from 3,000 to 9,000 would do as well.
        for step in (100..4_000).step_by(100).map(f64::from) {
            let flat = [(10, 4_010.0), (100, 3_990.0), (1_000, 4_005.0), (3_000, 3_995.0)];
            let points = [&flat[..], &[(9_000, 4_000.0 + step)]].concat();
            let fitted = Curve::fit(&points).expect("points");
            let more = fitted.at(1_000_000) - 4_000.0;
            assert!((0.8 * step..1.7 * step).contains(&more), "{step}: {more}: {fitted:?}");
        }
    }

    #[test]
    fn no_crowd_costs_nothing() {
        let fitted = Curve::fit(&[(10, 5_000.0), (100, 300.0), (1_000, 5.0)]).expect("points");
        assert!(fitted.always > 0.0 && fitted.at(1_000_000) > 0.0, "{fitted:?}");
    }

    #[test]
    fn the_formula_has_the_parts_that_are_not_zero() {
        assert_eq!(CURVE.formula(), "3500 + 7700/n + 2200 max(0, 1 - 930/n)");
        assert_eq!(Curve { always: 52.0, ..Curve::default() }.formula(), "52");
    }
}
