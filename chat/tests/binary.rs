//! The `chat` binary as an operator has it: flags, signals, exit codes, and too few files.
//!
//! What clients see over a socket is tested in the `tests` package, on servers inside its process.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

/// How long an answer may take before the test fails; it is for a server that hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// The flags of `--runtime` that are tested.
const RUNTIMES: [&str; 6] = ["mini", "mini-ct", "tokio", "tokio-tuned", "tokio-ct", "floor"];

/// A running binary; killed when dropped.
struct Chat {
    process: Child,
    stderr: BufReader<ChildStderr>,
    greeting: String,
    addr: SocketAddr,
}

impl Chat {
    /// Starts it with a limit of open files (0: as it is) and flags, and waits until it listens.
    fn start(files: u32, runtime: &str, flags: &[&str]) -> Self {
        let limit = if files > 0 { format!("ulimit -n {files} && ") } else { String::new() };
        let mut process = Command::new("sh")
            .arg("-c")
            .arg(format!("{limit}exec \"$0\" \"$@\""))
            .arg(env!("CARGO_BIN_EXE_chat"))
            .args(["serve", "--listen", "127.0.0.1:0", "--workers", "2", "--runtime", runtime])
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut greeting = String::new();
        let stdout = process.stdout.take().expect("piped above");
        BufReader::new(stdout).read_line(&mut greeting).expect("a line of text");
        let stderr = BufReader::new(process.stderr.take().expect("piped above"));
        let addr = greeting.split(' ').nth(2).and_then(|addr| addr.parse().ok());
        let addr = addr.unwrap_or_else(|| panic!("says where it listens: {greeting:?}"));
        Self { process, stderr, greeting, addr }
    }

    /// Sends a signal by name.
    fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().expect("a kill command");
        assert!(sent.success());
    }

    /// Reads stderr up to the first line that holds `text`; the lines before it are returned too.
    fn until_logged(&mut self, text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let bytes = self.stderr.read_line(&mut line).expect("text");
            assert!(bytes > 0, "stderr ended before {text:?} came: {lines:#?}");
            let found = line.contains(text);
            lines.push(line);
            if found {
                return lines;
            }
        }
    }

    /// Waits for its end.
    fn end(mut self) -> ExitStatus {
        self.process.wait().expect("it was started here")
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        let _ = self.process.kill(); // it has ended, unless the test fails
        let _ = self.process.wait();
    }
}

/// A client that has sent its registration, and has read nothing.
fn connect(addr: SocketAddr, nick: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(addr).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout that is not zero");
    write!(stream, "NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nJOIN #c\r\n").expect("open");
    BufReader::new(stream)
}

/// Reads up to the first line that holds `text`.
fn until(stream: &mut BufReader<TcpStream>, text: &str) {
    loop {
        let mut line = String::new();
        let bytes = stream.read_line(&mut line).expect("a line in time");
        assert!(bytes > 0, "the end came before {text:?}");
        if line.contains(text) {
            return;
        }
    }
}

/// Reads up to the end, and returns the last line.
fn last_line(stream: &mut BufReader<TcpStream>) -> String {
    let mut last = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).expect("a line or the end, in time") == 0 {
            return last;
        }
        last = line;
    }
}

