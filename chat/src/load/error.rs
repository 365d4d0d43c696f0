//! [`LoadError`]: why a load could not be made, for people.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// Why a load could not be made. Its text says what to do, where that is known.
#[derive(Debug)]
pub enum LoadError {
    /// What is asked for cannot be.
    Plan(String),
    /// The limit of open files is too low for so many connections.
    Files {
        /// What the load needs.
        needed: u64,
        /// What the system allows.
        limit: u64,
    },
    /// The server cannot be reached.
    Connect {
        /// The server.
        addr: SocketAddr,
        /// How many were connected by then.
        connected: usize,
        /// Why not.
        source: io::Error,
    },
    /// The server did not do what it was asked to.
    Refused {
        /// Whom it refused.
        nick: String,
        /// What it said.
        line: String,
    },
    /// The server closed a connection.
    Closed {
        /// Whose it was.
        nick: String,
        /// Its last words, where it had some.
        said: Option<String>,
    },
    /// What had to come did not come.
    Silent {
        /// What was awaited.
        what: &'static str,
        /// How many still waited.
        missing: usize,
        /// For so long nothing came.
        patience: Duration,
    },
    /// The server's process cannot be looked at.
    Server {
        /// The process.
        pid: u32,
        /// Why not.
        source: io::Error,
    },
    /// The system did not do its part.
    Io {
        /// What was wanted of it.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
}

impl LoadError {
    /// For `map_err`.
    pub(super) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(what) => f.write_str(what),
            Self::Files { needed, limit } => write!(
                f,
                "{needed} open files are needed, and {limit} are allowed: raise the limit \
                 (`ulimit -n {needed}`, or `nofile` in /etc/security/limits.conf), or have fewer \
                 clients"
            ),
            Self::Connect { addr, connected, source } => {
                write!(f, "cannot connect to {addr}")?;
                if *connected > 0 {
                    write!(f, " more than {connected} times")?;
                }
                match source.kind() {
                    io::ErrorKind::ConnectionRefused => {
                        write!(f, ": {source}; is a server running there?")
                    }
                    io::ErrorKind::AddrNotAvailable => {
                        write!(f, ": {source}; the local ports are used up, wait a minute")
                    }
                    _ => write!(f, ": {source}"),
                }
            }
            Self::Refused { nick, line } => {
                write!(f, "the server refuses {nick}: {line}")?;
                f.write_str(advice(line))
            }
            Self::Closed { nick, said: Some(said) } => {
                write!(f, "the server closed the connection of {nick}: {said}")?;
                f.write_str(advice(said))
            }
            Self::Closed { nick, said: None } => {
                write!(f, "the server closed the connection of {nick}, and said nothing")
            }
            Self::Silent { what, missing, patience } => write!(
                f,
                "the server said nothing for {patience:?}, and {missing} clients wait for {what}"
            ),
            Self::Server { pid, source } => write!(
                f,
                "cannot read what process {pid} costs: {source}; is it the server's, and on this \
                 machine?"
            ),
            Self::Io { what, source } => write!(f, "cannot {what}: {source}"),
        }
    }
}

/// What to do about what a server says.
fn advice(said: &str) -> &'static str {
    let is = |words: &[&str]| words.iter().any(|word| said.to_ascii_lowercase().contains(word));
    if said.starts_with("433 ") {
        "; choose another prefix, or wait until an earlier run's clients are gone"
    } else if said.starts_with("464 ") {
        "; give the server's password"
    } else if said.starts_with("432 ") || said.starts_with("001 ") {
        "; a shorter prefix may help"
    } else if is(&["flood", "too fast", "throttl", "too many", "sendq", "penalty"]) {
        "; raise the server's limits for a load test"
    } else {
        ""
    }
}

impl Error for LoadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        None // the text has it
    }
}
