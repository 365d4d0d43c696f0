//! `chat load`: what the flags say becomes a [`Gathering`] and a [`Run`]; the load has a thread of its
//! own, and this one shows how far it is.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chat::load::{Crowd, Gathering, Load, Report, Run, Show, Trust, Watch};
use clap::{Args, ValueEnum};
use crossbeam_channel::{Receiver, Sender};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Messages were lost, duplicated, reordered or changed.
const INCORRECT: u8 = 3;

/// The generator was the bottleneck.
const BOTTLENECK: u8 = 4;

/// How often a line is written where there is no terminal to draw on.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// What other servers need.
const OTHER_SERVERS: &str = "\
Any IRC server will do, if its limits let such a load through:
  ngircd     MaxConnections, MaxConnectionsIP and MaxPenaltyTime at 0 (it delays whoever talks);
             DNS, Ident and PAM off
  InspIRCd   by its manual (not tried): in <connect> limit, localmax and globalmax at the number of
             clients, hardsendq and softsendq at 1048576 or more, commandrate at 1000000, fakelag
             and resolvehostnames off; in <performance> softlimit at the number of clients
Each also needs an open-files limit above the number of clients.

Exit codes: 0 all came; 1 could not run; 2 the flags are wrong; 3 messages were lost, duplicated,
reordered or changed; 4 the generator was the bottleneck, and tells no figures.";

/// The flags of `chat load`.
#[derive(Args, Debug)]
#[command(after_long_help = OTHER_SERVERS)]
pub(crate) struct LoadArgs {
    /// The IRC server to load.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:6667")]
    server: String,
    /// The server's process, if it is on this machine: what it costs is read from /proc.
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
    /// How many clients are in rooms.
    #[arg(long, value_name = "N", default_value_t = 100)]
    clients: usize,
    /// How many share a room.
    #[arg(long, value_name = "M", default_value_t = 10)]
    room_size: usize,
    /// Deliveries asked for in a second, whatever the server makes of it (open loop). Without it each
    /// room says its next line when all have the last one (closed loop).
    #[arg(long, value_name = "PER_SECOND")]
    rate: Option<f64>,
    /// Seconds of talk before measuring begins.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    warm_up: Duration,
    /// Seconds that are measured.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    duration: Duration,
    /// Seconds over which the clients connect; 0: as fast as the server lets them in.
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    ramp: Duration,
    /// Visitors that come, join a room and quit, in a second.
    #[arg(long, value_name = "PER_SECOND", default_value_t = 0.0)]
    churn: f64,
    /// How many of the clients read slowly, 5 kB a second.
    #[arg(long, value_name = "N", default_value_t = 0)]
    slow: usize,
    /// The length of each text.
    #[arg(long, value_name = "BYTES", default_value_t = 100)]
    bytes: usize,
    /// Seconds without a sign of what is awaited, after which it is given up.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    patience: Duration,
    /// The server's password, where it wants one of everybody.
    #[arg(long, value_name = "PASSWORD")]
    password: Option<String>,
    /// What nicks and names of rooms begin with [default: one that depends on the process].
    #[arg(long, value_name = "NAME")]
    prefix: Option<String>,
    /// How the report is written.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where the report goes, instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Says nothing while it runs.
    #[arg(long)]
    quiet: bool,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// An object.
    Json,
    /// A line of names and a line of values.
    Csv,
}

