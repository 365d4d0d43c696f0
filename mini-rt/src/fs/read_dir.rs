//! The entries of a directory, [`CHUNK`] for each trip to the blocking pool.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{FileType, Metadata};
use std::future::poll_fn;
use std::io;
use std::os::unix::fs::DirEntryExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures::Stream;

use super::on_the_pool;
use crate::io::lent::Lent;

/// How many entries are read in one trip: as many as make the trip's microseconds small beside
/// theirs. As in Tokio.
const CHUNK: usize = 32;

/// Reads a directory. Its entries come in no order.
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("mini-rt-doc-read-dir-{}", std::process::id()));
/// # std::fs::create_dir(&dir)?;
/// # std::fs::write(dir.join("a"), "")?;
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::fs;
///
/// let mut entries = fs::read_dir(&dir).await?;
/// while let Some(entry) = entries.next_entry().await? {
///     println!("{} {}", entry.path().display(), entry.metadata().await?.len());
/// #   assert_eq!(entry.file_name(), "a");
/// }
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of [`std::fs::read_dir`].
///
/// # Cancel safety
/// Dropping the future loses nothing.
pub async fn read_dir(path: impl AsRef<Path>) -> io::Result<ReadDir> {
    let path = path.as_ref().to_owned();
    let chunk = on_the_pool(|| {
        let mut chunk = Chunk { read: VecDeque::new(), rest: Some(std::fs::read_dir(path)?) };
        chunk.read_on();
        Ok(chunk)
    });
    Ok(ReadDir(Lent::Here(chunk.await?)))
}

/// The entries of a directory: what [`read_dir`] returns. Also a [`Stream`].
#[derive(Debug)]
#[must_use = "entries are read by who asks for them"]
pub struct ReadDir(Lent<Chunk, ()>);

#[derive(Debug, Default)]
struct Chunk {
    read: VecDeque<io::Result<DirEntry>>,
    /// `None`: there is no more.
    rest: Option<std::fs::ReadDir>,
}

impl Chunk {
    /// Reads up to [`CHUNK`] entries, or to an error.
    fn read_on(&mut self) {
        while let Some(rest) = &mut self.rest
            && self.read.len() < CHUNK
        {
            let Some(entry) = rest.next() else {
                self.rest = None;
                return;
            };
            let is_error = entry.is_err();
            self.read.push_back(entry.map(DirEntry::new));
            if is_error {
                return;
            }
        }
    }
}

impl ReadDir {
    /// Returns the next entry, or `None` at the end.
    ///
    /// # Errors
    /// Those of the system, for one entry; others may follow. If the runtime is shut down, nothing
    /// follows.
    ///
    /// # Cancel safety
    /// Dropping the future loses no entry.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub async fn next_entry(&mut self) -> io::Result<Option<DirEntry>> {
        poll_fn(|cx| self.poll_next_entry(cx)).await
    }

    /// [`next_entry`](Self::next_entry) as a poll.
    ///
    /// # Errors
    /// As `next_entry`.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn poll_next_entry(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<DirEntry>>> {
        loop {
            if let Some(chunk) = self.0.here() {
                if let Some(entry) = chunk.read.pop_front() {
                    return Poll::Ready(entry.map(Some));
                }
                if chunk.rest.is_none() {
                    return Poll::Ready(Ok(None));
                }
                self.0.lend(Chunk::read_on);
            }
            ready!(self.0.poll_back(cx))?;
        }
    }
}

impl Stream for ReadDir {
    type Item = io::Result<DirEntry>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_next_entry(cx).map(Result::transpose)
    }
}

/// An entry of a directory: what [`ReadDir::next_entry`] returns.
#[derive(Debug)]
pub struct DirEntry {
    /// Known without a call on most file systems.
    file_type: Option<FileType>,
    std: Arc<std::fs::DirEntry>,
}

impl DirEntry {
    fn new(std: std::fs::DirEntry) -> DirEntry {
        DirEntry { file_type: std.file_type().ok(), std: Arc::new(std) }
    }

    /// The path of the directory, as it was asked for, with the entry's name.
    pub fn path(&self) -> PathBuf {
        self.std.path()
    }

    /// The entry's name.
    pub fn file_name(&self) -> OsString {
        self.std.file_name()
    }

    /// What the system knows of the entry: its kind, length, times. Links are not followed.
    ///
    /// # Errors
    /// Those of [`std::fs::DirEntry::metadata`].
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        let std = Arc::clone(&self.std);
        on_the_pool(move || std.metadata()).await
    }

    /// Its kind. Links are not followed. Mostly known already.
    ///
    /// # Errors
    /// Those of [`std::fs::DirEntry::file_type`].
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn file_type(&self) -> io::Result<FileType> {
        if let Some(file_type) = self.file_type {
            return Ok(file_type);
        }
        let std = Arc::clone(&self.std);
        on_the_pool(move || std.file_type()).await
    }

    /// Its number in the file system.
    pub fn ino(&self) -> u64 {
        self.std.ino()
    }
}
