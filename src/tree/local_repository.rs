//! A local copy of a git repository: which files git would list, and what is in them.
//!
//! The work tree is read, whatever revision it is at. This module must not know what any file means, and must not
//! open anything outside of the copy.
#![expect(clippy::disallowed_methods, reason = "reading files is what this is for")]

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use git2::Repository;
use walkdir::{DirEntry, WalkDir};

use crate::error::Error;

/// A folder that stands in for a repository.
#[derive(Clone, Debug)]
pub struct LocalRepository {
    /// Its path, without links.
    root: PathBuf,
    /// The files, as paths from the root.
    files: Vec<String>,
}

/// Bytes of a file at most.
const MOST_BYTES: u64 = 16 << 20;

/// The mode of a submodule in git's index.
const SUBMODULE: u32 = 0o160_000;

impl LocalRepository {
    /// Lists the files of the folder `path`: those that git tracks where it is a work tree, else all of them. Names
    /// that are no UTF-8 are left out.
    ///
    /// # Errors
    /// Says which folder could not be read, and why git refused.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let root = std::fs::canonicalize(path).map_err(|source| Error::io("read", path, source))?;
        let files = match root.join(".git").symlink_metadata() {
            Ok(_) => tracked(&root)?,
            Err(_) => found(&root)?,
        };
        Ok(Self { root, files })
    }

    /// Returns the files, as paths from the root, in no particular order.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Returns what is in a file, a link followed as far as it stays in the copy.
    ///
    /// # Errors
    /// Says why the file cannot be read.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let refused = |refusal: io::Error| format!("cannot read `{path}`: {refusal}");
        let target = std::fs::canonicalize(self.root.join(path)).map_err(refused)?;
        if !target.starts_with(&self.root) {
            return Err(format!("`{path}` is a link that leads out of the repository"));
        }
        if !target.is_file() {
            return Err(format!("`{path}` is no file"));
        }
        let mut bytes = Vec::new();
        let file = std::fs::File::open(&target).map_err(refused)?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(refused)?;
        match bytes.len() as u64 > MOST_BYTES {
            true => Err(format!("`{path}` holds more than {MOST_BYTES} bytes")),
            false => Ok(bytes),
        }
    }
}

/// Lists what git's index has; files whose content is not there are listed, too, and cannot be read.
fn tracked(root: &Path) -> Result<Vec<String>, Error> {
    let refused = |source| Error::Git { doing: format!("read the repository {}", root.display()), source };
    let repository = Repository::open(root).map_err(refused)?;
    let index = repository.index().map_err(refused)?;
    let files = index.iter().filter(|entry| entry.mode != SUBMODULE);
    Ok(files.filter_map(|entry| String::from_utf8(entry.path).ok()).collect())
}

/// Lists everything, as git does of a work tree in which nothing is tracked or ignored yet.
fn found(root: &Path) -> Result<Vec<String>, Error> {
    let is_entered = |entry: &DirEntry| entry.depth() == 0 || entry.file_name() != ".git";
    let mut files = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(is_entered) {
        let entry = entry.map_err(|refusal| {
            let path = refusal.path().unwrap_or(root).to_owned();
            let source =
                refusal.into_io_error().unwrap_or_else(|| io::Error::other("the folder holds itself"));
            Error::io("read", path, source)
        })?;
        let path = entry.path().strip_prefix(root).ok().and_then(Path::to_str);
        files.extend(path.filter(|_| !entry.file_type().is_dir()).map(str::to_owned));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::temp::{TempFolder, TestResult};

    #[test]
    fn a_plain_folder_is_listed_whole_and_a_work_tree_as_git_knows_it() -> TestResult {
        let folder = TempFolder::with(&[("a/b.yaml", "b"), (".hidden", "h"), ("new.yaml", "n")])?;

        let plain = LocalRepository::open(folder.path())?;
        let repository = Repository::init(folder.path())?;
        let mut index = repository.index()?;
        index.add_path(Path::new("a/b.yaml"))?;
        index.write()?;
        let tracked = LocalRepository::open(folder.path())?;

        assert_eq!(plain.files(), [".hidden", "a/b.yaml", "new.yaml"]);
        assert_eq!(tracked.files(), ["a/b.yaml"]);
        assert_eq!(tracked.read("a/b.yaml")?, b"b");
        Ok(())
    }

    #[test]
    fn no_link_leads_out() -> TestResult {
        let folder = TempFolder::with(&[("in/a.yaml", "a"), ("secret", "s")])?;
        folder.link("in/out.yaml", "../secret")?;
        folder.link("in/b.yaml", "a.yaml")?;
        folder.link("in/none.yaml", "nothing")?;

        let repository = LocalRepository::open(&folder.join("in"))?;

        assert_eq!(repository.files(), ["a.yaml", "b.yaml", "none.yaml", "out.yaml"]);
        assert_eq!(repository.read("b.yaml"), Ok(b"a".to_vec()));
        let out = "`out.yaml` is a link that leads out of the repository";
        assert_eq!(repository.read("out.yaml"), Err(out.to_owned()));
        assert!(repository.read("none.yaml").is_err());
        assert!(repository.read("../secret").is_err());
        Ok(())
    }
}
