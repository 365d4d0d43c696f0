//! Hands on what only the build knows: the compiler and the flags. `conditions` tells them.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let set = |name: &str| env::var(name).unwrap_or_default();
    let version = Command::new(set("RUSTC")).arg("--version").output();
    let version = version.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    println!("cargo::rustc-env=CHAT_RUSTC={}", version.unwrap_or_default());
    println!("cargo::rustc-env=CHAT_PROFILE={}", set("PROFILE"));
    println!("cargo::rustc-env=CHAT_OPT_LEVEL={}", set("OPT_LEVEL"));
    let flags = set("CARGO_ENCODED_RUSTFLAGS").replace('\u{1f}', " ");
    println!("cargo::rustc-env=CHAT_RUSTFLAGS={flags}");
}
