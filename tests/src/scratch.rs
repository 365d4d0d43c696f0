//! Where does a test put its files?

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::{env, fs, process};

/// A directory of one test's own, which goes with it. Its path is short: that of a socket may have
/// a hundred bytes.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes an empty directory.
    ///
    /// # Panics
    /// If the system refuses.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it touches the disk")]
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Relaxed);
        let dir = env::temp_dir().join(format!("mini-rt-test-{}-{count}", process::id()));
        let _ = fs::remove_dir_all(&dir); // of a process that had the same number
        fs::create_dir(&dir).expect("a directory for temporary files");
        Self(dir)
    }

    /// The path of `name` in it.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
