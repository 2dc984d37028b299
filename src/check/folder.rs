//! What a folder of the fleet holds.

use crate::tree::{FileTree, RepoPath};

/// The files of one folder and of those beneath it.
#[derive(Debug)]
pub struct Content<'a> {
    /// Their paths, in order.
    pub files: Vec<&'a RepoPath>,
}

/// Returns what lies in the folder `path` or beneath it; nothing where there is no such folder.
pub fn content<'a>(files: &'a FileTree, path: &'a str) -> Content<'a> {
    Content { files: files.beneath(path).map(|(file, _)| file).collect() }
}

impl<'a> Content<'a> {
    /// Returns the files that Argo CD would apply, and the templates of such.
    pub fn manifests(&self) -> impl Iterator<Item = &'a RepoPath> {
        self.files.iter().copied().filter(|file| is_plain(file) || file.as_str().ends_with(".yaml.j2"))
    }

    /// Returns the files that Argo CD would apply as they are.
    pub fn plain_manifests(&self) -> impl Iterator<Item = &'a RepoPath> {
        self.files.iter().copied().filter(|file| is_plain(file))
    }
}

fn is_plain(file: &RepoPath) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|end| file.as_str().ends_with(end))
}
