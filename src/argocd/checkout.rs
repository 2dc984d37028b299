//! A git repository as Argo CD's repo-server has it checked out, whatever the revision.
//!
//! It knows which files there are; what is in one is read when it is asked for, by whoever made the checkout.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The files of a repository.
#[derive(Clone)]
pub struct Checkout {
    files: BTreeSet<Arc<str>>,
    read: Arc<Read>,
}

/// Reads a file by its path, or says why it cannot be read.
type Read = dyn Fn(&str) -> Result<Vec<u8>, String> + Send + Sync;

impl fmt::Debug for Checkout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Checkout").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Checkout {
    /// Takes the files of a repository, as git lists them: paths from its root, with `/` between their parts.
    pub fn new(
        files: impl IntoIterator<Item = String>,
        read: impl Fn(&str) -> Result<Vec<u8>, String> + Send + Sync + 'static,
    ) -> Self {
        Self { files: files.into_iter().map(Arc::from).collect(), read: Arc::new(read) }
    }

    /// Takes files and what is in them.
    pub fn of_bytes(files: BTreeMap<String, Vec<u8>>) -> Self {
        let names: Vec<String> = files.keys().cloned().collect();
        Self::new(names, move |path| {
            files.get(path).cloned().ok_or_else(|| format!("there is no file `{path}`"))
        })
    }

    /// Returns the paths of all files, sorted.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|path| &**path)
    }

    /// Returns what is in a file.
    ///
    /// # Errors
    /// Says why it cannot be read.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        (self.read)(path)
    }

    /// Returns the folders that hold files, those that are hidden and what is in them left out: every folder before
    /// what is in it. The root is none of them.
    pub fn folders(&self) -> Vec<String> {
        let mut folders: BTreeSet<Vec<&str>> = BTreeSet::new();
        for path in self.files() {
            let mut parts: Vec<&str> = path.split('/').collect();
            parts.pop();
            let visible = parts.iter().take_while(|part| !part.starts_with('.')).count();
            (1..=visible)
                .rev()
                .map(|end| parts[..end].to_vec())
                .take_while(|folder| folders.insert(folder.clone()))
                .for_each(drop);
        }
        folders.into_iter().map(|parts| parts.join("/")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_and_hidden_ones_left_out() {
        let files = ["a/b/c", "a.b/c", "a/.x/y/z", ".git/x", "top", "e/.keep"];
        let checkout = Checkout::of_bytes(files.map(|file| (file.to_owned(), Vec::new())).into());
        assert_eq!(checkout.folders(), ["a", "a/b", "a.b", "e"]);
        assert_eq!(checkout.files().count(), 6);
    }
}
