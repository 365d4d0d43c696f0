//! What a wait can end with, other than its result.

use std::{fmt, io};

/// The deadline of a [`timeout`](super::timeout()) came before the future's end.
///
/// Converts into an [`io::Error`] of kind [`TimedOut`](io::ErrorKind::TimedOut), so that `?` does
/// in a function that does I/O.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use std::io;
/// use mini_rt::time::{Duration, timeout};
///
/// async fn greet() -> io::Result<()> {
///     let line = std::future::pending::<io::Result<()>>();
///     timeout(Duration::from_millis(5), line).await?
/// }
/// assert_eq!(greet().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Elapsed(pub(super) ());

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadline has elapsed")
    }
}

impl std::error::Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(_: Elapsed) -> Self {
        io::ErrorKind::TimedOut.into()
    }
}
