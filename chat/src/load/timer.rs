//! Wakes the loop at a time, to the microsecond.
//!
//! The timeout of `epoll_wait` is in milliseconds, rounded up: far too coarse for a schedule, and
//! rounding it down means to spin. A timer of the kernel is a file like the others that are polled.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

/// A timer.
#[derive(Debug)]
pub(super) struct Timer {
    file: OwnedFd,
    /// When it will fire, or has fired; 0: never armed.
    armed_ns: u64,
}

impl Timer {
    /// Adds a timer to what is polled.
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let file = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        registry.register(&mut SourceFd(&file.as_raw_fd()), token, Interest::READABLE)?;
        Ok(Self { file, armed_ns: 0 })
    }

    /// Lets it fire at `at_ns` instead of when it was to. Later than `now_ns`; both on one clock.
    ///
    /// Nobody reads how often it fired: events are told on the edge, and arming it again clears it.
    pub(super) fn arm(&mut self, at_ns: u64, now_ns: u64) -> io::Result<()> {
        if self.armed_ns == at_ns {
            return Ok(()); // it has not fired, as that time has not come
        }
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let wait = Duration::from_nanos((at_ns - now_ns).max(1)); // 0 would disarm it
        let spec = Itimerspec {
            it_interval: zero,
            it_value: Timespec {
                tv_sec: wait.as_secs().try_into().unwrap_or(i64::MAX),
                tv_nsec: wait.subsec_nanos().into(),
            },
        };
        timerfd_settime(&self.file, TimerfdTimerFlags::empty(), &spec)?;
        self.armed_ns = at_ns;
        Ok(())
    }
}
