//! Which runtime serves more HTTP requests under hyper?
//!
//!     apt-get install wrk
//!     cargo run --release -p benches --example hello
//!
//! The same service, `hello` under hyper 1, is served by a child process on mini-rt and on Tokio,
//! with two worker threads and on one thread, in turns; `wrk` asks over 64 connections, as fast as
//! it is answered. Printed are the medians of all rounds, and the ratios of a round's pair.
//!
//! Each runtime has the adapter that its users have: `mini-rt-hyper`, and `hyper-util`'s `TokioIo`
//! and `TokioTimer`. Socket options, hyper's settings and the allocator are the same.
//!
//! What it cannot tell: `wrk` and the server share the machine. On two cores a server with two
//! workers has its core back only while `wrk` sleeps.

use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, io};

use anyhow::{Context, bail, ensure};
use benches::WORKERS;
use clap::Parser;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};

/// What is compared: mini-rt and Tokio, first of two workers, then on one thread.
const PAIRS: [[&str; 2]; 2] = [["mini", "tokio"], ["mini-ct", "tokio-ct"]];

#[derive(Parser)]
struct Args {
    /// How often each server has its turn.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// For how long.
    #[arg(long, default_value_t = 4)]
    seconds: u32,
    /// How many connections ask.
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// Serve on this runtime, and print the address: what the children do.
    #[arg(long, hide = true)]
    serve: Option<String>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    match args.serve.as_deref() {
        None => compare(&args),
        Some("mini") => mini(mini_rt::runtime::Builder::new_multi_thread().worker_threads(WORKERS)),
        Some("mini-ct") => mini(&mut mini_rt::runtime::Builder::new_current_thread()),
        Some("tokio") => tokio(tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS)),
        Some("tokio-ct") => tokio(&mut tokio::runtime::Builder::new_current_thread()),
        Some(other) => bail!("no runtime is called {other}"),
    }
}

fn compare(args: &Args) -> anyhow::Result<()> {
    ensure!(args.rounds > 0, "--rounds has to be 1 or more");
    let (connections, seconds) = (args.connections, args.seconds);
    println!("{connections} connections, {seconds} s a turn, {} rounds", args.rounds);
    for pair in PAIRS {
        let mut rates = [Vec::new(), Vec::new()];
        for round in 0..args.rounds {
            // Who is first changes, so that a drift of the machine favours nobody.
            for turn in 0..2 {
                let which = (round + turn) % 2;
                rates[which].push(rate(pair[which], args)?);
            }
            eprintln!("round {} of {}: {}", round + 1, args.rounds, pair.join(", "));
        }
        let mut ratios: Vec<f64> = rates[0].iter().zip(&rates[1]).map(|(a, b)| a / b).collect();
        let (low, high) = spread(&ratios);
        let [mini, tokio] = rates.map(|mut rates| median(&mut rates));
        println!(
            "{:8} {mini:7.0} requests/s, {:8} {tokio:7.0}: {:.2} times ({low:.2} to {high:.2})",
            pair[0],
            pair[1],
            median(&mut ratios),
        );
    }
    Ok(())
}

/// The requests per second that `wrk` gets answered by a server on this runtime.
fn rate(runtime: &str, args: &Args) -> anyhow::Result<f64> {
    let (_server, address) = start(runtime)?;
    let output = Command::new("wrk")
        .args(["--threads", "1", "--connections", &args.connections.to_string()])
        .args(["--duration", &format!("{}s", args.seconds), &format!("http://{address}/")])
        .output()
        .context("`wrk` cannot be started: apt-get install wrk")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "wrk failed: {}", String::from_utf8_lossy(&output.stderr));
    let failed = ["Socket errors", "Non-2xx"].iter().any(|sign| said.contains(sign));
    ensure!(!failed, "not every request on {runtime} was answered:\n{said}");
    let rate = said.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    rate.context("wrk tells no rate")?.trim().parse().context("wrk's rate is a number")
}

/// A server, killed when this is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(runtime: &str) -> anyhow::Result<(Server, SocketAddr)> {
    let mut server = Command::new(env::current_exe()?)
        .args(["--serve", runtime])
        .stdout(Stdio::piped())
        .spawn()
        .map(Server)?;
    let mut address = String::new();
    let said = server.0.stdout.take().expect("it is piped");
    BufReader::new(said).read_line(&mut address)?;
    Ok((server, address.trim().parse().context("the server did not start")?))
}

fn listen() -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    println!("{}", listener.local_addr()?);
    Ok(listener)
}

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(b"hello\n"))))
}

/// The accept loop, the same for both.
macro_rules! serve {
    ($runtime:ident, $io:path, $timer:expr) => {
        async move {
            let listener = $runtime::net::TcpListener::from_std(listen()?)?;
            loop {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                drop($runtime::spawn(async move {
                    let served = http1::Builder::new()
                        .timer($timer)
                        .header_read_timeout(Duration::from_secs(10))
                        .serve_connection($io(stream), service_fn(hello));
                    // wrk closes its connections in the middle of a request when its time is over.
                    let _ = served.await;
                }));
            }
        }
    };
}

fn mini(builder: &mut mini_rt::runtime::Builder) -> anyhow::Result<()> {
    let runtime = builder.enable_all().build()?;
    let serve = serve!(mini_rt, mini_rt_hyper::Io::new, mini_rt_hyper::Timer);
    // In a task: a root future of a runtime with threads is polled on a thread of its own.
    runtime.block_on(async { mini_rt::spawn(serve).await? })
}

fn tokio(builder: &mut tokio::runtime::Builder) -> anyhow::Result<()> {
    let runtime = builder.enable_all().build()?;
    let serve = serve!(tokio, hyper_util::rt::TokioIo::new, hyper_util::rt::TokioTimer::new());
    runtime.block_on(async { tokio::spawn(serve).await? })
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn spread(values: &[f64]) -> (f64, f64) {
    let of = |pick: fn(f64, f64) -> f64, start| values.iter().copied().fold(start, pick);
    (of(f64::min, f64::INFINITY), of(f64::max, f64::NEG_INFINITY))
}
