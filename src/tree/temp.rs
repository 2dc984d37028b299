//! Folders that tests work in; gone when the test is over.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

pub type TestResult = Result<(), Box<dyn std::error::Error>>;

/// An empty folder of its own.
pub struct TempFolder(PathBuf);

impl TempFolder {
    pub fn new() -> std::io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("yoshino-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        // macOS reaches its folder for temporary files through a link.
        let path = std::fs::canonicalize(std::env::temp_dir())?.join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Makes a folder that holds these files.
    pub fn with(files: &[(&str, &str)]) -> std::io::Result<Self> {
        let folder = Self::new()?;
        for (path, text) in files {
            folder.write(path, text)?;
        }
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// Writes a file, its folders with it.
    pub fn write(&self, path: &str, text: &str) -> std::io::Result<()> {
        self.make_parent(path)?;
        std::fs::write(self.join(path), text)
    }

    /// Makes a link at `path` that reads `target`.
    pub fn link(&self, path: &str, target: &str) -> std::io::Result<()> {
        self.make_parent(path)?;
        symlink(target, self.join(path))
    }

    fn make_parent(&self, path: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(self.join(path).parent().unwrap_or(&self.0))
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}
