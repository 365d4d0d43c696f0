//! How many short messages does a runtime read and write back in a second?
//!
//! The server has a task per connection: read, write back. 1, 64 and 1,000 connections send 64 bytes
//! each, wait for the echo, and send again. At 1 each message goes through an idle runtime: that is
//! mostly the cost of being woken. At 64 a turn of the driver finds several sockets ready; at 1,000
//! tasks and sockets no longer fit into the nearest cache.
//!
//! What it cannot tell: the client shares the cores with the server, and on two cores the kinds with
//! two workers are three threads; a kind that leaves the client more of a core looks better. The
//! loop is closed and over loopback: there is no latency under a given load in it, no network,
//! and the kernel's send and receive (5 to 10 us a message) are most of each figure.

use std::time::Instant;

use benches::echo::Echo;
use benches::{KINDS, criterion, group};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// How many connections there are.
const CONNECTIONS: [usize; 3] = [1, 64, 1_000];

criterion_group! { name = all; config = criterion(); targets = tcp_echo }
criterion_main!(all);

fn tcp_echo(criterion: &mut Criterion) {
    let mut group = group(criterion, "tcp_echo");
    for conns in CONNECTIONS {
        group.throughput(Throughput::Elements(conns as u64)); // an iteration is one message on each
        for kind in KINDS {
            let mut started = None;
            group.bench_function(BenchmarkId::new(conns.to_string(), kind), |bencher| {
                // Not before it is measured: a run that is filtered out starts no server.
                let echo = started.get_or_insert_with(|| Echo::start(kind, conns));
                bencher.iter_custom(|iters| {
                    let start = Instant::now();
                    echo.run(iters);
                    start.elapsed()
                });
            });
        }
    }
    group.finish();
}
