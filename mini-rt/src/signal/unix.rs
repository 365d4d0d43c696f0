//! The signals of Unix systems.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use signal_hook::consts;
use signal_hook::{SigId, low_level};

use crate::io::source::{Io, short_of};
use crate::reactor::{Direction, Interest, Kind};

/// Which signal. Its number is [`as_raw_value`](Self::as_raw_value).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignalKind(i32);

/// Signals by name.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:expr;)*) => {
        impl SignalKind {$(
            $(#[$doc])*
            #[must_use]
            pub const fn $name() -> SignalKind {
                SignalKind($number)
            }
        )*}
    };
}

kinds! {
    /// `SIGALRM`: a timer of the system has run out. Ends the process by default.
    alarm = consts::SIGALRM;
    /// `SIGCHLD`: a child has changed its state. Ignored by default.
    child = consts::SIGCHLD;
    /// `SIGHUP`: the terminal is gone, or, for a service, its settings have changed. Ends the
    /// process by default.
    hangup = consts::SIGHUP;
    /// `SIGINT`: Ctrl-C. Ends the process by default.
    interrupt = consts::SIGINT;
    /// `SIGIO`: a descriptor is ready. Ends the process by default.
    io = consts::SIGIO;
    /// `SIGPIPE`: a write into a closed pipe. Rust's runtime ignores it.
    pipe = consts::SIGPIPE;
    /// `SIGQUIT`: Ctrl-\\. Ends the process with a core dump by default.
    quit = consts::SIGQUIT;
    /// `SIGTERM`: please end. Ends the process by default.
    terminate = consts::SIGTERM;
    /// `SIGUSR1`. Ends the process by default.
    user_defined1 = consts::SIGUSR1;
    /// `SIGUSR2`. Ends the process by default.
    user_defined2 = consts::SIGUSR2;
    /// `SIGWINCH`: the terminal has another size. Ignored by default.
    window_change = consts::SIGWINCH;
}

impl SignalKind {
    /// The signal of this number.
    #[must_use]
    pub const fn from_raw(signum: i32) -> SignalKind {
        SignalKind(signum)
    }

    /// Its number.
    #[must_use]
    pub const fn as_raw_value(&self) -> i32 {
        self.0
    }
}

impl From<i32> for SignalKind {
    fn from(signum: i32) -> SignalKind {
        SignalKind(signum)
    }
}

impl From<SignalKind> for i32 {
    fn from(kind: SignalKind) -> i32 {
        kind.0
    }
}

/// A listener for one kind of signal: what [`signal`] returns. Also a [`Stream`].
///
/// It belongs to the runtime that it was made in. Two descriptors. Dropping it ends the listening,
/// but does not bring back what the signal does by default.
#[must_use = "it tells of signals that come after it was made, to whom asks it"]
pub struct Signal {
    io: Io<mio::net::UnixStream>,
    id: SigId,
}

/// Listens for signals of one kind from now on.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::signal::unix::{SignalKind, signal};
///
/// let mut hangup = signal(SignalKind::hangup())?;
/// # signal_hook::low_level::raise(SignalKind::hangup().as_raw_value())?;
/// // Somebody sends one...
/// hangup.recv().await;
/// println!("reading the settings again");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// If the signal is one that cannot be waited for (`SIGKILL`, `SIGSTOP`, `SIGILL`, `SIGFPE`,
/// `SIGSEGV`) or there is none of that number; else those of the system.
///
/// # Panics
/// If called outside of a runtime.
#[track_caller]
pub fn signal(kind: SignalKind) -> io::Result<Signal> {
    let SignalKind(signum) = kind;
    if signum < 0 || consts::FORBIDDEN.contains(&signum) {
        return Err(io::Error::other(format!("signal {signum} cannot be waited for")));
    }
    let (reader, writer) = UnixStream::pair()?;
    reader.set_nonblocking(true)?;
    let io = Io::new(mio::net::UnixStream::from_std(reader), Kind::Stream)?;
    // It never waits for room: a pipe that is full already says that there was a signal.
    let id = low_level::pipe::register(signum, writer)?;
    Ok(Signal { io, id })
}

impl Signal {
    /// Waits for the next signal. Those that have come since the last are one.
    ///
    /// `None` if the runtime is shut down.
    ///
    /// # Cancel safety
    /// If the future is dropped before it completes, no signal is lost.
    pub async fn recv(&mut self) -> Option<()> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// [`recv`](Self::recv) as a poll.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let (io, mut bytes) = (&self.io, [0; 64]);
        let is_dry = short_of(bytes.len());
        let read = ready!(io.poll_io(cx, Direction::Read, is_dry, || (&**io).read(&mut bytes)));
        let mut is_full = matches!(read, Ok(n) if n == bytes.len());
        while is_full {
            let is_dry = short_of(bytes.len());
            let read = io.try_io(Interest::READABLE, is_dry, || (&**io).read(&mut bytes));
            is_full = matches!(read, Ok(n) if n == bytes.len());
        }
        Poll::Ready(read.ok().map(drop))
    }
}

impl Stream for Signal {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        self.poll_recv(cx)
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        low_level::unregister(self.id);
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal").finish_non_exhaustive()
    }
}
