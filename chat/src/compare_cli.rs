//! `chat compare`: measures, or reads what was measured, and shows what follows from it.

use std::fs;
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use chat::candidate::Candidate;
use chat::compare::agreement::{self, Answer};
use chat::compare::analysis::Analysis;
use chat::compare::child::Living;
use chat::compare::disturbance::Ticks;
use chat::compare::measure::{Progress, Setting, measure};
use chat::compare::plan::Plan;
use chat::compare::results::Results;
use chat::compare::{page, store, table};
use chat::conditions;
use chat::markdown::replace_section;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// File descriptors of the generator that are no clients.
const FILES_SPARE: u64 = 64;

/// The flags of `chat compare`.
#[derive(Args, Debug)]
pub(crate) struct Compare {
    /// Fewer points, shorter runs: two minutes instead of half an hour.
    #[arg(long)]
    quick: bool,
    /// A few seconds with a few clients: shows that everything works, and nothing else.
    #[arg(long, conflicts_with = "quick", hide_short_help = true)]
    glance: bool,
    /// Who is compared; all if not given.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAME,..")]
    runtimes: Vec<Candidate>,
    /// How often everything is measured [default: 5 with --quick, else 8]. Below 3 there are no
    /// intervals.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: Option<u16>,
    /// Worker threads of those that have any; all cores if not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// Where results.json, page.html, table.md and summary.svg go.
    #[arg(long, value_name = "DIR", default_value = "target/compare")]
    out: PathBuf,
    /// Shows what an earlier run measured, and measures nothing.
    #[arg(long, value_name = "RESULTS.JSON",
        conflicts_with_all = ["quick", "glance", "runtimes", "rounds", "workers"])]
    from: Option<PathBuf>,
    /// Tells of each ratio whether another run agrees, contradicts it or cannot tell; the exit code is
    /// 1 if one contradicts.
    #[arg(long, value_name = "RESULTS.JSON")]
    against: Option<PathBuf>,
    /// Puts the summary, and the table folded, into a document, between the lines `<!-- begin
    /// compare -->` and `<!-- end compare -->`.
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    /// Writes summary.svg there too: for a picture that a document shows.
    #[arg(long, value_name = "FILE.SVG")]
    picture: Option<PathBuf>,
}

impl Compare {
    /// Does it.
    ///
    /// # Errors
    /// What kept it from being done; and after all is shown: that messages went wrong, or that
    /// another run does not agree.
    pub(crate) fn run(self) -> Result<()> {
        // What may fail for a reason that can be known now is not to fail after half an hour.
        let against = self.against.as_deref().map(store::read).transpose()?;
        if let Some(path) = &self.into {
            into(path, "")?;
        }
        if let Some(path) = &self.picture
            && path.parent().is_some_and(|parent| parent != Path::new("") && !parent.is_dir())
        {
            bail!("cannot write {}: its directory is not there", path.display());
        }
        fs::create_dir_all(&self.out)
            .with_context(|| format!("cannot make the directory {}", self.out.display()))?;
        let results = match &self.from {
            Some(path) => store::read(path)?,
            None => {
                let results = self.measure()?;
                store::write(&self.out.join("results.json"), &results)?;
                results
            }
        };
        let analysis = Analysis::of(&results);
        let text = table::render(&results, &analysis);
        println!("{text}");
        write(&self.out.join("table.md"), &text)?;
        write(&self.out.join("page.html"), &page::render(&results, &analysis))?;
        let picture = page::summary_svg(&results, &analysis);
        for path in [Some(&self.out.join("summary.svg")), self.picture.as_ref()] {
            path.map_or(Ok(()), |path| write(path, &picture))?;
        }
        if let Some(path) = &self.into {
            write(path, &into(path, &table::folded(&results, &analysis))?)?;
        }
        eprintln!("{} shows it with plots", self.out.join("page.html").display());
        let agrees = against.is_none_or(|there| agree(&analysis, &Analysis::of(&there)));
        if !results.faults.is_empty() {
            bail!("messages were lost or garbled:\n  {}", results.faults.join("\n  "));
        }
        if !agrees {
            bail!("the two results contradict each other");
        }
        Ok(())
    }

