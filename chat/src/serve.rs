//! `chat serve`: what the flags say becomes [`Options`], and a server runs with them.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chat::candidate::Candidate;
use chat::core::{Config, Operator};
use chat::floor::Floor;
use chat::runtime::{Executor, Visitor};
use chat::server::{Ended, Options, Server};
use clap::Args;

use crate::{heap, signals};

/// File descriptors that are no connections: the standard streams, the poller, listeners, a few
/// for the C library.
const FILES_SPARE: u64 = 32;

/// The flags of `chat serve`.
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// The async runtime that serves; `-ct` is its current-thread flavour, `floor` is a bare loop
    /// without a runtime.
    #[arg(long, value_enum, default_value = "mini")]
    runtime: Candidate,
    /// Worker threads; all cores if not given. A `-ct` runtime has none and ignores it, as `floor`
    /// does.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// Where to listen; may be given several times. Port 0 lets the system choose.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:6667")]
    listen: Vec<SocketAddr>,
    /// The server's name, with a dot in it [default: chat.localhost].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The network's name [default: Chat].
    #[arg(long, value_name = "NAME")]
    network: Option<String>,
    /// A file with the message of the day, in UTF-8.
    #[arg(long, value_name = "FILE")]
    motd: Option<PathBuf>,
    /// A file with operators, a line each: name, password, and optionally a user@host mask.
    #[arg(long, value_name = "FILE")]
    operators: Option<PathBuf>,
    /// What may wait for one client before it is closed for not reading: at least 8192 [default:
    /// 1048576].
    #[arg(long, value_name = "BYTES")]
    outbox_bytes: Option<usize>,
    /// Seconds a connection has to register [default: 30].
    #[arg(long, value_name = "SECONDS")]
    registration: Option<u32>,
    /// Seconds of silence after which a client is asked with PING [default: 90].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    ping_after: Option<u32>,
    /// Seconds it then has to answer [default: 60].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    ping_timeout: Option<u32>,
    /// Seconds a closing client has to take what is queued for it: the longest shutdown.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    drain: u32,
    /// Counts the bytes of heap that are held, and prints `heap N` for each line on stdin.
    #[arg(long, hide_short_help = true)]
    report_heap: bool,
}

impl Serve {
    /// Serves until told to stop.
    ///
    /// # Errors
    /// What kept the server from starting, for people to read.
    pub(crate) fn run(self) -> Result<()> {
        if self.report_heap {
            live_heap::count(); // before anything of the server's is allocated
            heap::report().context("cannot start a thread")?;
        }
        let options = self.options()?;
        let files = rlimit::increase_nofile_limit(u64::MAX)
            .context("cannot read the limit of open files")?;
        let room = files.saturating_sub(FILES_SPARE);
        log::info!("room for about {room} connections (the limit of open files is {files})");
        let cores = || thread::available_parallelism().map_or(1, usize::from);
        let workers = self.workers.map_or_else(cores, usize::from);
        let workers = self.runtime.workers(workers);
        let visitor = Main { options, candidate: self.runtime, workers };
        match self.runtime {
            Candidate::Runtime(kind) => {
                kind.run(workers, visitor).context("cannot start the runtime")?
            }
            Candidate::Floor => visitor.without_runtime(),
        }
    }

    /// The defaults, and what the flags change of them.
    fn options(&self) -> Result<Options> {
        let mut config = Config::default();
        if let Some(name) = &self.name {
            config.server_name.clone_from(name);
        }
        if let Some(network) = &self.network {
            config.network.clone_from(network);
        }
        if let Some(path) = &self.motd {
            config.motd = read(path)?.lines().map(str::to_owned).collect();
        }
        if let Some(path) = &self.operators {
            config.operators = operators(path)?;
        }
        if let Some(bytes) = self.outbox_bytes {
            config.limits.outbox_bytes_max = bytes;
        }
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        let timeouts = &mut config.timeouts;
        for (flag, field) in [
            (self.registration, &mut timeouts.registration),
            (self.ping_after, &mut timeouts.ping_after),
            (self.ping_timeout, &mut timeouts.ping_timeout),
        ] {
            *field = flag.map_or(*field, seconds);
        }
        config.check()?;
        Ok(Options { listen: self.listen.clone(), config, drain: seconds(self.drain) })
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// One operator a line: name, password, mask; empty lines and lines with `#` in front say nothing.
fn operators(path: &Path) -> Result<Vec<Operator>> {
    let mut operators = Vec::new();
    for (number, line) in read(path)?.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (name, password, mask) = match words[..] {
            [] => continue,
            [first, ..] if first.starts_with('#') => continue,
            [name, password] => (name, password, "*@*"),
            [name, password, mask] => (name, password, mask),
            _ => bail!("{}:{}: want: name password [mask]", path.display(), number + 1),
        };
        let [name, password, mask] = [name, password, mask].map(str::to_owned);
        operators.push(Operator { name, password, mask });
    }
    Ok(operators)
}

/// What runs on the runtime that was chosen.
struct Main {
    options: Options,
    candidate: Candidate,
    workers: usize,
}

impl Main {
    fn without_runtime(self) -> Result<()> {
        let floor = Floor::bind(self.options)?;
        signals::stop_on_signals(floor.stop_handle()).context("cannot handle signals")?;
        greet(floor.local_addrs(), self.candidate, self.workers);
        farewell(floor.run().context("cannot wait for events")?);
        Ok(())
    }
}

impl Visitor for Main {
    type Output = Result<()>;

    fn visit<E: Executor>(self, executor: &E) -> Result<()> {
        let Self { options, candidate, workers } = self;
        executor.block_on(async {
            let server = Server::bind(executor.runtime(), options)?;
            signals::stop_on_signals(server.stop_handle()).context("cannot handle signals")?;
            greet(server.local_addrs(), candidate, workers);
            farewell(server.run().await);
            Ok(())
        })
    }
}

/// Says where it listens.
fn greet(addrs: &[SocketAddr], candidate: Candidate, workers: usize) {
    let plural = if workers == 1 { "" } else { "s" };
    let mut out = io::stdout().lock();
    for addr in addrs {
        // A closed stdout is no reason not to serve.
        let _ =
            writeln!(out, "listening on {addr} (runtime {candidate}, {workers} worker{plural})");
    }
    let _ = out.flush();
}

/// Says who was cut off, if anybody was.
fn farewell(ended: Ended) {
    let Ended { clients, cut_off } = ended;
    if cut_off > 0 {
        log::warn!("cut off {cut_off} of {clients} clients at the deadline");
    }
}
