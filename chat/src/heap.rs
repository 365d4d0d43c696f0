//! How many bytes of heap does a running server hold? It says so when it is asked, on stdin.
//!
//! Who asks: a comparison, which holds the other ends of the pipes.

use std::io::{self, Write};
use std::thread;

/// Answers each line on stdin with `heap N` on stdout, N in bytes, until stdin ends.
///
/// # Errors
/// When the thread cannot be had.
pub(crate) fn report() -> io::Result<()> {
    let answer = || {
        for line in io::stdin().lines() {
            let said = writeln!(io::stdout(), "heap {}", live_heap::live_bytes());
            if line.is_err() || said.is_err() {
                break;
            }
        }
    };
    thread::Builder::new().name("chat-heap".into()).spawn(answer).map(drop)
}
