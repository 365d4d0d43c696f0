//! The `chat` binary: flags in, exit codes out.
//!
//! | exit code | when |
//! |---|---|
//! | 0 | it was told to stop, and has shut down; or it has done what it was asked for |
//! | 1 | it could not start, or do it; what to do is on stderr |
//! | 1 | `compare`: messages were lost or garbled, or the other run does not agree |
//! | 2 | the flags are wrong |
//! | 3 | `load`: messages were lost, duplicated, reordered or changed |
//! | 4 | `load`: it was itself the bottleneck, so that it tells no figures |
//! | 130, 143 | a second Ctrl-C or SIGTERM came: it ended at once, clients were cut off; `compare` ends
//! at the first, and its servers with it |

#![forbid(unsafe_code)]

mod compare_cli;
mod heap;
mod load_cli;
mod serve;
mod signals;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::compare_cli::Compare;
use crate::load_cli::LoadArgs;
use crate::serve::Serve;

/// The same for every candidate; it counts nothing unless `--report-heap` is given.
#[global_allocator]
static HEAP: live_heap::LiveHeap = live_heap::LiveHeap;

/// An IRC server, on mini-rt or on Tokio. Without a command it serves.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Plain `chat` is `chat serve`.
    #[command(flatten)]
    serve: Serve,
}

/// What it can do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until Ctrl-C or SIGTERM.
    Serve(Serve),
    /// Loads an IRC server with many who talk, checks every message, and reports.
    Load(LoadArgs),
    /// Measures the same server on each runtime, and says which is better at what.
    Compare(Compare),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let command = cli.command.unwrap_or(Command::Serve(cli.serve));
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info"))
        .format(|out, record| {
            use std::io::Write;
            writeln!(out, "{}: {}", record.level().as_str().to_lowercase(), record.args())
        })
        .init();
    let done = match command {
        Command::Serve(serve) => serve.run().map(|()| ExitCode::SUCCESS),
        Command::Load(load) => load.run(),
        Command::Compare(compare) => compare.run().map(|()| ExitCode::SUCCESS),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("chat: {error:#}");
            ExitCode::FAILURE
        }
    }
}
