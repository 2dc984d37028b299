//! Folders that tests work in; gone when the test is over.
#![allow(dead_code, reason = "every file of tests uses a part of it")]

use std::collections::BTreeMap;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

pub type TestResult = Result<(), Box<dyn std::error::Error>>;

/// An empty folder of its own.
pub struct TempFolder(PathBuf);

impl TempFolder {
    pub fn new() -> std::io::Result<Self> {
        Self::beneath(&std::env::temp_dir())
    }

    /// Makes one that is in memory where that can be, for tests that make thousands.
    pub fn in_memory() -> std::io::Result<Self> {
        Self::beneath(Path::new("/dev/shm")).or_else(|_| Self::new())
    }

    fn beneath(folder: &Path) -> std::io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("yoshino-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        // macOS reaches its folder for temporary files through a link.
        let path = std::fs::canonicalize(folder)?.join(name);
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

/// Returns every file beneath a folder with its text, links with what they read, and folders that are empty.
pub fn snapshot(folder: &Path) -> std::io::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(next) = ahead.pop() {
        let mut empty = true;
        for entry in std::fs::read_dir(&next)? {
            let path = entry?.path();
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            let kind = std::fs::symlink_metadata(&path)?.file_type();
            empty = false;
            if kind.is_dir() {
                ahead.push(path);
            } else if kind.is_symlink() {
                found.insert(name, format!("-> {}", std::fs::read_link(&path)?.display()));
            } else if kind.is_fifo() {
                found.insert(name, "a FIFO".to_owned());
            } else {
                found.insert(name, std::fs::read_to_string(&path)?);
            }
        }
        if empty && next != folder {
            found.insert(format!("{}/", next.strip_prefix(folder).unwrap_or(&next).display()), String::new());
        }
    }
    Ok(found)
}

impl std::fmt::Debug for TempFolder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.0.display())
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}
