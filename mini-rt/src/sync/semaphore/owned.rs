//! Permits that keep their [`Semaphore`] alive.

use super::{AcquireError, OwnedSemaphorePermit, Permit, Semaphore, TryAcquireError};
use crate::block_on::block_on_outside;
use std::sync::Arc;

impl Semaphore {
    /// [`acquire`](Self::acquire), for a permit that keeps the semaphore alive, and can be sent to
    /// another task.
    ///
    /// # Errors
    /// If the semaphore is closed, now or while this waits.
    ///
    /// # Cancel safety
    /// As [`acquire`](Self::acquire).
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Runtime::new()?;
    /// # runtime.block_on(async {
    /// use mini_rt::sync::Semaphore;
    /// use std::sync::Arc;
    ///
    /// let limit = Arc::new(Semaphore::new(2));
    /// // Waits here, before there is a task that would wait.
    /// let permit = Arc::clone(&limit).acquire_owned().await.expect("never closed");
    /// let task = mini_rt::spawn(async move { permit.num_permits() });
    /// assert_eq!(task.await.expect("no panic"), 1);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.acquire_many_owned(1).await
    }

    /// [`acquire_many`](Self::acquire_many), for a permit that keeps the semaphore alive.
    ///
    /// # Errors
    /// If the semaphore is closed, now or while this waits.
    ///
    /// # Cancel safety
    /// As [`acquire_many`](Self::acquire_many).
    pub async fn acquire_many_owned(
        self: Arc<Self>,
        permits: u32,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.wait_for(permits).await?;
        Ok(OwnedSemaphorePermit(Permit::new(self, permits)))
    }

    /// [`try_acquire`](Self::try_acquire), for a permit that keeps the semaphore alive.
    ///
    /// # Errors
    /// If the semaphore is closed, or has no permit now.
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// [`try_acquire_many`](Self::try_acquire_many), for a permit that keeps the semaphore alive.
    ///
    /// # Errors
    /// If the semaphore is closed, or has fewer now.
    pub fn try_acquire_many_owned(
        self: Arc<Self>,
        permits: u32,
    ) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_take(permits)?;
        Ok(OwnedSemaphorePermit(Permit::new(self, permits)))
    }

    /// [`acquire_owned`](Self::acquire_owned) for a thread that may block.
    ///
    /// # Errors
    /// If the semaphore is closed, now or while this waits.
    ///
    /// # Panics
    /// If this thread runs tasks.
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        block_on_outside(self.acquire_owned())
    }

    /// [`acquire_many_owned`](Self::acquire_many_owned) for a thread that may block.
    ///
    /// # Errors
    /// If the semaphore is closed, now or while this waits.
    ///
    /// # Panics
    /// If this thread runs tasks.
    #[track_caller]
    pub fn blocking_acquire_many_owned(
        self: Arc<Self>,
        permits: u32,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        block_on_outside(self.acquire_many_owned(permits))
    }
}
