//! `chat compare` as its reader has it: a comparison of seconds, shown again, and set beside others.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use chat::candidate::Candidate;
use chat::compare::child::Living;
use chat::compare::measure::{Progress, Setting, measure};
use chat::compare::plan::Plan;
use chat::compare::results::{Metric, Results, Series};
use chat::compare::store;
use chat::runtime::Kind;

/// A directory of this test's own, empty.
fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path); // there is none the first time
    fs::create_dir_all(&path).expect("a directory");
    path
}

fn compare(out: &Path, flags: &[&str]) -> Output {
    let mut chat = Command::new(env!("CARGO_BIN_EXE_chat"));
    chat.arg("compare").arg("--out").arg(out).args(flags).output().expect("the binary")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn last_error(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().last().unwrap_or_default().to_owned()
}

/// The path as an argument.
fn arg(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn a_comparison_has_every_metric_or_a_note_and_is_shown_again_without_measuring() {
    let out = directory("compare-glance");
    let measured = compare(&out, &["--glance", "--runtimes", "tokio-ct,mini-ct"]);
    assert_eq!(measured.status.code(), Some(0), "{}", last_error(&measured));
    let results = store::read(&out.join("results.json")).expect("written");
    assert_eq!(results.candidates, ["mini-ct", "tokio-ct"]);
    let values = |metric: Metric, candidate: &str| -> usize {
        let series = results.series.iter();
        let mine = series.filter(|s| s.metric == metric && s.candidate == candidate);
        mine.flat_map(|series| series.rounds.iter().flatten()).count()
    };
    for candidate in ["mini-ct", "tokio-ct"] {
        for metric in [Metric::HeapPerConnection, Metric::RssPerConnection, Metric::Start] {
            assert_eq!(values(metric, candidate), 3, "{metric:?} of {candidate}");
        }
        assert_eq!(values(Metric::Shutdown, candidate), 6, "with nobody and with a crowd");
    }
    // Three crowds with 4 metrics, a load with 7, heap, RSS, a start and two ends.
    assert_eq!(results.series.len(), 2 * (3 * 4 + 7 + 5));
    for series in &results.series {
        // Runs so short may find the machine busy with something else: then a note says it.
        let missing = series.rounds.iter().filter(|round| round.is_none()).count();
        assert!(series.rounds.len() == 3 && missing <= series.notes.len(), "{series:?}");
    }
    assert!(results.hub.iter().all(|cost| cost.ns_per_delivery > 0.0));
    let condition = |name: &str| results.conditions.iter().any(|(known, _)| known == name);
    assert!(["command", "pinning", "capacity", "kernel"].into_iter().all(condition));

    let table = fs::read_to_string(out.join("table.md")).expect("written");
    assert!(table.contains("mini-ct / tokio-ct") && table.contains("Simulated scale"), "{table}");
    for (name, end) in [("page.html", "</html>"), ("summary.svg", "</svg>")] {
        let text = fs::read_to_string(out.join(name)).expect("written");
        assert!(text.trim_end().ends_with(end), "{name}");
    }
    let document = out.join("README.md");
    fs::write(&document, "mine\n<!-- begin compare -->\n<!-- end compare -->\nmine too\n")
        .expect("written");
    let from = out.join("results.json");
    let again = directory("compare-again");
    let picture = again.join("picture.svg");
    let flags = ["--from", arg(&from), "--against", arg(&from), "--into", arg(&document)];
    let flags = [&flags[..], &["--picture", arg(&picture)]].concat();
    let shown = compare(&again, &flags);
    assert_eq!(shown.status.code(), Some(0), "{}", last_error(&shown));
    assert!(stdout(&shown).starts_with(&table), "the same table");
    assert!(stdout(&shown).contains("ratios that both runs have"));
    let text = fs::read_to_string(&document).expect("there");
    assert!(text.starts_with("mine\n") && text.ends_with("too\n"), "{text}");
    let tables = &table[table.find("### ").expect("a heading")..];
    let (shown, folded) = text.split_once("<details>").expect("the tables are folded");
    assert!(
        folded.contains(tables.trim()) && shown.contains("`cargo run --release -- compare "),
        "{text}"
    );
    let [copy, first] = [&picture, &out.join("summary.svg")].map(fs::read);
    assert_eq!(copy.expect("written"), first.expect("written"));
}

/// Results with one ratio, of which ours costs `ours` times theirs.
fn results(ours: f64) -> Results {
    let series = |candidate: &str, value: f64| {
        format!(
            r#"{{"metric": "start", "candidate": "{candidate}", "notes": [],
                 "point": {{"experiment": "life", "connections": 0}},
                 "rounds": [{value}, {value}, {value}, {value}]}}"#
        )
    };
    let text = format!(
        r#"{{"conditions": [], "faults": [], "failures": [], "candidates": ["mini", "tokio"], "series": [{}, {}]}}"#,
        series("mini", ours),
        series("tokio", 1.0)
    );
    serde_json::from_str(&text).expect("results")
}