impl LoadArgs {
    /// Loads the server, and writes the report.
    ///
    /// # Errors
    /// Why it could not be done, for people to read.
    pub(crate) fn run(self) -> Result<ExitCode> {
        let plan = self.gathering()?;
        let run = self.the_run();
        let mut out: Box<dyn Write> = match &self.output {
            // Before the run, so that none is made in vain.
            Some(path) => Box::new(
                File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
            ),
            None => Box::new(io::stdout()),
        };
        let (sender, told) = crossbeam_channel::unbounded();
        let load = thread::Builder::new().name("chat-load".into()).spawn({
            let (plan, run) = (plan.clone(), run.clone());
            move || {
                let mut tell = Tell(sender);
                let mut crowd = Crowd::gather(&plan, &mut tell)?;
                let report = crowd.run(&run, &mut tell)?;
                crowd.leave();
                Ok::<Report, chat::load::LoadError>(report)
            }
        })?;
        if self.quiet {
            told.iter().for_each(drop);
        } else {
            show_progress(&told);
        }
        let report = load.join().expect("the load's thread does not panic")?;
        let show = Show { plan: &plan, run: &run, report: &report };
        let text = match self.format {
            Format::Text => show.text(),
            Format::Json => show.json(),
            Format::Csv => show.csv(),
        };
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .context("cannot write the report")?;
        Ok(match report.trust {
            _ if !report.is_correct() => ExitCode::from(INCORRECT),
            Trust::Bottleneck(_) => ExitCode::from(BOTTLENECK),
            Trust::Fine | Trust::Shared(_) => ExitCode::SUCCESS,
        })
    }

    fn gathering(&self) -> Result<Gathering> {
        Ok(Gathering {
            addr: resolve(&self.server)?,
            clients: self.clients,
            room_size: self.room_size,
            slow: self.slow,
            ramp: self.ramp,
            prefix: self.prefix.clone().unwrap_or_else(own_prefix),
            password: self.password.clone(),
            patience: self.patience,
        })
    }

    fn the_run(&self) -> Run {
        let load = match self.rate {
            Some(deliveries_per_second) => Load::Open { deliveries_per_second },
            None => Load::Closed,
        };
        Run {
            load,
            warm_up: self.warm_up,
            duration: self.duration,
            text_bytes: self.bytes,
            churn_per_second: self.churn,
            server: self.pid,
        }
    }
}

fn resolve(server: &str) -> Result<SocketAddr> {
    let wanted = || format!("cannot find the server {server:?}: want HOST:PORT");
    let mut addrs = server.to_socket_addrs().with_context(wanted)?;
    addrs.next().with_context(wanted)
}

/// Four characters, so that two loads at a time, or one soon after another, do not meet.
fn own_prefix() -> String {
    let digit = |value: u32| char::from_digit(value % 36, 36).expect("less than 36");
    let pid = process::id();
    ['l', digit(pid / (36 * 36)), digit(pid / 36), digit(pid)].iter().collect()
}

/// Seconds, with decimals.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    // A year is longer than any run, and short enough for every sum of times.
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if seconds <= 31_536_000.0 => Ok(duration),
        _ => Err("not a time that can be waited".into()),
    }
}

/// How far the load is.
enum Told {
    Stage(String, u64),
    At(u64),
}

/// Tells it to this thread: drawing must not make the load late.
struct Tell(Sender<Told>);

impl Watch for Tell {
    fn stage(&mut self, name: &str, total: u64) {
        let _ = self.0.send(Told::Stage(name.to_owned(), total)); // nobody may watch any more
    }

    fn at(&mut self, done: u64) {
        let _ = self.0.send(Told::At(done));
    }
}

/// Shows how far it is, until the load ends: as a bar on a terminal, else a line now and then.
fn show_progress(told: &Receiver<Told>) {
    let is_terminal = io::stderr().is_terminal();
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    let with_bar = ProgressStyle::with_template("{msg:28} [{bar:40}] {percent:>3} %");
    bar.set_style(with_bar.expect("this template is right").progress_chars("=> "));
    let (mut stage, mut total, mut said) = (String::new(), 0, Instant::now());
    for news in told {
        match news {
            Told::Stage(name, length) => {
                (stage, total) = (name, length);
                bar.set_length(length.max(1));
                bar.set_position(0);
                bar.set_message(stage.clone());
                if !is_terminal {
                    eprintln!("{stage}");
                    said = Instant::now();
                }
            }
            Told::At(done) => {
                bar.set_position(done);
                if !is_terminal && said.elapsed() >= LINE_INTERVAL && total > 0 {
                    eprintln!("{stage}: {} %", done.min(total) * 100 / total);
                    said = Instant::now();
                }
            }
        }
    }
    bar.finish_and_clear();
}
