//! `chat load` as people and scripts have it: flags, forms of the report, exit codes.

#[allow(dead_code, reason = "each test binary uses a part of it")]
mod faulty;

use std::process::{Command, Output};

use chat::runtime::Kind;
use chat::server::{Options, Running};

use crate::faulty::{Faults, Faulty};

/// Two clients in a closed loop: neither side can be the bottleneck.
fn load(server: &str, flags: &[&str]) -> Output {
    let short = ["load", "--server", server, "--clients", "2", "--warm-up", "0.05"];
    Command::new(env!("CARGO_BIN_EXE_chat"))
        .args(short)
        .args(["--duration", "0.3"])
        .args(flags)
        .output()
        .expect("the binary")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn serve() -> (Running, String) {
    let server = Running::start(Kind::MiniCt, 1, Options::default()).expect("a loopback socket");
    let addr = server.local_addr().to_string();
    (server, addr)
}

#[test]
fn the_report_comes_as_text_json_and_csv() {
    let (_server, addr) = serve();
    let pid = std::process::id().to_string(); // the server is in this process
    let plain = load(&addr, &["--pid", &pid]);
    let (out, err) = (text(&plain.stdout), text(&plain.stderr));
    assert_eq!(plain.status.code(), Some(0), "{out}{err}");
    for part in ["each once, in order, unchanged", "deliveries/s", "p99.9", "ns of CPU", "cores"] {
        assert!(out.contains(part), "{part}: {out}");
    }
    // No terminal: a line for each stage.
    assert_eq!(err.lines().next(), Some("connecting"), "{err}");
    assert!(err.contains("measuring"), "{err}");

    let json = load(&addr, &["--format", "json", "--quiet"]);
    assert_eq!((json.status.code(), text(&json.stderr)), (Some(0), String::new()));
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("an object");
    assert_eq!((&json["lost"], &json["clients"]), (&0.into(), &2.into()));
    assert!(json["latency_p50_us"].as_f64().is_some_and(|us| us > 0.0), "{json}");
    assert!(json["server_rss_bytes"].is_null(), "no process was given");

    let path = std::env::temp_dir().join(format!("chat-load-{pid}.csv"));
    let file = path.to_str().expect("UTF-8");
    let csv = load(&addr, &["--format", "csv", "--output", file, "--pid", &pid]);
    assert_eq!((csv.status.code(), text(&csv.stdout)), (Some(0), String::new()));
    let csv = std::fs::read_to_string(&path).expect("it was written");
    std::fs::remove_file(&path).expect("it is there");
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let [names, values] = &rows[..] else { panic!("a header and a line: {csv}") };
    let value = |name| values[names.iter().position(|it| *it == name).expect("a column")];
    assert_eq!((names.len(), value("lost"), value("loop")), (values.len(), "0", "\"closed\""));
    assert!(value("server_cpu_ns_per_delivery").parse::<f64>().is_ok_and(|ns| ns > 0.0), "{csv}");
}

#[test]
fn messages_that_went_wrong_are_an_exit_code_of_their_own() {
    let server = Faulty::start(Faults { seed: 3, one_in: 20, ..Faults::default() });
    let flags = ["--rate", "1000", "--patience", "1"];
    let wrong = load(&server.addr.to_string(), &flags);
    let out = text(&wrong.stdout);
    assert_eq!(wrong.status.code(), Some(3), "{out}");
    let done = server.done();
    for (count, what) in [
        (done.lost + done.corrupt, "LOST"),
        (done.duplicated, "DUPLICATED"),
        (done.reordered, "REORDERED"),
        (done.corrupt, "CORRUPT"),
    ] {
        assert!(out.contains(&format!("{count} {what}")), "{done:?}: {out}");
    }
}

#[test]
fn what_keeps_it_from_running_is_told_with_what_to_do() {
    let (_server, addr) = serve();
    let chat = |flags: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_chat"))
            .args(["load", "--quiet", "--warm-up", "0", "--duration", "0.1"])
            .args(flags.replace("ADDR", &addr).split(' '))
            .output()
            .expect("the binary");
        (output.status.code(), text(&output.stderr))
    };
    for (flags, part) in [
        ("--server ADDR --pid 4294967295", "there is no such process"),
        ("--server ADDR --output /no/such/dir/file", "cannot write /no/such/dir/file"),
        ("--server ADDR --bytes 1000", "have 32 to 350"),
        ("--server nowhere", "want HOST:PORT"),
        ("--server ADDR --clients 4000000 --room-size 1000", "raise the limit"),
        ("--server ADDR --clients 2 --slow 1", "have fewer slow readers"),
        ("--server ADDR --prefix 9", "have a letter"),
        ("--server ADDR --rate 0", "have more than none"),
    ] {
        let (code, err) = chat(flags);
        assert_eq!(code, Some(1), "{flags}: {err}");
        assert!(err.starts_with("chat: ") && err.contains(part), "{flags}: {err}");
    }
    for wrong in ["--ramp=-1", "--patience=long", "--format=xml", "--clients=many"] {
        let (code, err) = chat(wrong);
        let flag = wrong.split('=').next().expect("a flag");
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(flag) && err.contains("--help"), "{err}");
    }
}
