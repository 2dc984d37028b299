//! What a folder of the fleet holds.

use crate::tree::{FileTree, RepoPath};

/// The files of one folder and of those beneath it.
#[derive(Debug)]
pub struct Content<'a> {
    /// Their paths, in order.
    pub files: Vec<&'a RepoPath>,
}

/// Returns what lies in the folder `path` or beneath it; nothing where there is no such folder.
pub fn content<'a>(files: &'a FileTree, path: &str) -> Content<'a> {
    let Ok(start) = RepoPath::new(path) else { return Content { files: Vec::new() } };
    let from_there = files.0.range(start..).map(|(file, _)| file);
    let alike = from_there.take_while(|file| file.as_str().starts_with(path));
    Content { files: alike.filter(|file| file.lies_beneath(path)).collect() }
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
