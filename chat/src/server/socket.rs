//! The listening socket, made once for every runtime.
//!
//! Both runtimes adopt what is made here, so the options are the same whichever serves. Accepted
//! sockets inherit `TCP_NODELAY` from the listener on Linux and the BSDs, which saves a syscall per
//! connection; a test holds the server to it.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// Connections that the kernel completes before they are accepted. It caps this at
/// `net.core.somaxconn` (4,096 on Linux), so this asks for all it gives: thousands of clients
/// come back within a second after a restart, and a full backlog costs each of them a second.
const BACKLOG: i32 = 4096;

/// Makes a non-blocking socket that listens on `addr`; port 0 lets the system choose.
pub(crate) fn listen(addr: SocketAddr) -> Result<TcpListener, BindError> {
    let attempt = || {
        let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?; // a restart need not wait for old connections to time out
        socket.set_tcp_nodelay(true)?; // inherited by what is accepted: a line leaves at once
        socket.set_nonblocking(true)?;
        socket.bind(&addr.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    attempt().map_err(|source| BindError { addr, source })
}

/// An address that could not be listened on.
#[derive(Debug)]
pub struct BindError {
    /// The address.
    pub addr: SocketAddr,
    /// Why not.
    pub source: io::Error,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen on {}: {}", self.addr, self.source)?;
        f.write_str(match self.source.kind() {
            io::ErrorKind::AddrInUse => "; stop what listens there, or choose another port",
            io::ErrorKind::PermissionDenied => "; ports below 1024 belong to root",
            io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
            _ => "",
        })
    }
}

impl Error for BindError {} // the cause is in the text, once

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn an_accepted_socket_inherits_nodelay() {
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.set_nonblocking(false).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        assert!(accepted.nodelay().unwrap());
    }

    #[test]
    fn an_address_in_use_is_named_with_what_to_do() {
        let taken = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let addr = taken.local_addr().unwrap();
        let error = listen(addr).unwrap_err().to_string();
        assert!(error.contains(&addr.to_string()) && error.contains("in use"), "{error}");
    }
}
