//! How is a file read and written by a task?
//!
//! By calls on the blocking pool, one after the other, as there is one cursor: see [`cursor`].

mod cursor;
mod traits;

use std::fs::{File as StdFile, Metadata, Permissions};
use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::{FileTimes, OpenOptions, on_the_pool};
use crate::io::buf;
use crate::sync::{Mutex, MutexGuard};
use crate::task::yield_now;
use cursor::Cursor;

/// An open file, read and written by the traits of `futures::io`.
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("mini-rt-doc-file-{}", std::process::id()));
/// # std::fs::create_dir(&dir)?;
/// # let path = dir.join("notes");
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use futures::io::{AsyncReadExt, AsyncWriteExt};
/// use mini_rt::fs::File;
///
/// let mut file = File::create(&path).await?;
/// file.write_all(b"to be written").await?;
/// file.flush().await?; // it has been, or this says why not
///
/// let mut text = String::new();
/// File::open(&path).await?.read_to_string(&mut text).await?;
/// assert_eq!(text, "to be written");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Each operation is a call on the blocking pool, of at most
/// [`max_buf_size`](Self::max_buf_size) bytes: put a `futures::io::BufReader` or `BufWriter` around
/// it for many small ones.
///
/// **A write is done when its bytes are copied, not when they are in the file.** The next operation
/// waits for it. If it fails, the next write or flush says so. Dropping the file does not wait for
/// it, nor does it cancel it, and nobody learns whether it failed: so end with `flush` (or `close`).
/// The shutdown of the runtime runs such a write to its end. In the file is not on the disk: for
/// that there is [`sync_all`](Self::sync_all).
///
/// # Cancel safety
/// A future of a read or write that is dropped before it completes has read or written nothing, as
/// far as the next operation can tell. (A `write_all` may have written a part.) The future of a seek
/// may have moved the cursor; a seek to the same place that follows is taken for the same one, which
/// makes a difference for [`SeekFrom::Current`](io::SeekFrom::Current).
///
/// # Panics
/// Outside of a runtime its operations panic.
pub struct File {
    /// Shared with the calls that are under way.
    std: Arc<StdFile>,
    cursor: Mutex<Cursor>,
    max_buf_size: usize,
}

impl File {
    /// Opens a file to read it.
    ///
    /// # Errors
    /// Those of [`std::fs::File::open`].
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn open(path: impl AsRef<Path>) -> io::Result<File> {
        File::options().read(true).open(path).await
    }

    /// Opens a file to write it: makes it, or removes what it has.
    ///
    /// # Errors
    /// Those of [`std::fs::File::create`].
    ///
    /// # Cancel safety
    /// Dropping the future does not end a call that has begun: see the [module](super).
    pub async fn create(path: impl AsRef<Path>) -> io::Result<File> {
        File::options().write(true).create(true).truncate(true).open(path).await
    }

    /// Makes a file, to read and write it.
    ///
    /// # Errors
    /// Those of [`std::fs::File::create_new`]: `AlreadyExists` if there is one.
    ///
    /// # Cancel safety
    /// Dropping the future does not end a call that has begun: see the [module](super).
    pub async fn create_new(path: impl AsRef<Path>) -> io::Result<File> {
        File::options().read(true).write(true).create_new(true).open(path).await
    }