    /// Measures, with everything around it: the limit of files, signals, progress, conditions.
    fn measure(&self) -> Result<Results> {
        let mut plan = match self {
            Self { glance: true, .. } => Plan::glance(),
            Self { quick: true, .. } => Plan::quick(),
            _ => Plan::full(),
        };
        plan.rounds = self.rounds.map_or(plan.rounds, usize::from);
        let files = rlimit::increase_nofile_limit(u64::MAX)
            .context("cannot read the limit of open files")?;
        let room = usize::try_from(files.saturating_sub(FILES_SPARE)).unwrap_or(usize::MAX);
        let shrunk = plan.at_most(room);
        for shrunk in &shrunk {
            eprintln!("only {files} files may be open: {shrunk} (`ulimit -Hn` has the limit)");
        }
        let cores = || thread::available_parallelism().map_or(1, usize::from);
        let candidates = self.candidates();
        let setting = Setting {
            binary: std::env::current_exe().context("cannot tell which program this is")?,
            workers: self.workers.map_or_else(cores, usize::from),
            plan,
            candidates,
        };
        let estimate = setting.plan.estimate(setting.candidates.len());
        eprintln!("this takes about {}; Ctrl-C ends it", minutes(estimate));
        let living = Living::default();
        end_on_signals(&living).context("cannot handle signals")?;
        let (begin, ticks) = (Instant::now(), Ticks::now());
        let outcome = thread::scope(|scope| {
            let generator = thread::Builder::new().name("generator".to_owned());
            let work = || measure(&setting, &living, &mut Bar::new(estimate));
            let done = generator.spawn_scoped(scope, work).context("cannot start a thread")?;
            done.join().map_err(|_| anyhow!("the generator panicked"))?
        });
        let mut results = outcome?;
        let mut all = conditions();
        all.extend(self.conditions(&setting, begin.elapsed()));
        if let Some((now, before)) = Ticks::now().zip(ticks) {
            let others = now.since(&before);
            if now.is_much_since(&before) {
                eprintln!("these results say little: {others}. On a quiet machine, run it again");
            }
            all.push(("meanwhile".to_owned(), others));
        }
        all.extend(shrunk.into_iter().map(|shrunk| ("fewer".to_owned(), shrunk)));
        all.append(&mut results.conditions);
        results.conditions = all;
        Ok(results)
    }

    /// Those asked for, each once, in the order to show.
    fn candidates(&self) -> Vec<Candidate> {
        let wanted = |name: &Candidate| self.runtimes.is_empty() || self.runtimes.contains(name);
        Candidate::ALL.into_iter().filter(wanted).collect()
    }

    /// What this run adds to the conditions of the machine.
    fn conditions(&self, setting: &Setting, took: Duration) -> Vec<(String, String)> {
        let plan = &setting.plan;
        let args: Vec<String> = std::env::args().skip(1).collect();
        let runs = format!(
            "{} ms closed, {} ms open, after {} ms to warm up",
            plan.closed_run.as_millis(),
            plan.open_run.as_millis(),
            plan.warm_up.as_millis()
        );
        let turns = format!(
            "{} rounds; a fresh server for each sitting, the candidates in turns, their order \
             reversed from round to round",
            plan.rounds
        );
        let rooms = format!("{} members, texts of {} bytes", plan.room_size, plan.text_bytes);
        [
            ("command", format!("chat {}", args.join(" "))),
            ("took", minutes(took)),
            ("rounds", turns),
            ("runs", runs),
            ("workers", setting.workers.to_string()),
            ("rooms", rooms),
            ("open loop", format!("{} connections", plan.open_connections)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The document with `text` in its section.
fn into(path: &Path, text: &str) -> Result<String> {
    let document =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    replace_section(&document, "compare", text).with_context(|| format!("in {}", path.display()))
}

/// Prints how two results fit together; whether they agree on every ratio.
fn agree(here: &Analysis, there: &Analysis) -> bool {
    let fits = agreement::fits(here, there);
    let of = |answer| fits.iter().filter(move |fit| fit.answer() == answer);
    let others: Vec<_> = of(Answer::Contradict).collect();
    println!(
        "of {} ratios that both runs have: {} agree, {} contradict each other, {} cannot tell (they \
         overlap, but one is too wide to say much)",
        fits.len(),
        of(Answer::Agree).count(),
        others.len(),
        of(Answer::CannotTell).count()
    );
    for fit in &others {
        let (ratio, here, there) = (fit.ratio, fit.here, fit.there);
        println!(
            "- {}, {}, {}: {:.2} to {:.2} here, {:.2} to {:.2} there",
            ratio.pair.name(),
            ratio.metric.title(),
            ratio.point.title(),
            here.low,
            here.high,
            there.low,
            there.high
        );
    }
    if !others.is_empty() {
        println!(
            "Where two runs see the same, about 6 in 1,000 pairs of such intervals do not \
             overlap by chance: {:.1} of these.",
            fits.len() as f64 * 0.006
        );
    }
    others.is_empty()
}

/// Ctrl-C and SIGTERM end the server that runs, and then this.
fn end_on_signals(living: &Living) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let living = living.clone();
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            living.end();
            eprintln!("\nchat: ended before everything was measured; nothing is written");
            process::exit(128 + signal);
        }
    };
    thread::Builder::new().name("compare-signals".into()).spawn(wait)?;
    Ok(())
}

/// A time for people: `50 s`, `12 min`.
fn minutes(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds < 120.0 => format!("{seconds:.0} s"),
        seconds => format!("{:.0} min", seconds / 60.0),
    }
}

/// A bar on a terminal, else a line a round.
struct Bar {
    bar: Option<ProgressBar>,
    last: String,
}

impl Bar {
    fn new(estimate: Duration) -> Self {
        let bar = || {
            let bar = ProgressBar::new(millis(estimate));
            let style = ProgressStyle::with_template("{bar:30} {percent:>3} % {eta} left  {msg}");
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar
        };
        Self { bar: stderr().is_terminal().then(bar), last: String::new() }
    }
}

impl Progress for Bar {
    fn now(&mut self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(what.to_owned());
            return;
        }
        let round = what.split(',').next().unwrap_or_default();
        if round != self.last {
            eprintln!("{round}");
            self.last = round.to_owned();
        }
    }

    fn done(&mut self, of_estimate: Duration) {
        if let Some(bar) = &self.bar {
            bar.inc(millis(of_estimate));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
