//! A server in a process of its own: started, asked, stopped, and never left behind.
//!
//! 1. It runs until it is stopped or dropped, or until [`Living::end`] is called from another thread
//!    (Ctrl-C): each way ends it.
//! 2. It is signalled by a descriptor of the process, so never somebody else who got its number.
//! 3. Whatever it prints is read at once: a full pipe would stop the server, and count as its cost.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use crossbeam_channel::{Receiver, Sender, unbounded};
use procfs::process::Process;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::cores::{Cores, pin};
use crate::candidate::Candidate;

/// How long a server may take to start, to answer, or to stop, before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(20);

/// So much of the end of a server's log is kept: what it dies of stands in its last lines.
const LOG_BYTES_MAX: usize = 4 << 10;

/// The server that runs now, if one does, for who has to end it in a hurry.
#[derive(Clone, Debug, Default)]
pub struct Living(Arc<Mutex<Running>>);

/// The lock is held while one is started: so whoever ends it finds it, or keeps it from starting.
#[derive(Debug, Default)]
struct Running {
    handle: Option<OwnedFd>,
    ended: bool,
}

impl Living {
    /// Ends the server that runs, at once; no other one is started.
    pub fn end(&self) {
        let mut process = self.lock();
        process.ended = true;
        if let Some(handle) = &process.handle {
            let _ = pidfd_send_signal(handle, Signal::KILL); // it may have ended by itself
        }
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a process, which is the one that runs from then on.
    fn start(&self, command: &mut Command) -> Result<(Child, OwnedFd)> {
        let mut living = self.lock();
        if living.ended {
            bail!("it is not started: everything is to end");
        }
        let mut process = command.spawn()?;
        let open = || {
            let pid = Pid::from_raw(process.id().cast_signed()).context("it has no number")?;
            let handle = pidfd_open(pid, PidfdFlags::empty())?;
            Ok((handle.try_clone()?, handle))
        };
        match open() {
            Ok((handle, shared)) => {
                living.handle = Some(shared);
                Ok((process, handle))
            }
            Err(error) => {
                let _ = process.kill();
                let _ = process.wait();
                Err(error)
            }
        }
    }
}

/// How a server is started.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    /// The program: this one.
    pub binary: &'a Path,
    /// Who serves.
    pub candidate: Candidate,
    /// On how many threads, if it can choose.
    pub workers: usize,
    /// Whether it counts its heap.
    pub report_heap: bool,
    /// Where it may run.
    pub cores: &'a Cores,
}

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub addr: SocketAddr,
    /// From starting the process until it said that it listens.
    pub start: Duration,
    /// Its process.
    pub pid: u32,
    process: Option<Child>,
    handle: OwnedFd,
    stdin: Option<ChildStdin>,
    lines: Receiver<(Instant, String)>,
    /// Gives the end of its log, once that is closed.
    log: Option<JoinHandle<Vec<u8>>>,
    living: Living,
}

impl Server {
    /// Starts one, and waits until it listens. The calling thread is the generator's.
    ///
    /// # Errors
    /// When it cannot be started, ends, or says nothing.
    pub fn start(start: &Start<'_>, living: &Living) -> Result<Self> {
        let Start { binary, candidate, workers, report_heap, cores } = start;
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", "127.0.0.1:0", "--runtime", candidate.name()]);
        command.args(["--workers", &workers.to_string()]);
        if *report_heap {
            command.arg("--report-heap");
        }
        command.env("RUST_LOG", "error").process_group(0); // Ctrl-C is for who compares
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        pin(cores.server(candidate.workers(*workers))).context("cannot pin to a core")?;
        let begin = Instant::now();
        let started = living.start(&mut command);
        let back = pin(cores.generator());
        let (mut process, handle) =
            started.with_context(|| format!("cannot start {}", binary.display()))?;
        let (pid, stdin, living) = (process.id(), process.stdin.take(), living.clone());
        let (stdout, stderr) = (process.stdout.take(), process.stderr.take());
        let ((said, lines), log) = (unbounded(), None);
        let addr = SocketAddr::from(([127, 0, 0, 1], 0));
        let process = Some(process);
        let mut server =
            Self { addr, start: Duration::ZERO, pid, process, handle, stdin, lines, log, living };
        // Whatever fails from here on drops it, which ends it.
        back.context("cannot pin to a core")?;
        read_lines(stdout.context("its stdout is piped")?, said)?;
        server.log = Some(read_log(stderr.context("its stderr is piped")?)?);
        let (at, line) = server.line("say where it listens")?;
        server.start = at - begin;
        server.addr = line
            .strip_prefix("listening on ")
            .and_then(|rest| rest.split(' ').next()?.parse().ok())
            .ok_or_else(|| anyhow!("where it listens cannot be read from {line:?}"))?;
        Ok(server)
    }

