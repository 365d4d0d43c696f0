//! Those who connect, say one line, hear it back, and close.
//!
//! Against the echo server, so that what is measured is what a runtime does for a connection:
//! accept, register, spawn, read, write, and take all of it down.
//!
//! 1. [`BATCH`] visitors at a time, each a blocking socket of the caller's thread: all of them
//!    connect, then all speak, then each hears and hangs up. The server has many to serve at once.
//! 2. The visitor closes first and waits for the server's end, so that a server may not put off the
//!    closing past what is measured.
//! 3. Each batch comes from another address of the loopback network. Whoever closes first keeps its
//!    port for a minute, and one address has only some 28,000.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};

use socket2::{Domain, Protocol, Socket, Type};

use crate::candidate::Candidate;
use crate::client::PATIENCE;
use crate::echo;
use crate::host::Host;
use crate::measure::Load;

/// How many are there at a time.
pub const BATCH: usize = 64;

const LINE: &[u8; 64] = b"does the bus to the harbour still run after nine? and tomorrow?\n";

/// An echo server on a thread of its own, and who comes to it.
#[derive(Debug)]
pub struct Visits {
    batch: u32,
    server: Host,
}

impl Visits {
    /// Starts a server.
    ///
    /// # Panics
    /// When a socket, a thread or the runtime cannot be had.
    pub fn start(candidate: Candidate) -> Self {
        Self { batch: 0, server: echo::serve(candidate, LINE.len()) }
    }

    fn batch(&mut self) -> io::Result<()> {
        self.batch += 1;
        let from = source(self.batch);
        let mut visitors = Vec::with_capacity(BATCH);
        for _ in 0..BATCH {
            visitors.push(connect(from, self.server.addr())?);
        }
        for visitor in &mut visitors {
            visitor.write_all(LINE)?;
        }
        for visitor in &mut visitors {
            let mut heard = [0; LINE.len()];
            visitor.read_exact(&mut heard)?;
            assert_eq!(heard.escape_ascii().to_string(), LINE.escape_ascii().to_string());
            visitor.shutdown(Shutdown::Write)?;
        }
        for visitor in &mut visitors {
            let left = visitor.read(&mut [0])?;
            assert_eq!(left, 0, "nothing comes after the echo but the end");
        }
        Ok(())
    }
}

impl Load for Visits {
    /// Lets a batch come and go, `rounds` times.
    ///
    /// # Panics
    /// When the server does not do its part.
    fn run(&mut self, rounds: u64) {
        for _ in 0..rounds {
            self.batch().unwrap_or_else(|error| panic!("a visitor is not served: {error}"));
        }
    }
}

/// Where a batch comes from: 127.0.0.1 and up where the whole network 127 is the machine's own, as
/// on Linux.
fn source(batch: u32) -> Ipv4Addr {
    let host = if cfg!(target_os = "linux") { batch % 0xffff } else { 1 };
    Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() - 1 + host.max(1))
}

fn connect(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_tcp_nodelay(true)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    loop {
        match socket.connect(&to.into()) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result.map(|()| socket.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_heard_by_every_candidate() {
        for candidate in Candidate::ALL {
            Visits::start(candidate).run(2);
        }
    }

    #[test]
    fn each_batch_comes_from_an_address_of_the_loopback_network() {
        for batch in [1, 2, 0xffff, 0x1_0000, u32::MAX] {
            assert!(source(batch).is_loopback(), "{batch}");
        }
        assert_eq!(source(1), Ipv4Addr::LOCALHOST);
    }
}
