//! A server under `strace`, and what that has written as calls.
//!
//! A call stands where it began: so what a thread does for a message comes before what another does
//! for the next, which is sent only after the first has been heard.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What to do where it cannot be had. The test is not skipped: fairness is checked.
const WANTED: &str = "this test counts system calls with strace. It needs the program (Debian: \
    apt-get install strace), and the right to trace a child: in a container, --cap-add=SYS_PTRACE \
    or a seccomp profile that allows ptrace";

/// One system call of one thread.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    /// As strace writes them.
    pub(crate) args: String,
    /// What it returned, likewise; empty if it has not.
    result: String,
}

impl Call {
    /// The first argument: mostly a descriptor.
    pub(crate) fn first_arg(&self) -> &str {
        self.nth_arg(0)
    }

    /// An argument that has no comma in it nor before it.
    pub(crate) fn nth_arg(&self, nth: usize) -> &str {
        self.args.split(", ").nth(nth).unwrap_or_default()
    }

    /// The descriptor that it returned.
    pub(crate) fn descriptor(&self) -> Option<u32> {
        self.result.split(' ').next()?.parse().ok()
    }
}

/// Whether it reads from a socket or writes to one. An eventfd is written to with `write`, which the
/// server never does to a socket.
pub(crate) fn is_of_a_socket(call: &Call) -> bool {
    let name = call.name.as_str();
    let reads = ["read", "readv", "recvfrom", "recvmsg"].contains(&name);
    let writes = ["writev", "sendto", "sendmsg"].contains(&name);
    reads || writes || (name == "write" && !call.args.ends_with(", 8"))
}

/// A server that is traced; ended, or killed when dropped.
pub(crate) struct Server {
    strace: Child,
    /// The server's, which is strace's child.
    pid: String,
    addr: SocketAddr,
    trace: PathBuf,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) fn start(runtime: &str) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0); // tests run at once
        let number = STARTED.fetch_add(1, Relaxed);
        let file = |kind| {
            let file = format!("fairness-{}-{number}.{kind}", std::process::id());
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(file)
        };
        let (trace, stderr) = (file("strace"), file("stderr"));
        let mut strace = Command::new("strace")
            .args(["-f", "-q", "-e", "signal=none", "-o"])
            .arg(&trace)
            // The shell tells its process id, which the server takes over.
            .args(["sh", "-c", "echo $$; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_chat")])
            .args(["serve", "--listen", "127.0.0.1:0", "--workers", "2", "--runtime", runtime])
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&stderr).expect("a file in cargo's directory for tests"))
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run strace: {error}; {WANTED}"));
        let mut stdout = BufReader::new(strace.stdout.take().expect("piped above"));
        let mut line = || {
            let mut line = String::new();
            let bytes = stdout.read_line(&mut line).expect("a line of text");
            let said = || fs::read_to_string(&stderr).unwrap_or_default();
            assert!(bytes > 0, "no server under strace: {}; {WANTED}", said());
            line.trim_end().to_owned()
        };
        let (pid, greeting) = (line(), line());
        let addr = greeting.split(' ').nth(2).and_then(|addr| addr.parse().ok());
        let addr = addr.unwrap_or_else(|| panic!("says where it listens: {greeting:?}"));
        let _ = fs::remove_file(stderr); // still open; no longer of interest
        Self { strace, pid, addr, trace }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Tells it to stop, and returns all calls of the threads that served.
    pub(crate) fn end(mut self) -> Vec<Call> {
        self.signal("TERM");
        let ended = self.strace.wait().expect("it was started here");
        assert!(ended.success(), "the server ended with {ended}");
        parse(&fs::read_to_string(&self.trace).expect("strace has written it"))
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid]).status();
        assert!(sent.expect("a kill command").success(), "it was running");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.strace.try_wait() {
            self.signal("KILL"); // the test fails
            let _ = self.strace.wait();
        }
        let _ = fs::remove_file(&self.trace);
    }
}

/// The calls of all threads but the one that waits for signals, which serves nobody.
fn parse(trace: &str) -> Vec<Call> {
    let mut calls: Vec<(&str, Call)> = Vec::new();
    let mut unfinished: HashMap<&str, usize> = HashMap::new();
    for line in trace.lines() {
        let Some((thread, line)) = line.split_once(' ') else { continue };
        let line = line.trim_start();
        if let Some(rest) = line.strip_prefix("<... ") {
            // `<... recvfrom resumed>"PING 1\r\n", 8192, ...) = 8`
            let Some((_, rest)) = rest.split_once(" resumed>") else { continue };
            let Some(call) = unfinished.remove(thread).map(|idx| &mut calls[idx].1) else {
                continue;
            };
            let (args, result) = ended(rest);
            call.args.push_str(args);
            call.result = result.to_owned();
        } else if let Some((name, rest)) = line.split_once('(') {
            if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                continue; // an exit or a signal
            }
            let (args, result) = match rest.strip_suffix(" <unfinished ...>") {
                Some(args) => {
                    unfinished.insert(thread, calls.len());
                    (args, "")
                }
                None => ended(rest),
            };
            let [name, args, result] = [name, args, result].map(str::to_owned);
            calls.push((thread, Call { name, args, result }));
        }
    }
    let names_itself = |call: &Call| call.name == "prctl" && call.args.contains("chat-signals");
    let waits_for_signals = calls.iter().find(|(_, call)| names_itself(call));
    let waits_for_signals = waits_for_signals.expect("each server has a thread for signals").0;
    calls.retain(|(thread, _)| *thread != waits_for_signals);
    calls.into_iter().map(|(_, call)| call).collect()
}

/// The arguments and the result, in the end of a line.
fn ended(rest: &str) -> (&str, &str) {
    let (args, result) = rest.rsplit_once(" = ").unwrap_or((rest, ""));
    let args = args.trim_end();
    (args.strip_suffix(')').unwrap_or(args), result)
}

#[test]
fn a_call_that_was_interrupted_in_the_log_is_put_together() {
    let calls = parse(
        "7 recvfrom(9,  <unfinished ...>\n\
         8 prctl(PR_SET_NAME, \"chat-signals\") = 0\n\
         7 <... recvfrom resumed>\"PING 1\\r\\n\", 8192, 0, NULL, NULL) = 8\n\
         8 recvfrom(6,  <unfinished ...>\n\
         7 accept4(5, {sa_family=AF_INET}, [128 => 16], SOCK_NONBLOCK) = 12\n\
         7 +++ exited with 0 +++\n",
    );
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert_eq!(calls[0].args, "9, \"PING 1\\r\\n\", 8192, 0, NULL, NULL");
    assert_eq!((calls[1].first_arg(), calls[1].descriptor()), ("5", Some(12)));
}
