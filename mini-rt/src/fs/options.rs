//! How a file is opened, and a directory made: the builders of the standard library, whose last
//! step is a call on the blocking pool.

use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::{File, on_the_pool};

/// How to open a file, as [`std::fs::OpenOptions`]: nothing is switched on to begin with.
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("mini-rt-doc-options-{}", std::process::id()));
/// # std::fs::create_dir(&dir)?;
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use futures::io::AsyncWriteExt;
/// use mini_rt::fs::OpenOptions;
///
/// let path = dir.join("log");
/// let mut log = OpenOptions::new().append(true).create(true).mode(0o600).open(&path).await?;
/// log.write_all(b"started\n").await?;
/// log.flush().await?;
/// # assert_eq!(std::fs::read_to_string(&path)?, "started\n");
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions(std::fs::OpenOptions);

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl From<std::fs::OpenOptions> for OpenOptions {
    fn from(options: std::fs::OpenOptions) -> Self {
        Self(options)
    }
}

/// Switches of the standard library's builder.
macro_rules! switches {
    ($($(#[$doc:meta])* $name:ident: $Type:ty;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, $name: $Type) -> &mut Self {
            self.0.$name($name);
            self
        }
    )*};
}

impl OpenOptions {
    /// Options with nothing switched on.
    #[must_use]
    pub fn new() -> Self {
        Self(std::fs::OpenOptions::new())
    }

    switches! {
        /// Whether it is to be read.
        read: bool;
        /// Whether it is to be written. What it has stays, unless [`truncate`](Self::truncate) is on.
        write: bool;
        /// Whether it is to be written at its end only, wherever that is when a write is done.
        append: bool;
        /// Whether what it has is removed. Needs [`write`](Self::write).
        truncate: bool;
        /// Whether it is made if there is none. Needs [`write`](Self::write) or
        /// [`append`](Self::append).
        create: bool;
        /// Whether it is made, and it is an error if there is one.
        create_new: bool;
        /// Who may do what with a file that is made; 0o666 without this. The process's mask takes
        /// from it.
        mode: u32;
        /// Flags of the system's `open` beside those that the other options stand for.
        custom_flags: i32;
    }

    /// Opens the file.
    ///
    /// # Errors
    /// Those of [`std::fs::OpenOptions::open`].
    ///
    /// # Cancel safety
    /// Dropping the future does not end a call that has begun, so the file may be made: see the
    /// [module](super).
    pub async fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        let (options, path) = (self.0.clone(), path.as_ref().to_owned());
        Ok(File::from_std(on_the_pool(move || options.open(path)).await?))
    }
}

/// How to make a directory, as [`std::fs::DirBuilder`].
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("mini-rt-doc-builder-{}", std::process::id()));
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::fs::DirBuilder;
///
/// DirBuilder::new().recursive(true).mode(0o700).create(dir.join("a/b")).await?;
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct DirBuilder {
    recursive: bool,
    mode: Option<u32>,
}

impl DirBuilder {
    /// One directory, in one that exists, for everybody whom the process's mask lets.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether those above it are made too, and it is no error if it exists.
    pub fn recursive(&mut self, recursive: bool) -> &mut Self {
        self.recursive = recursive;
        self
    }

    /// Who may do what with what is made; 0o777 without this. The process's mask takes from it.
    pub fn mode(&mut self, mode: u32) -> &mut Self {
        self.mode = Some(mode);
        self
    }

    /// Makes it.
    ///
    /// # Errors
    /// Those of [`std::fs::DirBuilder::create`].
    ///
    /// # Cancel safety
    /// Dropping the future does not end a call that has begun: see the [module](super).
    pub async fn create(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(self.recursive);
        if let Some(mode) = self.mode {
            builder.mode(mode);
        }
        let path = path.as_ref().to_owned();
        on_the_pool(move || builder.create(path)).await
    }
}
