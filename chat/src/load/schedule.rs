//! When is which room to say its next line?
//!
//! Pure: lines are spread evenly, the rooms take turns, and line `n` stands at `n` intervals,
//! whatever happened to the lines before it. Computed from `n` each time, so that no rounding adds
//! up.

use std::time::Duration;

/// The lines of an open loop.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    begin_ns: u64,
    end_ns: u64,
    interval_ns: f64,
    rooms: u64,
    /// The number of the line that is next.
    next: u64,
}

impl Schedule {
    /// Lines at a rate, for so many rooms, from `begin_ns` on and before `end_ns`.
    ///
    /// # Panics
    /// When the rate is not more than zero, or there is no room.
    pub(super) fn new(begin_ns: u64, end_ns: u64, lines_per_second: f64, rooms: usize) -> Self {
        assert!(lines_per_second > 0.0 && rooms > 0, "nothing would ever be said");
        let interval_ns = Duration::from_secs(1).as_nanos() as f64 / lines_per_second;
        Self { begin_ns, end_ns, interval_ns, rooms: rooms as u64, next: 0 }
    }

    /// When the next line is to be said; `None` once all have been taken.
    pub(super) fn due_ns(&self) -> Option<u64> {
        // Exact up to 2^53 ns, which is a hundred days.
        let at = self.begin_ns + (self.next as f64 * self.interval_ns) as u64;
        (at < self.end_ns).then_some(at)
    }

    /// Takes the next line if it is due: its room, and when it was to be said.
    pub(super) fn take(&mut self, now_ns: u64) -> Option<(usize, u64)> {
        let at = self.due_ns().filter(|at| *at <= now_ns)?;
        let room = self.next % self.rooms;
        self.next += 1;
        Some((room as usize, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn all(mut schedule: Schedule) -> Vec<(usize, u64)> {
        std::iter::from_fn(|| schedule.take(u64::MAX)).collect()
    }

    #[test]
    fn lines_are_spread_evenly_over_time_and_rooms() {
        let lines = all(Schedule::new(5, 5 + SECOND, 8.0, 3));
        let rooms: Vec<_> = lines.iter().map(|(room, _)| *room).collect();
        let times: Vec<_> = lines.iter().map(|(_, at)| *at - 5).collect();
        assert_eq!(rooms, [0, 1, 2, 0, 1, 2, 0, 1]);
        assert_eq!(times, (0..8).map(|n| n * SECOND / 8).collect::<Vec<_>>());
    }

    #[test]
    fn it_never_slips_however_late_its_lines_are_taken() {
        let rate = 7_001.0; // no whole number of nanoseconds
        let end = 20 * SECOND;
        let wanted = all(Schedule::new(0, end, rate, 13));
        assert_eq!(wanted.len(), 20 * 7_001);
        let mut late = Schedule::new(0, end, rate, 13);
        let mut taken = Vec::new();
        for stall in (0..=end).step_by(999_999_937) {
            assert!(taken.last().is_none_or(|(_, at)| *at <= stall));
            taken.extend(std::iter::from_fn(|| late.take(stall)));
        }
        taken.extend(std::iter::from_fn(|| late.take(end)));
        assert_eq!(taken, wanted);
    }

    #[test]
    fn nothing_is_due_before_its_time_or_from_the_end_on() {
        let mut schedule = Schedule::new(100, 100 + 2 * SECOND, 1.0, 1);
        assert_eq!(schedule.take(99), None);
        assert_eq!(schedule.take(100), Some((0, 100)));
        assert_eq!(schedule.due_ns(), Some(100 + SECOND));
        assert_eq!(schedule.take(99 + SECOND), None);
        assert_eq!(schedule.take(100 + SECOND), Some((0, 100 + SECOND)));
        assert_eq!((schedule.due_ns(), schedule.take(u64::MAX)), (None, None));
    }
}
