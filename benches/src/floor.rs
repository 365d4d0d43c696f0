//! Echo with no runtime: a loop over mio, on one thread.
//!
//! What is left of an echo server when nothing schedules: wait, read, write. A runtime does this
//! and more, so its CPU time per message stands beside this one's. It is tuned as far as it is
//! honest:
//!
//! 1. What is read is written at once from the one buffer; a connection has a buffer of its own
//!    only while its peer does not take what it is sent.
//! 2. A short read has emptied the socket, so it is not asked again, as in the runtimes. Their
//!    adapters write by `writev`, which costs more than `write`; so this does too.
//! 3. A connection is watched for reading only, until a write is short. Nothing is deregistered: a
//!    closed socket leaves the poller by itself.
//! 4. As in the servers on runtimes, a connection that fails is closed and nobody else's concern.

use std::future::Future;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};

use crate::host::Orders;

const LISTENER: Token = Token(usize::MAX);
const STOP: Token = Token(usize::MAX - 1);

/// Wakes the loop out of its wait.
struct Ring(mio::Waker);

impl Wake for Ring {
    fn wake(self: Arc<Self>) {
        self.0.wake().expect("a wake is one more event");
    }
}

/// Serves until it is told to stop; reads so many bytes at most at once.
///
/// # Errors
/// When the poller or the listener fails.
pub fn serve(socket: net::TcpListener, mut orders: Orders, buf_bytes: usize) -> io::Result<()> {
    let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(1024));
    let ring = Waker::from(Arc::new(Ring(mio::Waker::new(poll.registry(), STOP)?)));
    let mut cx = Context::from_waker(&ring);
    let addr = socket.local_addr()?;
    let mut listener = TcpListener::from_std(socket);
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut conns = Vec::new();
    let mut free = Vec::new();
    let mut buf = vec![0; buf_bytes];
    orders.listens(addr);
    while Pin::new(&mut orders.stopped).poll(&mut cx).is_pending() {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            match event.token() {
                LISTENER => accept(&listener, poll.registry(), &mut conns, &mut free)?,
                STOP => {}
                Token(idx) => {
                    let Some(conn) = &mut conns[idx] else { continue };
                    if !matches!(conn.handle_ready(&mut buf, poll.registry(), idx), Ok(true)) {
                        conns[idx] = None;
                        free.push(idx);
                    }
                }
            }
        }
    }
    Ok(())
}

fn accept(
    listener: &TcpListener,
    registry: &Registry,
    conns: &mut Vec<Option<Conn>>,
    free: &mut Vec<usize>,
) -> io::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(error),
        };
        let idx = free.pop().unwrap_or_else(|| {
            conns.push(None);
            conns.len() - 1
        });
        registry.register(&mut stream, Token(idx), Interest::READABLE)?;
        conns[idx] = Some(Conn { stream, unsent: Vec::new() });
    }
}

struct Conn {
    stream: TcpStream,
    /// What the peer has not taken; mostly empty. While it is not, nothing is read.
    unsent: Vec<u8>,
}

impl Conn {
    /// Writes what is left, then reads and writes back; says whether the connection goes on.
    fn handle_ready(
        &mut self,
        buf: &mut [u8],
        registry: &Registry,
        idx: usize,
    ) -> io::Result<bool> {
        if !self.unsent.is_empty() {
            let taken = write(&mut self.stream, &self.unsent)?;
            self.unsent.drain(..taken);
            if !self.unsent.is_empty() {
                return Ok(true);
            }
            self.unsent = Vec::new();
            registry.reregister(&mut self.stream, Token(idx), Interest::READABLE)?;
        }
        loop {
            let len = match self.stream.read(buf) {
                Ok(0) => return Ok(false),
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let taken = write(&mut self.stream, &buf[..len])?;
            if taken < len {
                self.unsent.extend_from_slice(&buf[taken..len]);
                registry.reregister(&mut self.stream, Token(idx), Interest::WRITABLE)?;
                return Ok(true);
            }
            if len < buf.len() {
                return Ok(true);
            }
        }
    }
}

/// Writes as much as the socket takes.
fn write(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut taken = 0;
    while taken < bytes.len() {
        match stream.write_vectored(&[IoSlice::new(&bytes[taken..])]) {
            Ok(len) => taken += len,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(taken)
}