#[test]
fn a_run_that_contradicts_is_told_and_ends_with_one() {
    let out = directory("compare-against");
    let paths = [("here.json", 0.8), ("there.json", 1.2)].map(|(name, ours)| {
        let path = out.join(name);
        store::write(&path, &results(ours)).expect("written");
        path
    });
    let shown = compare(&out, &["--from", arg(&paths[0]), "--against", arg(&paths[1])]);
    assert_eq!(shown.status.code(), Some(1));
    let said = stdout(&shown);
    assert!(said.contains("0 agree, 1 contradict each other"), "{said}");
    assert!(said.contains("- mini / tokio, start, with 0: 0.80 to 0.80 here, 1.20 to 1.20 there"));
    assert!(last_error(&shown).contains("contradict each other"), "{}", last_error(&shown));
}

#[test]
fn what_went_wrong_in_a_run_is_told_whenever_it_is_shown() {
    let out = directory("compare-faulty");
    let path = out.join("faulty.json");
    let faults = vec!["mini, closed 10, round 1: 1 lost".to_owned()];
    store::write(&path, &Results { faults, ..results(0.8) }).expect("written");
    let shown = compare(&out, &["--from", arg(&path)]);
    assert_eq!(shown.status.code(), Some(1));
    assert!(stdout(&shown).starts_with("**Messages were lost"), "{}", stdout(&shown));
    assert!(last_error(&shown).contains("1 lost"), "{}", last_error(&shown));
}