    /// Options to open a file with, as [`OpenOptions::new`].
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }

    /// Takes a file of the standard library.
    pub fn from_std(std: StdFile) -> File {
        let cursor = Mutex::new(Cursor::default());
        File { std: Arc::new(std), cursor, max_buf_size: buf::MAX_BYTES }
    }

    /// Waits until what was written is on the disk, with the file's metadata.
    ///
    /// # Errors
    /// Those of the system. Not that of a write that has failed: the next write or flush tells of it.
    ///
    /// # Cancel safety
    /// Dropping the future does not end a call that has begun: see the [module](super).
    pub async fn sync_all(&self) -> io::Result<()> {
        let _row = self.idle().await;
        self.call(StdFile::sync_all).await
    }

    /// Waits until what was written is on the disk; of its metadata, what is needed to read it.
    ///
    /// # Errors
    /// As [`sync_all`](Self::sync_all).
    ///
    /// # Cancel safety
    /// Dropping the future does not end a call that has begun: see the [module](super).
    pub async fn sync_data(&self) -> io::Result<()> {
        let _row = self.idle().await;
        self.call(StdFile::sync_data).await
    }

    /// Cuts the file, or lengthens it with zeros, to `size` bytes. The cursor stays, even if that is
    /// past the end.
    ///
    /// # Errors
    /// Those of the system: that the file is not open for writing.
    ///
    /// # Cancel safety
    /// Dropping the future does not end a call that has begun: see the [module](super).
    pub async fn set_len(&self, size: u64) -> io::Result<()> {
        let mut row = self.idle().await;
        row.set_len(&self.std, size);
        poll_fn(|cx| row.poll_len_set(cx)).await
    }

    /// What the system knows of the file. Does not wait for a write under way.
    ///
    /// # Errors
    /// Those of the system.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        self.call(StdFile::metadata).await
    }

    /// Another [`File`] for the same open file: they share one cursor, but not what one has read and
    /// not taken.
    ///
    /// # Errors
    /// Those of the system, if it gives no descriptor.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn try_clone(&self) -> io::Result<File> {
        drop(self.idle().await);
        let mut file = File::from_std(self.call(StdFile::try_clone).await?);
        file.max_buf_size = self.max_buf_size;
        Ok(file)
    }

    /// Waits for what is under way, and returns the file of the standard library. What a dropped
    /// read has read is lost, as is the error of a write: flush first.
    ///
    /// # Cancel safety
    /// Dropping the future drops the file.
    pub async fn into_std(mut self) -> StdFile {
        poll_fn(|cx| self.cursor.get_mut().poll_idle(cx)).await;
        loop {
            match self.try_into_std() {
                Ok(file) => return file,
                // A call that nobody waits for, such as that of a dropped `metadata`, has it yet.
                Err(file) => self = file,
            }
            yield_now().await;
        }
    }

    /// Returns the file of the standard library, if nothing is under way.
    ///
    /// # Errors
    /// If something is; with this file.
    #[allow(clippy::result_large_err, reason = "it is what was handed in")]
    pub fn try_into_std(mut self) -> Result<StdFile, File> {
        match Arc::try_unwrap(self.std) {
            Ok(file) => Ok(file),
            Err(shared) => {
                self.std = shared;
                Err(self)
            }
        }
    }

    /// Changes who may do what with the file.
    ///
    /// # Errors
    /// Those of the system.
    ///
    /// # Cancel safety
    /// Dropping the future does not end a call that has begun: see the [module](super).
    pub async fn set_permissions(&self, permissions: Permissions) -> io::Result<()> {
        self.call(|file| file.set_permissions(permissions)).await
    }

    /// Changes the times of the last access and change, after what is under way has ended.
    ///
    /// # Errors
    /// Those of the system.
    ///
    /// # Cancel safety
    /// Dropping the future does not end a call that has begun: see the [module](super).
    pub async fn set_times(&self, times: FileTimes) -> io::Result<()> {
        drop(self.idle().await);
        self.call(move |file| file.set_times(times)).await
    }

    /// [`set_times`](Self::set_times) for that of the last change alone.
    ///
    /// # Errors
    /// Those of the system.
    ///
    /// # Cancel safety
    /// Dropping the future does not end a call that has begun: see the [module](super).
    pub async fn set_modified(&self, time: SystemTime) -> io::Result<()> {
        self.set_times(FileTimes::new().set_modified(time)).await
    }

    /// How many bytes one read or write moves at most, from now on; 2 MiB without this.
    ///
    /// # Panics
    /// If it is zero.
    #[track_caller]
    pub fn set_max_buf_size(&mut self, max_buf_size: usize) {
        assert!(max_buf_size > 0, "a file reads and writes at least one byte at a time");
        self.max_buf_size = max_buf_size;
    }

    /// How many bytes one read or write moves at most.
    pub fn max_buf_size(&self) -> usize {
        self.max_buf_size
    }

    /// Waits until nothing is under way, and keeps others from beginning something.
    async fn idle(&self) -> MutexGuard<'_, Cursor> {
        let mut cursor = self.cursor.lock().await;
        poll_fn(|cx| cursor.poll_idle(cx)).await;
        cursor
    }

    /// A call that does not need the cursor.
    async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&StdFile) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let file = Arc::clone(&self.std);
        on_the_pool(move || call(&file)).await
    }
}
