//! How many bytes of heap does a server hold for a connection that is idle?
//!
//! - `heap_per_connection/echo`: in the echo server, 1 KiB of which is the connection's own buffer.
//! - `heap_per_connection/chat`: in the chat server, for somebody who has registered and is in no
//!   room.
//!
//! An allocator counts what has been asked for less what has been given back; 1,000 connections are
//! made, and the difference is divided among them. The peers hold none of it: their sockets are in
//! a vector that is there before.
//!
//! What it cannot tell: what the allocator adds (headers, rounding, pages that it keeps), and the
//! kernel's memory for a socket, which is several times more. Tables that double in size have room
//! left at 1,000: at another count a figure may be up to a table's entry larger or smaller.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use benches::bytes::Bytes;
use benches::candidate::Candidate;
use benches::host::Host;
use benches::measure::{group, sized};
use benches::{echo, rooms};
use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use live_heap::LiveHeap;

#[global_allocator]
static HEAP: LiveHeap = LiveHeap;

const CONNECTIONS: usize = 1_000;

criterion_group! { name = all; config = counting(); targets = heap }
criterion_main!(all);

fn counting() -> Criterion<Bytes> {
    live_heap::count();
    Criterion::default().without_plots().nresamples(2_000).with_measurement(Bytes)
}

fn heap(criterion: &mut Criterion<Bytes>) {
    let mut group = group(criterion, "heap_per_connection");
    // Each sample starts a server, so one iteration is enough of a sample.
    let once = Duration::from_millis(1);
    group.sampling_mode(SamplingMode::Flat).sample_size(10).warm_up_time(once);
    group.measurement_time(once);
    for candidate in Candidate::ALL {
        group.bench_function(BenchmarkId::new("echo", candidate), |bencher| {
            bencher.iter_custom(|iters| {
                iters as f64 * per_connection(|| echo::serve(candidate, 64), "hello", "hello")
            });
        });
    }
    for candidate in Candidate::ALL {
        group.bench_function(BenchmarkId::new("chat", candidate), |bencher| {
            bencher.iter_custom(|iters| {
                let start = || rooms::serve(candidate);
                // Registered once the answer to the PING has come.
                let said = "NICK n{}\r\nUSER u 0 * :u\r\nPING settled\r\n";
                iters as f64 * per_connection(start, said, " :settled\r\n")
            });
        });
    }
    group.finish();
}

/// Starts a server, lets everybody say something (`{}` being their number) and hear something that
/// ends in `heard`, and tells the bytes of heap for each.
fn per_connection(start: impl FnOnce() -> Host, said: &str, heard: &str) -> f64 {
    let server = start();
    let count = sized(CONNECTIONS);
    let mut peers = Vec::with_capacity(count);
    let before = at_rest();
    for number in 0..count {
        let mut peer = TcpStream::connect(server.addr()).expect("a connection");
        peer.set_read_timeout(Some(benches::client::PATIENCE)).expect("a time above zero");
        let said = said.replace("{}", &number.to_string());
        peer.write_all(said.as_bytes()).expect("the server is there");
        hear(&mut peer, heard);
        peers.push(peer);
    }
    (at_rest() - before) as f64 / count as f64
}

/// Reads until `end` has come.
fn hear(peer: &mut TcpStream, end: &str) {
    let mut heard = Vec::new();
    while !heard.ends_with(end.as_bytes()) {
        let mut piece = [0; 4096];
        let len = peer.read(&mut piece).expect("the server answers");
        assert!(len > 0, "the server has closed a connection");
        heard.extend_from_slice(&piece[..len]);
    }
}

/// The bytes on the heap once they do not change any more: the server's threads may still be at
/// something when the peer has heard its last word.
fn at_rest() -> isize {
    let (mut bytes, mut same) = (live_heap::live_bytes(), 0);
    while same < 5 {
        thread::sleep(Duration::from_millis(2));
        let now = live_heap::live_bytes();
        same = if now == bytes { same + 1 } else { 0 };
        bytes = now;
    }
    bytes
}
