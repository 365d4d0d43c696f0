//! The `chat` binary: flags in, exit codes out.
//!
//! | exit code | when |
//! |---|---|
//! | 0 | it was told to stop, and has shut down |
//! | 1 | it could not start; what to do is on stderr |
//! | 2 | the flags are wrong |
//! | 130, 143 | a second Ctrl-C or SIGTERM came: it ended at once, clients were cut off |

#![forbid(unsafe_code)]

mod heap;
mod serve;
mod signals;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let Command::Serve(serve) = cli.command.unwrap_or(Command::Serve(cli.serve));
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info"))
        .format(|out, record| {
            use std::io::Write;
            writeln!(out, "{}: {}", record.level().as_str().to_lowercase(), record.args())
        })
        .init();
    match serve.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat: {error:#}");
            ExitCode::FAILURE
        }
    }
}
