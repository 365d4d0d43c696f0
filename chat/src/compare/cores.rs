//! Which core does what? The generator has the last one, a server on one thread the first, and a
//! server on several threads has them all.
//!
//! On two cores a server with two workers shares the last with the generator: there is no other
//! place. It is the same for every such candidate, and the conditions say it.

use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The cores that this process may use, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cores(Vec<usize>);

impl Cores {
    /// Those of the calling thread.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn allowed() -> io::Result<Self> {
        let set = sched_getaffinity(None)?;
        Ok(Self((0..CpuSet::MAX_CPU).filter(|&core| set.is_set(core)).collect()))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Where the generator runs.
    pub fn generator(&self) -> &[usize] {
        &self.0[self.0.len().saturating_sub(1)..]
    }

    /// Where a server with so many workers runs.
    pub fn server(&self, workers: usize) -> &[usize] {
        if workers == 1 { &self.0[..self.0.len().min(1)] } else { &self.0 }
    }

    /// Who runs where, for people.
    pub fn describe(&self) -> String {
        match &self.0[..] {
            [] | [_] => "one core, which the generator and every server share".to_owned(),
            [first, .., last] => {
                let mut text = format!(
                    "the generator on core {last}, servers on one thread on core {first}, servers \
                     on several threads on all {}",
                    self.count()
                );
                if self.count() == 2 {
                    text += ", so they share core ";
                    text += &last.to_string();
                    text += " with the generator: their throughput is that of both together";
                }
                text
            }
        }
    }
}

/// Lets the calling thread run on these cores only. A child that it starts inherits that.
///
/// # Errors
/// What the system says.
pub fn pin(cores: &[usize]) -> io::Result<()> {
    if cores.is_empty() {
        return Ok(());
    }
    let mut set = CpuSet::new();
    cores.iter().for_each(|&core| set.set(core));
    Ok(sched_setaffinity(None, &set)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_and_a_server_on_one_thread_share_no_core_if_there_are_two() {
        for cores in [vec![3, 7], vec![0, 1, 2, 5]] {
            let cores = Cores(cores);
            assert_ne!(cores.generator(), cores.server(1));
            assert_eq!(cores.server(4), cores.0);
        }
        let one = Cores(vec![2]);
        assert_eq!((one.generator(), one.server(1), one.server(2)), (&[2][..], &[2][..], &[2][..]));
        assert!(Cores(vec![0, 1]).describe().contains("share core 1"));
        assert!(!Cores(vec![0, 1, 2]).describe().contains("share"));
    }

    #[test]
    fn a_pinned_thread_is_allowed_what_it_was_pinned_to() {
        let pinned = std::thread::spawn(|| {
            let first = Cores::allowed().expect("a mask").server(1).to_vec();
            pin(&first).expect("one of its own");
            (Cores::allowed().expect("a mask").0, first)
        });
        let (allowed, first) = pinned.join().expect("no panic");
        assert_eq!(allowed, first);
    }
}