#[test]
fn sigterm_during_a_conversation_tells_everybody_and_ends_with_zero() {
    for runtime in RUNTIMES {
        let chat = Chat::start(0, runtime, &["--drain", "30"]);
        let alone = runtime.ends_with("-ct") || runtime == "floor";
        let workers = if alone { "1 worker" } else { "2 workers" };
        let addr = chat.addr;
        let greeting = format!("listening on {addr} (runtime {runtime}, {workers})\n");
        assert_eq!(chat.greeting, greeting);
        let mut listener = connect(addr, "listener");
        until(&mut listener, " 366 ");
        let mut talker = connect(addr, "talker");
        until(&mut talker, " 366 ");
        let mut mouth = talker.get_ref().try_clone().expect("a second handle");
        let talk =
            thread::spawn(move || while mouth.write_all(b"PRIVMSG #c :on and on\r\n").is_ok() {});
        until(&mut listener, "PRIVMSG #c :on and on"); // the conversation is under way
        chat.signal("TERM");
        for client in [&mut listener, &mut talker] {
            let last = last_line(client);
            assert!(last.starts_with("ERROR ") && last.ends_with("\r\n"), "{runtime}: {last:?}");
        }
        drop(talker);
        assert_eq!(chat.end().code(), Some(0), "{runtime}");
        talk.join().expect("it ends with its socket");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (n, runtime) in RUNTIMES.into_iter().enumerate() {
        let (signal, code) = if n % 2 == 0 { ("INT", 130) } else { ("TERM", 143) };
        // Longer than the test runs, and room for all that the deaf client does not read.
        let flags = ["--drain", "3600", "--outbox-bytes", "67108864"];
        let mut chat = Chat::start(0, runtime, &flags);
        let mut deaf = connect(chat.addr, "deaf");
        until(&mut deaf, " 366 ");
        let mut talker = connect(chat.addr, "talker");
        let line = format!("PRIVMSG #c :{}\r\n", "x".repeat(400));
        for _ in 0..400 {
            talker.get_mut().write_all(line.repeat(100).as_bytes()).expect("open");
        }
        talker.get_mut().write_all(b"PING end\r\n").expect("open");
        until(&mut talker, " PONG ");
        chat.signal(signal);
        chat.until_logged("shutting down");
        assert!(last_line(&mut talker).starts_with("ERROR "));
        chat.signal(signal);
        assert_eq!(chat.end().code(), Some(code), "{runtime}");
    }
}

#[test]
fn no_file_descriptors_left_is_said_once_and_survived() {
    const CLIENTS: usize = 100;
    for runtime in RUNTIMES {
        let mut chat = Chat::start(64, runtime, &[]);
        let said = chat.until_logged("room for about 32 connections");
        assert_eq!(said.len(), 1, "{said:?}");
        // All connect: the backlog has room. More than there are files for, so some wait there.
        let mut clients: Vec<_> =
            (0..CLIENTS).map(|n| connect(chat.addr, &format!("n{n}"))).collect();
        chat.until_logged("cannot accept connections");
        // Those who are in are served, in the order in which they came.
        until(&mut clients[0], " 366 ");
        clients[0].get_mut().write_all(b"PING served\r\n").expect("open");
        until(&mut clients[0], "served");
        // As they leave, the others come in; nobody is lost and nothing more is said.
        let mut waiting = clients.split_off(1);
        for client in &mut waiting {
            until(client, " 366 ");
            client.get_mut().write_all(b"QUIT\r\n").expect("open");
            assert!(last_line(client).starts_with("ERROR "));
            client.get_mut().shutdown(std::net::Shutdown::Both).expect("open until here");
        }
        let said = chat.until_logged("accepting connections again");
        assert_eq!(said.len(), 1, "{runtime}: nothing was said between: {said:#?}");
        let mut fresh = connect(chat.addr, "fresh");
        until(&mut fresh, " 366 ");
        chat.signal("TERM");
        let said = chat.until_logged("shutting down");
        assert!(!said.iter().any(|line| line.contains("cannot accept")), "{runtime}: {said:#?}");
        drop((fresh, clients, waiting));
        assert_eq!(chat.end().code(), Some(0), "{runtime}");
    }
}

#[test]
fn its_heap_is_told_when_it_is_asked_and_grows_with_clients() {
    const CLIENTS: usize = 20;
    for runtime in RUNTIMES {
        let mut chat = Command::new(env!("CARGO_BIN_EXE_chat"))
            .args(["serve", "--listen", "127.0.0.1:0", "--runtime", runtime, "--report-heap"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary");
        let mut stdin = chat.stdin.take().expect("piped above");
        let mut stdout = BufReader::new(chat.stdout.take().expect("piped above"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line of text");
        let addr = line.split(' ').nth(2).and_then(|addr| addr.parse().ok()).expect("an address");
        let mut heap = || -> usize {
            stdin.write_all(b"how much?\n").expect("it reads");
            let mut line = String::new();
            stdout.read_line(&mut line).expect("a line of text");
            let bytes = line.trim_end().strip_prefix("heap ").map(str::parse);
            bytes.and_then(Result::ok).unwrap_or_else(|| panic!("not a number of bytes: {line:?}"))
        };
        let before = heap();
        assert!(before > 10_000, "{runtime}: {before} bytes: there is a runtime and a hub");
        let clients: Vec<_> = (0..CLIENTS)
            .map(|n| {
                let mut client = connect(addr, &format!("n{n}"));
                until(&mut client, " 366 ");
                client
            })
            .collect();
        let each = (heap() - before) / CLIENTS;
        assert!((500..20_000).contains(&each), "{runtime}: {each} bytes for each client");
        drop(clients);
        chat.kill().expect("it runs");
        chat.wait().expect("it was started here");
    }
}

#[test]
fn what_keeps_it_from_starting_is_told_with_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = taken.local_addr().expect("bound").to_string();
    let run = |flags: &[&str]| {
        let chat = Command::new(env!("CARGO_BIN_EXE_chat")).arg("serve").args(flags).output();
        let chat = chat.expect("the binary");
        let stderr = String::from_utf8_lossy(&chat.stderr).into_owned();
        (chat.status.code(), stderr.lines().last().unwrap_or("").to_owned(), stderr)
    };
    for runtime in RUNTIMES {
        let (code, last, _) = run(&["--listen", &addr, "--runtime", runtime]);
        let wanted = format!("chat: cannot listen on {addr}: ");
        assert_eq!(code, Some(1));
        assert!(last.starts_with(&wanted) && last.contains("choose another port"), "{last}");
    }
    let (code, last, _) = run(&["--motd", "/no/such/file"]);
    assert_eq!(code, Some(1));
    assert!(last.starts_with("chat: cannot read /no/such/file: "), "{last}");
    let (code, last, _) = run(&["--name", "nodot"]);
    assert_eq!(code, Some(1));
    assert!(last.contains("the server's name needs a dot"), "{last}");
    for wrong in [["--runtime", "smol"], ["--listen", "6667"], ["--workers", "0"]] {
        let (code, _, all) = run(&wrong);
        assert_eq!(code, Some(2));
        assert!(all.contains(wrong[0]) && all.contains("--help"), "{all}");
    }
}
