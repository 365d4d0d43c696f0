//! Files, by calls of `std` on the blocking pool.
//!
//! A file is always ready for the system's event queue, and blocks all the same: so each of these
//! hands a call of [`std::fs`] to a thread that may block, and waits for it. That costs two
//! hand-overs between threads, some microseconds each: do few large operations rather than many
//! small ones, and where there are many in a row, all of them inside one
//! [`spawn_blocking`].
//!
//! 1. A call that has begun goes on to its end, whether or not the future that waits for it is
//!    dropped, and its effect stays. Dropping the future before its first poll does nothing; after
//!    it, the call may or may not happen.
//! 2. When the runtime is shut down, a call that no thread has begun fails, and does nothing.
//!
//! # Panics
//! Each of them panics when it is awaited outside of a runtime.

mod file;
mod options;
mod read_dir;

use std::fs::{Metadata, Permissions};
use std::io;
use std::path::{Path, PathBuf};

pub use file::File;
pub use options::{DirBuilder, OpenOptions};
pub use read_dir::{DirEntry, ReadDir, read_dir};
#[doc(no_inline)]
pub use std::fs::FileTimes;

use crate::runtime::spawn_blocking;

/// Does `call` on the blocking pool.
async fn on_the_pool<T: Send + 'static>(
    call: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(call).await.map_err(io::Error::other)?
}

/// Writes a whole file: makes it, or replaces what it has.
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("mini-rt-doc-write-{}", std::process::id()));
/// # std::fs::create_dir(&dir)?;
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::fs;
///
/// fs::write(dir.join("greeting"), "hello").await?;
/// assert_eq!(fs::read_to_string(dir.join("greeting")).await?, "hello");
/// fs::remove_dir_all(dir).await?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Takes a copy of the contents to the pool, owned or not. (Tokio takes what is owned as it is, by
/// a cast of types that safe code has not.)
///
/// # Errors
/// Those of [`std::fs::write`].
///
/// # Cancel safety
/// Dropping the future does not end a write that has begun: see the [module](self).
pub async fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> io::Result<()> {
    let (path, contents) = (path.as_ref().to_owned(), contents.as_ref().to_vec());
    on_the_pool(move || std::fs::write(path, contents)).await
}

/// Functions that do with paths what those of the same name in `std` do.
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($($path:ident),+) -> $value:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        #[doc = concat!("Those of [`std::fs::", stringify!($name), "`].")]
        ///
        /// # Cancel safety
        /// Dropping the future does not end a call that has begun: see the [module](self).
        pub async fn $name($($path: impl AsRef<Path>),+) -> io::Result<$value> {
            $(let $path = $path.as_ref().to_owned();)+
            on_the_pool(move || std::fs::$name($($path),+)).await
        }
    )*};
}

calls! {
    /// Reads a whole file.
    read(path) -> Vec<u8>;
    /// Reads a whole file of UTF-8.
    read_to_string(path) -> String;
    /// Copies a file with its permissions, over another if there is one. Returns its length.
    copy(from, to) -> u64;
    /// Renames a file or directory, over another if there is one.
    rename(from, to) -> ();
    /// Makes a directory in one that exists.
    create_dir(path) -> ();
    /// Makes a directory, and each above it that is missing.
    create_dir_all(path) -> ();
    /// Removes an empty directory.
    remove_dir(path) -> ();
    /// Removes a directory with everything in it. Links are removed, not followed.
    remove_dir_all(path) -> ();
    /// Removes a file.
    remove_file(path) -> ();
    /// What the system knows of a file: its kind, length, times. Links are followed.
    metadata(path) -> Metadata;
    /// What the system knows of a file. Links are not followed.
    symlink_metadata(path) -> Metadata;
    /// The absolute path of a file, without links.
    canonicalize(path) -> PathBuf;
    /// Gives a file another name on the same file system.
    hard_link(original, link) -> ();
    /// Where a link leads.
    read_link(path) -> PathBuf;
}

/// Makes the file `link` a link that leads to `original`, which need not exist.
///
/// # Errors
/// Those of [`std::os::unix::fs::symlink`].
///
/// # Cancel safety
/// Dropping the future does not end a call that has begun: see the [module](self).
pub async fn symlink(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    let (original, link) = (original.as_ref().to_owned(), link.as_ref().to_owned());
    on_the_pool(move || std::os::unix::fs::symlink(original, link)).await
}

/// Changes who may do what with a file.
///
/// # Errors
/// Those of [`std::fs::set_permissions`].
///
/// # Cancel safety
/// Dropping the future does not end a call that has begun: see the [module](self).
pub async fn set_permissions(path: impl AsRef<Path>, permissions: Permissions) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    on_the_pool(move || std::fs::set_permissions(path, permissions)).await
}

/// Whether there is a file. Links are followed.
///
/// # Errors
/// Those of [`std::fs::exists`]: if it cannot be told.
///
/// # Cancel safety
/// Dropping the future loses nothing.
pub async fn try_exists(path: impl AsRef<Path>) -> io::Result<bool> {
    let path = path.as_ref().to_owned();
    on_the_pool(move || std::fs::exists(path)).await
}
