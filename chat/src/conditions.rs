//! Under which conditions was something measured? What a reader needs to judge a number, or to
//! repeat it.
//!
//! 1. Nothing here fails: what cannot be found out is told as [`UNKNOWN`].
//! 2. What the build decided (compiler, flags, versions) is from the build; the rest is from the
//!    machine, now. The commit is that of the sources' directory now, so it is that of the build if
//!    `cargo` has just built it, as `cargo run` does.

use std::fs;
use std::process::Command;
use std::thread;

/// What is told in place of what cannot be found out.
pub(crate) const UNKNOWN: &str = "unknown";

const MANIFEST: &str = include_str!("../../Cargo.toml");
const LOCK: &str = include_str!("../../Cargo.lock");

/// What was the same for all that was measured: name and value, in the order to show. It runs `git`
/// and `date`, and reads files of the system: some milliseconds.
pub fn conditions() -> Vec<(String, String)> {
    let conditions = [
        ("date", today()),
        ("commit", commit()),
        ("compiler", known(env!("CHAT_RUSTC"))),
        ("profile", profile()),
        ("mini-rt", known(env!("CARGO_PKG_VERSION"))), // the workspace's
        ("tokio", locked(LOCK, "tokio")),
        ("mio", locked(LOCK, "mio")),
        ("allocator", "the system's, for all".to_owned()),
        ("kernel", system("/proc/sys/kernel/osrelease")),
        ("processor", processor(&read("/proc/cpuinfo"))),
        ("cores", thread::available_parallelism().map_or_else(|_| known(""), |n| n.to_string())),
        ("governor", system("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
        ("machine", machine(&read("/proc/cpuinfo")).to_owned()),
        ("memory", field(&read("/proc/meminfo"), "MemTotal")),
        ("clock", system("/sys/devices/system/clocksource/clocksource0/current_clocksource")),
        ("open files", files()),
        ("backlog", system("/proc/sys/net/core/somaxconn")),
    ];
    conditions.map(|(name, value)| (name.to_owned(), value)).into()
}

/// The day, in UTC: `2026-01-31`.
fn today() -> String {
    let said = Command::new("date").args(["-u", "+%F"]).output();
    known(
        said.map_or_else(|_| String::new(), |said| String::from_utf8_lossy(&said.stdout).into())
            .trim(),
    )
}

/// The commit of the sources, and whether they differ from it. What stands in documents and their
/// pictures makes no difference: a comparison may have written its result into one.
fn commit() -> String {
    let git = |args: &[&str]| {
        Command::new("git").args(["-C", env!("CARGO_MANIFEST_DIR")]).args(args).output().ok()
    };
    let head = git(&["rev-parse", "--short", "HEAD"]).filter(|said| said.status.success());
    let Some(head) = head else { return known("") };
    let head = String::from_utf8_lossy(&head.stdout).trim().to_owned();
    let same =
        git(&["diff", "--quiet", "HEAD", "--", ":/", ":(exclude,top)*.md", ":(exclude,top)*.svg"]);
    if same.is_some_and(|said| said.status.success()) { head } else { head + ", modified" }
}

/// What the compiler was told.
fn profile() -> String {
    let flags = match env!("CHAT_RUSTFLAGS") {
        "" => "no RUSTFLAGS".to_owned(),
        flags => format!("RUSTFLAGS {flags}"),
    };
    let (profile, opt_level) = (env!("CHAT_PROFILE"), env!("CHAT_OPT_LEVEL"));
    if profile != "release" {
        return format!("{profile}, not for measuring; opt-level {opt_level}, {flags}");
    }
    let set = |name| setting(MANIFEST, "[profile.release]", name);
    let (lto, units, panic) = (set("lto"), set("codegen-units"), set("panic"));
    format!(
        "{profile}: opt-level {opt_level}, lto {lto}, codegen-units {units}, panic {panic}, {flags}"
    )
}

/// A setting in a table of a manifest, without its quotes.
fn setting(manifest: &str, table: &str, name: &str) -> String {
    let lines = manifest.lines().skip_while(|line| *line != table).skip(1);
    let mut lines = lines.take_while(|line| !line.starts_with('['));
    let value = lines.find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('='));
    known(value.unwrap_or("").trim().trim_matches('"'))
}

/// Which version of a package is built, or which, if there are several.
fn locked(lock: &str, package: &str) -> String {
    let name = format!("name = \"{package}\"");
    let mut versions = Vec::new();
    let mut lines = lock.lines();
    while lines.by_ref().any(|line| line == name) {
        let version = lines.next().and_then(|line| line.strip_prefix("version = "));
        versions.extend(version.map(|version| version.trim_matches('"')));
    }
    known(&versions.join(", "))
}

/// What the processor calls itself.
fn processor(cpuinfo: &str) -> String {
    field(cpuinfo, "model name")
}

/// Whether this is a machine, as far as its processor tells.
fn machine(cpuinfo: &str) -> &'static str {
    let flags = field(cpuinfo, "flags");
    match flags.as_str() {
        UNKNOWN => UNKNOWN,
        flags if flags.split(' ').any(|flag| flag == "hypervisor") => "virtual",
        _ => "no hypervisor seen",
    }
}

