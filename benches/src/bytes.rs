//! [`Bytes`]: what Criterion measures where it is not time.

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter};

/// Bytes, told by the bench itself: there is nothing to start or to stop.
#[derive(Clone, Copy, Debug)]
pub struct Bytes;

impl Measurement for Bytes {
    type Intermediate = ();
    type Value = f64;

    fn start(&self) {}

    fn end(&self, (): ()) -> f64 {
        0.0
    }

    fn add(&self, one: &f64, other: &f64) -> f64 {
        one + other
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self
    }
}

impl ValueFormatter for Bytes {
    fn scale_values(&self, _: f64, _: &mut [f64]) -> &'static str {
        "B"
    }

    fn scale_throughputs(&self, _: f64, _: &Throughput, _: &mut [f64]) -> &'static str {
        "B"
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "B"
    }
}