    /// The bytes of heap that it holds; it was started to count them.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn heap_bytes(&mut self) -> Result<f64> {
        use std::io::Write;
        let stdin = self.stdin.as_mut().context("its stdin is closed")?;
        stdin.write_all(b"heap\n").context("it does not listen to its stdin")?;
        let (_, line) = self.line("say what its heap is")?;
        let bytes = line.strip_prefix("heap ").and_then(|bytes| bytes.trim().parse().ok());
        bytes.ok_or_else(|| anyhow!("its heap cannot be read from {line:?}"))
    }

    /// The bytes of its memory that are resident.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn rss_bytes(&self) -> Result<f64> {
        let pages = Process::new(self.pid.cast_signed())?.statm()?.resident;
        Ok((pages * procfs::page_size()) as f64)
    }

    /// Sends SIGTERM, calls `meanwhile`, and waits for the end: how long that took.
    ///
    /// # Errors
    /// When it does not end, or not with zero.
    pub fn stop(mut self, meanwhile: impl FnOnce()) -> Result<Duration> {
        let mut process = self.process.take().context("it is stopped once")?;
        let (ended, end) = unbounded();
        let wait = move || drop(ended.send((process.wait(), Instant::now())));
        thread::spawn(wait);
        let begin = Instant::now();
        pidfd_send_signal(&self.handle, Signal::TERM).context("it is gone")?;
        meanwhile();
        let Ok((status, at)) = end.recv_timeout(PATIENCE) else {
            bail!("it did not stop within {PATIENCE:?} of SIGTERM");
        };
        let status = status?;
        if !status.success() {
            bail!("stopped, it ended with {status}");
        }
        Ok(at - begin)
    }

    /// What became of it, if it has ended: its status and last words.
    pub fn death(&mut self) -> Option<String> {
        let status = self.process.as_mut()?.try_wait().ok()??;
        let said = self.log.take()?.join().unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let last = said.lines().last().unwrap_or("it said nothing").to_owned();
        Some(format!("the server ended with {status}: {last}"))
    }

    /// The next line that it says.
    fn line(&mut self, to: &str) -> Result<(Instant, String)> {
        use crossbeam_channel::RecvTimeoutError::{Disconnected, Timeout};
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Ok(line),
            Err(Timeout) => bail!("it did not {to} within {PATIENCE:?}"),
            Err(Disconnected) => {
                // Its end of the pipe closes a moment before it is dead.
                let process = self.process.as_mut().context("it is stopped")?;
                let _ = pidfd_send_signal(&self.handle, Signal::KILL);
                let _ = process.wait();
                bail!(self.death().unwrap_or_else(|| "the server closed its stdout".to_owned()))
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = pidfd_send_signal(&self.handle, Signal::KILL); // mostly it has ended
        if let Some(mut process) = self.process.take() {
            let _ = process.wait();
        }
        self.living.lock().handle = None;
    }
}

/// Reads what a process prints, line by line, and tells each with the time at which it came.
fn read_lines(stdout: ChildStdout, said: Sender<(Instant, String)>) -> Result<()> {
    let mut stdout = BufReader::new(stdout);
    let read = move || {
        let mut line = String::new();
        while stdout.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
            if said.send((Instant::now(), std::mem::take(&mut line))).is_err() {
                break;
            }
        }
    };
    thread::Builder::new().name("server-lines".into()).spawn(read)?;
    Ok(())
}

/// Reads what a process logs, and gives the end of it when that is closed.
fn read_log(mut stderr: ChildStderr) -> Result<JoinHandle<Vec<u8>>> {
    let read = move || {
        let (mut log, mut buffer) = (Vec::new(), [0; LOG_BYTES_MAX]);
        loop {
            match stderr.read(&mut buffer) {
                Ok(0) => break log,
                Ok(len) => {
                    log.extend_from_slice(&buffer[..len]);
                    log.drain(..log.len().saturating_sub(LOG_BYTES_MAX));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break log,
            }
        }
    };
    Ok(thread::Builder::new().name("server-log".into()).spawn(read)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_stops_nobody_and_its_end_is_kept() {
        let much = "head -c 1000000 /dev/zero >&2; echo >&2; echo the last words >&2";
        let mut process =
            Command::new("sh").args(["-c", much]).stderr(Stdio::piped()).spawn().expect("a shell");
        let log = read_log(process.stderr.take().expect("piped")).expect("a thread");
        assert!(process.wait().expect("started here").success()); // a full pipe would keep it
        let log = log.join().expect("no panic");
        assert_eq!(log.len(), LOG_BYTES_MAX);
        assert!(log.ends_with(b"\nthe last words\n"));
    }

    #[test]
    fn what_runs_is_ended_and_nothing_is_started_after_that() {
        let living = Living::default();
        let (mut process, _handle) =
            living.start(Command::new("sleep").arg("600")).expect("a program");
        living.end();
        assert!(!process.wait().expect("started here").success(), "it was killed");
        let late = living.start(&mut Command::new("true")).expect_err("too late");
        assert!(late.to_string().contains("not started"), "{late}");
    }
}