fn files() -> String {
    rlimit::Resource::NOFILE.get().map_or_else(
        |_| known(""),
        |(soft, hard)| format!("at most {hard}, {soft} before the limit is raised"),
    )
}

/// The value of the first line `name : value`.
fn field(text: &str, name: &str) -> String {
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    let value = fields.find(|(found, _)| found.trim() == name);
    known(value.map_or("", |(_, value)| value.trim()))
}

/// What stands in a file of the system's.
fn system(path: &str) -> String {
    known(read(path).trim())
}

/// The whole file, or nothing.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn known(value: &str) -> String {
    if value.is_empty() { UNKNOWN.to_owned() } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_build_decided_is_known() {
        let conditions = conditions();
        let told = |name: &str| {
            let found = conditions.iter().find(|(found, _)| found == name);
            found.unwrap_or_else(|| panic!("{name} is told")).1.as_str()
        };
        assert!(told("compiler").starts_with("rustc 1."), "{}", told("compiler"));
        for package in ["mini-rt", "tokio", "mio"] {
            assert!(told(package).split('.').count() == 3, "one version: {}", told(package));
        }
        let day = told("date");
        assert!(day.starts_with("20") && day.len() == "2026-01-31".len(), "{day}");
        assert_eq!(setting(MANIFEST, "[profile.release]", "lto"), "thin");
        assert_eq!(setting(MANIFEST, "[profile.release]", "panic"), "unwind");
        assert_eq!(setting(MANIFEST, "[profile.release]", "no-such"), UNKNOWN);
        assert!(told("cores").parse::<usize>().is_ok_and(|cores| cores > 0));
    }

    #[test]
    fn a_lock_file_tells_all_versions_of_a_package() {
        let lock = "[[package]]\nname = \"mio\"\nversion = \"1.2.4\"\nsource = \"x\"\n\n\
                    [[package]]\nname = \"mio-more\"\nversion = \"7.0.0\"\n\n\
                    [[package]]\nname = \"mio\"\nversion = \"2.0.0\"\n";
        assert_eq!(locked(lock, "mio"), "1.2.4, 2.0.0");
        assert_eq!(locked(lock, "tokio"), UNKNOWN);
    }

    #[test]
    fn a_virtual_machine_is_told_from_one_that_is_not_known() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Fast One\nflags\t\t: fpu hypervisor sse\n";
        assert_eq!(processor(cpuinfo), "Fast One");
        assert_eq!(machine(cpuinfo), "virtual");
        assert_eq!(machine("flags : fpu nohypervisor"), "no hypervisor seen");
        assert_eq!(machine(""), UNKNOWN);
    }
}
