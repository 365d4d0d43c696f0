//! Guards that cancel when they are dropped.

use super::CancellationToken;

/// Cancels a token when it is dropped. See [`CancellationToken::drop_guard`].
#[must_use = "the token is cancelled when this is dropped"]
#[derive(Debug)]
pub struct DropGuard {
    /// `None`: disarmed.
    token: Option<CancellationToken>,
}

impl DropGuard {
    pub(super) fn new(token: CancellationToken) -> Self {
        Self { token: Some(token) }
    }

    /// The token that this is of.
    #[must_use]
    pub fn token(&self) -> &CancellationToken {
        self.token.as_ref().expect("a guard that is disarmed is gone")
    }

    /// Returns the token, which this does not cancel any more.
    #[must_use]
    pub fn disarm(mut self) -> CancellationToken {
        self.token.take().expect("a guard that is disarmed is gone")
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            token.cancel();
        }
    }
}

/// Cancels a token when it is dropped, and borrows it. See [`CancellationToken::drop_guard_ref`].
#[must_use = "the token is cancelled when this is dropped"]
#[derive(Debug)]
pub struct DropGuardRef<'a> {
    /// `None`: disarmed.
    token: Option<&'a CancellationToken>,
}

impl<'a> DropGuardRef<'a> {
    pub(super) fn new(token: &'a CancellationToken) -> Self {
        Self { token: Some(token) }
    }

    /// The token that this is of.
    #[must_use]
    pub fn token(&self) -> &CancellationToken {
        self.token.expect("a guard that is disarmed is gone")
    }

    /// Returns the token, which this does not cancel any more.
    pub fn disarm(mut self) -> &'a CancellationToken {
        self.token.take().expect("a guard that is disarmed is gone")
    }
}

impl Drop for DropGuardRef<'_> {
    fn drop(&mut self) {
        if let Some(token) = self.token {
            token.cancel();
        }
    }
}
