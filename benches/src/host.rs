//! A server on a thread of its own, which ends when its handle is dropped.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{RecvError, Sender};
use futures::channel::oneshot;
use socket2::{Domain, Protocol, Socket, Type};

/// Connections that wait to be accepted; what the kernel allows by default.
const BACKLOG: i32 = 4096;

/// The thread of a server. Dropping this stops it and waits for that, but not while unwinding.
#[derive(Debug)]
pub struct Host {
    addr: SocketAddr,
    /// Dropped to stop it.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

/// What a server is told.
#[derive(Debug)]
pub struct Orders {
    /// Takes the address, once.
    started: Sender<SocketAddr>,
    /// Ends (with an error, since nothing is sent) when the server is to.
    pub stopped: oneshot::Receiver<()>,
}

impl Orders {
    /// Says where the server listens.
    pub fn listens(&self, addr: SocketAddr) {
        let _ = self.started.send(addr); // the starter waits for this
    }
}

impl Host {
    /// Runs `serve` on a thread of this name, and waits until it listens.
    ///
    /// # Panics
    /// When it ends before it does.
    pub fn start<F>(name: impl Into<String>, serve: F) -> Self
    where
        F: FnOnce(Orders) -> io::Result<()> + Send + 'static,
    {
        let (sender, started) = crossbeam_channel::bounded(1);
        let (stop, stopped) = oneshot::channel();
        let orders = Orders { started: sender, stopped };
        let thread = thread::Builder::new().name(name.into()).spawn(|| serve(orders));
        let thread = thread.expect("a thread can be had");
        match started.recv() {
            Ok(addr) => Self { addr, stop: Some(stop), thread: Some(thread) },
            Err(RecvError) => panic!("the server does not listen: {:?}", thread.join()),
        }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.stop.take());
        let thread = self.thread.take().expect("only taken here");
        if !thread::panicking() {
            thread.join().expect("the server does not panic").expect("the server does not fail");
        }
    }
}

/// A listening socket on a loopback port that the system chooses, with the options of the chat
/// server's.
///
/// # Errors
/// What the operating system says.
pub fn listen() -> io::Result<TcpListener> {
    let addr = SocketAddr::from(([127, 0, 0, 1], 0));
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_tcp_nodelay(true)?; // inherited by what is accepted
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
