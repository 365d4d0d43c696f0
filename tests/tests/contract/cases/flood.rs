//! More ready sockets than anyone can read: timers fire, connections are accepted, others are read.
//!
//! What is promised is that nobody starves: whoever is ready gets its turn within a few rounds, in
//! each of which a task reads no more than its budget allows. So lateness is counted in reads, which
//! take as long as the machine and the build have it (a round of these, of 128 reads each, is 9 to
//! 35 ms here in a build for tests), and taken by its median. mini-rt's rounds are shorter, which
//! `beyond_tokio` holds it to.

use super::{check_async, io, rt};
use io::{AsyncReadExt, AsyncWriteExt};
use rt::net::{TcpListener, TcpStream};
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 200;
const FILES: u64 = 8_192;
const SLEEPS: usize = 20;
const SLEEP: Duration = Duration::from_millis(2);
/// How many operations a task may do in one poll, at most.
const BUDGET: usize = 128;
const LATENESS_MAX: usize = 4 * CONNECTIONS * BUDGET;
const ACCEPTS: usize = 20;
const ACCEPT_MAX: Duration = Duration::from_secs(1);

/// A server whose connections always have something to read, by a thread that writes into all of
/// them whatever they take.
pub(crate) struct Flood {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    writer: Option<thread::JoinHandle<()>>,
    pub(crate) reads: Arc<AtomicUsize>,
}

impl Flood {
    /// Returns once each connection has been read from.
    pub(crate) async fn start() -> Self {
        // Two files for each connection, in as many cases as the machine has cores.
        rlimit::increase_nofile_limit(FILES).expect("the limit can be read");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let reads = Arc::new(AtomicUsize::new(0));
        let served = Arc::clone(&reads);
        drop(rt::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                drop(rt::spawn(serve(stream, Arc::clone(&served))));
            }
        }));
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let writer = thread::spawn(move || write_until(address, &over));
        let flood = Self { address, is_over, writer: Some(writer), reads };
        while flood.reads.load(Relaxed) < 10 * CONNECTIONS {
            rt::time::sleep(SLEEP).await;
        }
        flood
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed);
        let ended = self.writer.take().expect("it is joined once").join();
        if !thread::panicking() {
            ended.expect("the writer does not panic");
        }
    }
}

/// Answers the first byte, as proof that it was accepted; then reads for as long as there is
/// something.
async fn serve(mut stream: TcpStream, reads: Arc<AtomicUsize>) {
    let mut buffer = [0; 64];
    let mut has_answered = false;
    while let Ok(1..) = stream.read(&mut buffer).await {
        reads.fetch_add(1, Relaxed);
        if !std::mem::replace(&mut has_answered, true) && stream.write_all(b"!").await.is_err() {
            return;
        }
    }
}

fn write_until(address: SocketAddr, is_over: &AtomicBool) {
    let connect = |_| {
        let stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_nonblocking(true).unwrap();
        stream
    };
    let mut streams: Vec<_> = (0..CONNECTIONS).map(connect).collect();
    while !is_over.load(Relaxed) {
        let mut is_full = true;
        for stream in &mut streams {
            match stream.write(&[7; 4096]) {
                Ok(written) => is_full &= written == 0,
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
        }
        if is_full {
            thread::yield_now();
        }
    }
}

/// The median of how much is read during a sleep.
async fn median_lateness(reads: Arc<AtomicUsize>) -> usize {
    let mut late = Vec::new();
    for _ in 0..SLEEPS {
        let before = reads.load(Relaxed);
        rt::time::sleep(SLEEP).await;
        late.push(reads.load(Relaxed) - before);
    }
    late.sort_unstable();
    late[SLEEPS / 2]
}

#[test]
fn a_flood_of_ready_sockets_does_not_make_timers_late() {
    check_async(async || {
        let flood = Flood::start().await;
        // In a task and in the root future, which are not polled by the same rules.
        let in_task = rt::spawn(median_lateness(Arc::clone(&flood.reads))).await.unwrap();
        assert!(in_task < LATENESS_MAX, "{in_task} reads before a task has slept");
        let in_root = median_lateness(Arc::clone(&flood.reads)).await;
        assert!(in_root < LATENESS_MAX, "{in_root} reads before the root future has slept");
    });
}

#[test]
fn a_flood_of_ready_sockets_does_not_keep_new_connections_from_an_answer() {
    check_async(async || {
        let flood = Flood::start().await;
        for nth in 0..ACCEPTS {
            let begun = Instant::now();
            let mut stream = TcpStream::connect(flood.address).await.unwrap();
            stream.write_all(b"?").await.unwrap();
            stream.read_exact(&mut [0]).await.unwrap();
            let took = begun.elapsed();
            assert!(took < ACCEPT_MAX, "{took:?} for connection {nth}");
        }
    });
}

/// One that never waits: its budget alone makes it give way.
#[test]
fn a_task_that_is_always_ready_does_not_keep_others_from_sockets_and_tasks() {
    check_async(async || {
        let is_over = Arc::new(AtomicBool::new(false));
        // As many as there are workers: none is free of them.
        let busy: Vec<_> = (0..super::WORKERS.max(1))
            .map(|_| {
                let over = Arc::clone(&is_over);
                rt::spawn(async move {
                    let socket = rt::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
                    let own = socket.local_addr().unwrap();
                    while !over.load(Relaxed) {
                        socket.send_to(b"again", own).await.unwrap();
                        socket.recv_from(&mut [0; 8]).await.unwrap();
                    }
                })
            })
            .collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = rt::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            serve(stream, Arc::default()).await;
        });
        let mut stream = TcpStream::connect(address).await.unwrap();
        for _ in 0..20 {
            stream.write_all(b"?").await.unwrap();
            rt::spawn(super::yield_times(10)).await.unwrap();
            rt::time::sleep(Duration::from_millis(1)).await;
        }
        stream.read_exact(&mut [0]).await.unwrap();
        drop(stream);
        served.await.unwrap();
        is_over.store(true, Relaxed);
        for task in busy {
            task.await.unwrap();
        }
    });
}
