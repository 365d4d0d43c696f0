//! From a value to its place: a linear or logarithmic scale with ticks that a person would choose.

/// A scale from `low` to `high`, both in the unit of the values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    /// The value at the start.
    pub(super) low: f64,
    /// The value at the end.
    pub(super) high: f64,
    /// Whether equal steps are equal factors.
    pub(super) log: bool,
    /// Where there is a label.
    pub(super) ticks: Vec<f64>,
}

impl Axis {
    /// From zero to a little over `top`, in round steps.
    pub(super) fn from_zero(top: f64) -> Self {
        let top = if top > 0.0 { top * 1.06 } else { 1.0 };
        let size = 10_f64.powf((top / 4.0).log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * size);
        let step = step.into_iter().find(|step| top / step <= 5.0).unwrap_or(size * 10.0);
        let ticks = (0..=(top / step) as u32).map(|n| f64::from(n) * step).collect();
        Self { low: 0.0, high: top, log: false, ticks }
    }

    /// Over all `values` above zero, in factors, with labels at 1, 2, 5, or at powers of ten where
    /// those would be too many. `None` when no value can be shown.
    pub(super) fn factors(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values = values.into_iter().filter(|value| value.is_finite() && *value > 0.0);
        let (low, high) = values
            .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            return None;
        }
        let (low, high) = (low / 1.15, high * 1.15);
        let decades = (high / low).log10();
        let steps: &[f64] = if decades > 3.0 {
            &[1.0]
        } else if decades > 1.8 {
            &[1.0, 3.0]
        } else if decades > 0.6 {
            &[1.0, 2.0, 5.0]
        } else {
            &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0]
        };
        let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
        let ticks = powers
            .flat_map(|power| steps.iter().map(move |step| step * 10_f64.powi(power)))
            .filter(|tick| (low..=high).contains(tick))
            .collect();
        Some(Self { low, high, log: true, ticks })
    }

    /// About 1, in factors, as far to either side: the axis of ratios.
    pub(super) fn around_one(reach: f64) -> Self {
        let halves: &[f64] = match reach {
            r if r <= 1.3 => &[1.1, 1.2],
            r if r <= 1.7 => &[1.25, 1.5],
            r if r <= 2.5 => &[1.5, 2.0],
            r if r <= 4.5 => &[2.0, 4.0],
            _ => &[3.0, 10.0],
        };
        let mut ticks: Vec<f64> = halves.iter().rev().map(|tick| 1.0 / tick).collect();
        ticks.push(1.0);
        ticks.extend(halves);
        ticks.retain(|tick| (1.0 / reach..=reach).contains(tick));
        Self { low: 1.0 / reach, high: reach, log: true, ticks }
    }

    /// With labels at these places, which the axis comes to hold, with some air around them.
    pub(super) fn at(ticks: &[f64], log: bool) -> Self {
        let (&low, &high) = match (ticks.first(), ticks.last()) {
            (Some(low), Some(high)) => (low, high),
            _ => (&0.0, &1.0),
        };
        let (low, high) = match (log, high > low) {
            (true, true) => {
                let air = (high / low).powf(0.06);
                (low / air, high * air)
            }
            (true, false) => (low / 2.0, high * 2.0),
            (false, true) => (low - 0.06 * (high - low), high + 0.06 * (high - low)),
            (false, false) => (low - 1.0, high + 1.0),
        };
        Self { low, high, log, ticks: ticks.to_vec() }
    }

    /// The value on a scale where equal steps look equal.
    fn stretch(&self, value: f64) -> f64 {
        if self.log { value.max(f64::MIN_POSITIVE).log10() } else { value }
    }

    /// Where a value stands between the start, 0, and the end, 1, and not beyond either.
    pub(super) fn share(&self, value: f64) -> f64 {
        let (low, high) = (self.stretch(self.low), self.stretch(self.high));
        ((self.stretch(value) - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// Whether a value lies outside of what is shown.
    pub(super) fn is_beyond(&self, value: f64) -> bool {
        !(self.low..=self.high).contains(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_from_zero_are_round_and_few() {
        assert_eq!(Axis::from_zero(94.0).ticks, [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!(Axis::from_zero(1.3e6).ticks, [0.0, 500_000.0, 1e6]);
        assert_eq!(Axis::from_zero(0.0).high, 1.0);
        for top in [1e-9, 0.37, 1.0, 6.6, 1e12] {
            let axis = Axis::from_zero(top);
            assert!((2..=6).contains(&axis.ticks.len()), "{axis:?}");
            assert!(!axis.is_beyond(top), "{axis:?}");
        }
    }

    #[test]
    fn an_axis_of_factors_holds_all_values_and_has_ticks() {
        for (low, high) in [(1.0, 1.0), (80.0, 130.0), (3.0, 90.0), (0.01, 5e6), (100.0, 9e3)] {
            let axis = Axis::factors([low, high, f64::NAN, 0.0]).expect("two values");
            assert!(!axis.is_beyond(low) && !axis.is_beyond(high));
            assert!((1..=10).contains(&axis.ticks.len()), "{axis:?}");
        }
        assert_eq!(Axis::factors([0.0, -1.0, f64::NAN]), None);
    }

    #[test]
    fn one_is_in_the_middle_of_ratios() {
        for reach in [1.25, 1.5, 2.0, 4.0, 10.0] {
            let axis = Axis::around_one(reach);
            assert!((axis.share(1.0) - 0.5).abs() < 1e-9);
            assert!(axis.ticks.contains(&1.0) && axis.ticks.len() >= 3, "{axis:?}");
        }
    }

    #[test]
    fn what_is_beyond_stays_at_the_edge_and_is_known() {
        let axis = Axis::around_one(2.0);
        assert_eq!((axis.share(100.0), axis.share(0.001)), (1.0, 0.0));
        assert!(axis.is_beyond(100.0) && !axis.is_beyond(2.0));
    }

    #[test]
    fn an_axis_of_given_ticks_has_air_around_them() {
        for (ticks, log) in [(vec![10.0, 9000.0], true), (vec![20.0, 120.0], false)] {
            let axis = Axis::at(&ticks, log);
            assert!(axis.low < ticks[0] && axis.high > ticks[1]);
        }
        assert!(Axis::at(&[100.0], true).share(100.0) - 0.5 < 1e-9);
    }
}