#[test]
fn what_it_cannot_read_or_write_is_told_before_it_measures() {
    let out = directory("compare-errors");
    let other = out.join("other.json");
    fs::write(&other, r#"{"format": "chat-compare-0"}"#).expect("written");
    let error = |flags: &[&str]| {
        let output = compare(&out, flags);
        assert_eq!(output.status.code(), Some(1));
        last_error(&output)
    };
    let said = error(&["--from", arg(&other)]);
    assert!(said.contains("chat-compare-0") && said.contains("measure again"), "{said}");
    let said = error(&["--glance", "--against", "/no/such/file"]);
    assert!(said.contains("cannot read /no/such/file"), "{said}");
    let said = error(&["--glance", "--into", arg(&other)]);
    assert!(said.contains("<!-- begin compare -->"), "{said}");
    let said = error(&["--glance", "--picture", "/no/such/directory/summary.svg"]);
    assert!(said.contains("its directory is not there"), "{said}");
    let output = compare(&out, &["--from", arg(&other), "--quick"]);
    assert_eq!(output.status.code(), Some(2));
}

/// Nobody watches.
struct Quiet;

impl Progress for Quiet {
    fn now(&mut self, _: &str) {}
    fn done(&mut self, _: Duration) {}
}

/// One round of mini-ct and tokio-ct, whose server is started by a shell script that says when it
/// does something else.
fn measured_by(out: &Path, script: &str) -> Results {
    let binary = out.join("chat");
    let script = format!("#!/bin/sh\n{script}\nexec {} \"$@\"\n", env!("CARGO_BIN_EXE_chat"));
    fs::write(&binary, script).expect("written");
    fs::set_permissions(&binary, Permissions::from_mode(0o755)).expect("its owner");
    let [mini_ct, tokio_ct] = [Kind::MiniCt, Kind::TokioCt].map(Candidate::Runtime);
    let plan = Plan { rounds: 1, ..Plan::glance() };
    let setting = Setting { binary, candidates: vec![mini_ct, tokio_ct], workers: 1, plan };
    // On a thread of its own: it becomes the generator, and is pinned.
    let measured = thread::spawn(move || measure(&setting, &Living::default(), &mut Quiet));
    measured.join().expect("no panic").expect("the other one serves")
}

#[test]
fn a_server_that_dies_is_noted_where_its_values_would_stand() {
    let out = directory("compare-dies");
    let dies = "case \"$*\" in *mini-ct*) echo the disk is full >&2; exit 3;; esac";
    let results = measured_by(&out, dies);
    assert!(results.faults.is_empty(), "{:?}", results.faults);
    let failures = (results.failures_of("mini-ct"), results.failures_of("tokio-ct"));
    assert!(failures.0 > 0 && failures.1 == 0, "{failures:?}");
    let (mini, tokio): (Vec<_>, Vec<_>) =
        results.series.iter().partition(|series| series.candidate == "mini-ct");
    assert_eq!(mini.len(), tokio.len(), "every value has its place");
    for series in mini {
        assert_eq!(series.rounds, [None]);
        let [note] = &series.notes[..] else { panic!("one note: {:?}", series.notes) };
        assert!(note.contains("exit status: 3") && note.contains("the disk is full"), "{note}");
    }
    assert!(tokio.iter().any(|series| series.rounds[0].is_some()));
}

#[test]
fn after_a_failure_the_rest_of_a_sitting_has_a_fresh_server() {
    let out = directory("compare-goes-on");
    let count = out.join("count");
    // The second server is that of the smallest crowd: it is to talk, and then to leave.
    let once = format!(
        "case \"$*\" in *mini-ct*) echo x >>{0}; [ $(wc -l <{0}) -eq 2 ] && exit 3;; esac",
        count.display()
    );
    let results = measured_by(&out, &once);
    let [failure] = &results.failures[..] else { panic!("one: {:?}", results.failures) };
    assert_eq!((failure.candidate.as_str(), failure.round), ("mini-ct", 1));
    assert!(failure.why.contains("exit status: 3"), "{failure:?}");
    let of = |metric: Metric, connections: usize| {
        let is = |series: &&Series| {
            series.candidate == "mini-ct"
                && series.metric == metric
                && series.point.connections == connections
        };
        results.series.iter().find(is).expect("it has its place")
    };
    let lost = of(Metric::CpuPerDelivery, 10);
    assert!(lost.rounds == [None] && lost.notes.len() == 1, "{lost:?}");
    assert!(of(Metric::Shutdown, 0).rounds[0].is_some(), "a fresh one was stopped");
}

#[test]
fn ctrl_c_ends_it_and_its_server() {
    let out = directory("compare-ended");
    let mut compare = Command::new(env!("CARGO_BIN_EXE_chat"))
        .args(["compare", "--quick", "--runtimes", "mini-ct", "--out", arg(&out)])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary");
    let pid = compare.id();
    let server = loop {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("it runs for a minute");
        let children =
            tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok());
        let children = children.collect::<String>();
        if let Some(child) = children.split_whitespace().next() {
            break child.to_owned();
        }
        thread::yield_now();
    };
    let sent = Command::new("kill").args(["-s", "INT", &pid.to_string()]).status();
    assert!(sent.expect("a kill command").success());
    assert_eq!(compare.wait().expect("started here").code(), Some(130));
    assert!(!out.join("results.json").exists());
    // It was killed before that, and is gone or about to be buried.
    let state = || {
        let stat = fs::read_to_string(format!("/proc/{server}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().and_then(|rest| rest.chars().next())
    };
    let begin = Instant::now();
    while state().is_some_and(|state| state != 'Z') {
        assert!(begin.elapsed() < Duration::from_secs(30), "server {server} runs on");
        thread::yield_now();
    }
}
