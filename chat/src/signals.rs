//! Ctrl-C and SIGTERM, the same on every runtime: a thread that waits for them.

use std::io;
use std::process;
use std::thread;

use chat::server::Stop;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::signal_name;

/// The first signal stops the server in good order; the second ends the process at once, with 128
/// and the signal's number as the exit code, which is what a shell reports of a killed process.
///
/// # Errors
/// When the handlers or the thread cannot be had.
pub(crate) fn stop_on_signals(stop: Stop) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let wait = move || {
        for signal in signals.forever() {
            let name = signal_name(signal).unwrap_or("a signal");
            if stop.is_stopped() {
                log::warn!("{name} again: ending at once");
                process::exit(128 + signal);
            }
            log::info!("{name}: stopping; once more ends it at once");
            stop.stop("Server shutting down");
        }
    };
    thread::Builder::new().name("chat-signals".into()).spawn(wait)?;
    Ok(())
}
