//! Does every command that README.md and ARCHITECTURE.md name exist, with its flags?
//!
//! Programs are asked for their `--help`; links are looked for on disk. What a command does is not
//! run here: the README's own commands are what CI runs, and what people look at.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process;
use std::{env, fs};

use tests::docs::{Command, flags_of};

const DOCUMENTS: [&str; 2] = ["README.md", "ARCHITECTURE.md"];

/// Of Criterion's flags, those that a document may name. A bench is built by `cargo bench` only,
/// after the tests, so it cannot be asked here.
const CRITERION_FLAGS: [&str; 4] = ["--quick", "--save-baseline", "--baseline", "--list"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// A program that the same `cargo test` has built: this one is `target/debug/deps/docs-...`.
fn built(name: &str) -> PathBuf {
    let this = env::current_exe().expect("a path");
    let dir = this.ancestors().nth(2).expect("a directory of the profile");
    let path = dir.join(name).with_extension(env::consts::EXE_EXTENSION);
    assert!(path.exists(), "{} is not there: plain `cargo test` builds it", path.display());
    path
}

/// What `program args.. --help` prints.
fn help(program: &Path, args: &[&str]) -> Result<String, String> {
    let output = process::Command::new(program).args(args).arg("--help").output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.success() {
        true => Ok(text),
        false => Err(format!("{args:?} is refused: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// Fails with the first flag of `command` that `known` has not.
fn all_known(command: &Command, known: &BTreeSet<String>) -> Result<(), String> {
    match command.flags().find(|flag| !known.contains(*flag)) {
        Some(flag) => Err(format!("there is no flag {flag}")),
        None => Ok(()),
    }
}

/// A command of the `chat` binary, its name left out.
fn check_chat(command: &Command) -> Result<(), String> {
    let name = command.0.first().filter(|word| !word.starts_with('-'));
    let args: Vec<&str> = name.map(String::as_str).into_iter().collect();
    all_known(command, &flags_of(&help(&built("chat"), &args)?))
}

/// Any flag of any command of `chat`, and of the summary.
fn check_flag(command: &Command) -> Result<(), String> {
    let chat = built("chat");
    let overview = help(&chat, &[])?;
    let mut known = flags_of(&overview);
    let commands = overview.split("Commands:").nth(1).expect("a list of commands");
    let names = commands.lines().skip(1).map_while(|line| line.split_whitespace().next());
    for name in names.filter(|name| *name != "help") {
        known.extend(flags_of(&help(&chat, &[name])?));
    }
    known.extend(flags_of(&help(&built("examples/summary"), &[])?));
    known.extend(CRITERION_FLAGS.map(str::to_owned));
    all_known(command, &known)
}

/// A command of cargo: its own flags, the package and target that it names, and what comes after
/// `--` for the program that it runs.
fn check_cargo(command: &Command) -> Result<(), String> {
    let (cargo, program) = command.parts();
    let name = cargo.0.get(1).map(String::as_str).unwrap_or_default();
    let name = name.strip_prefix('+').map_or(name, |_| &cargo.0[2]);
    let own = process::Command::new(env!("CARGO")).args([name, "--help"]).output();
    let own = own.map_err(|error| error.to_string())?;
    if name == "miri" {
        return Ok(()); // a component of a nightly toolchain, which this one has not
    }
    if !own.status.success() {
        return Err(format!("cargo has no command {name}"));
    }
    all_known(&cargo, &flags_of(&String::from_utf8_lossy(&own.stdout)))?;
    if let Some(package) = cargo.value("-p").filter(|name| !root().join(name).is_dir()) {
        return Err(format!("there is no package {package}"));
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    if let Some(profile) = cargo.value("--profile")
        && !manifest.contains(&format!("[profile.{profile}]"))
    {
        return Err(format!("there is no profile {profile}"));
    }
    match (name, cargo.value("--example"), cargo.value("-p")) {
        // The runtime's own take an address at most, and no flag.
        ("run", Some(example), Some("mini-rt")) => {
            let path = root().join("mini-rt/examples").join(example).with_extension("rs");
            path.exists().then_some(()).ok_or(format!("there is no example {example}"))
        }
        ("run", Some(example), _) => {
            let known = flags_of(&help(&built(&format!("examples/{example}")), &[])?);
            all_known(&program, &known)
        }
        ("run", None, None | Some("chat")) => check_chat(&program),
        ("bench", ..) => {
            let benches = root().join("benches/benches");
            match cargo
                .value("--bench")
                .filter(|name| !benches.join(name).with_extension("rs").exists())
                .filter(|name| !benches.join(name).join("main.rs").exists())
            {
                Some(bench) => Err(format!("there is no bench {bench}")),
                None => all_known(&program, &CRITERION_FLAGS.map(str::to_owned).into()),
            }
        }
        _ => Ok(()),
    }
}

fn check(command: &Command) -> Result<(), String> {
    match command.0[0].as_str() {
        "cargo" => check_cargo(command),
        "chat" => check_chat(&Command(command.0[1..].to_vec())),
        ".ci/run" => root().join(".ci/run").exists().then_some(()).ok_or("not there".into()),
        _ => check_flag(command),
    }
}

#[test]
fn every_command_and_flag_that_a_document_names_exists() {
    for name in DOCUMENTS {
        let text = fs::read_to_string(root().join(name)).expect("a document");
        let commands = Command::all_in(&text);
        assert!(commands.len() > 1, "{name} names hardly a command: are they found?");
        for command in commands {
            if let Err(why) = check(&command) {
                panic!(
                    "{name}: `{}`: {why} (asked were the programs that plain `cargo test` builds)",
                    command.0.join(" ")
                );
            }
        }
    }
}

#[test]
fn what_does_not_exist_is_found() {
    for (line, why) in [
        ("cargo run --release -- serve --runtim mini", "no flag --runtim"),
        ("cargo run --release -- sing", "refused"),
        ("cargo run --release -p benches --example summary -- --inot x", "no flag --inot"),
        ("cargo bench -- --quik", "no flag --quik"),
        ("cargo bench --bench tcp_eco", "no bench tcp_eco"),
        ("cargo test -p mini-art", "no package mini-art"),
        ("cargo test --profile modell", "no profile modell"),
        ("cargo bake", "no command bake"),
        ("chat serve --listn x", "no flag --listn"),
        ("--no-such-flag", "no flag --no-such-flag"),
    ] {
        let command = Command(line.split(' ').map(str::to_owned).collect());
        let found = check(&command).expect_err(line);
        assert!(found.contains(why), "{line}: {found}");
    }
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    for name in DOCUMENTS {
        let text = fs::read_to_string(root().join(name)).expect("a document");
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let files: Vec<&str> = targets.filter(|target| !target.contains("://")).collect();
        assert!(!files.is_empty(), "{name} links to no file: are they found?");
        for file in files {
            let path = file.split('#').next().expect("never empty");
            assert!(root().join(path).exists(), "{name} links to {file}");
        }
    }
}
