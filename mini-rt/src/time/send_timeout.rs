//! A send with a limit of time: here and not in `sync`, which knows no runtime.

use super::{Duration, timeout};
use crate::sync::mpsc::Sender;
use crate::sync::mpsc::error::SendTimeoutError;

impl<T> Sender<T> {
    /// Sends a value, if there is room in time. In a runtime of this crate.
    ///
    /// # Errors
    /// The value: [`SendTimeoutError::Timeout`] if there was no room in time, or
    /// [`SendTimeoutError::Closed`] if the receiver was dropped or closed.
    ///
    /// # Panics
    /// If this thread is in no runtime.
    ///
    /// # Cancel safety
    /// As [`send`](Self::send).
    ///
    /// ```
    /// # mini_rt::runtime::Runtime::new()?.block_on(async {
    /// use mini_rt::sync::mpsc::{self, error::SendTimeoutError};
    /// use mini_rt::time::Duration;
    ///
    /// let (sender, _receiver) = mpsc::channel(1);
    /// let limit = Duration::from_millis(1);
    /// assert_eq!(sender.send_timeout("first", limit).await, Ok(()));
    /// let full = sender.send_timeout("second", limit).await;
    /// assert_eq!(full, Err(SendTimeoutError::Timeout("second")));
    /// # });
    /// # std::io::Result::Ok(())
    /// ```
    pub async fn send_timeout(&self, value: T, limit: Duration) -> Result<(), SendTimeoutError<T>> {
        match timeout(limit, self.reserve()).await {
            Ok(Ok(permit)) => {
                permit.send(value);
                Ok(())
            }
            Ok(Err(_)) => Err(SendTimeoutError::Closed(value)),
            Err(_) => Err(SendTimeoutError::Timeout(value)),
        }
    }
}
