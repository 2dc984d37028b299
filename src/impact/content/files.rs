//! The files behind a reading, on one side.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::kustomization::closure;
use super::reading::{Declared, Place, Reading};
use super::top;
use crate::emit::fingerprint::short_hash;
use crate::emit::kustomization::NAMES;
use crate::error::Failure;
use crate::impact::side::{Side, Which};
use crate::tree::{FileTree, RepoPath, Selection};

/// Reads everything beneath a folder at the root of the repository, or a file there: of a side's own tree, or of a
/// revision; `None` where the repository has no such revision.
pub type Reader<'r> = dyn Fn(Which, Option<&str>, &str) -> Result<Option<FileTree>, Failure> + Sync + 'r;

/// The repository beyond what a rendering reads.
pub struct Repository<'r> {
    reader: &'r Reader<'r>,
    known: Mutex<BTreeMap<Asked, Option<Arc<FileTree>>>>,
}

/// What was asked for: the side, the revision, the folder.
type Asked = (Which, Option<String>, String);

/// Where the files of one side are found.
pub struct Files<'s> {
    pub side: &'s Side,
    pub which: Which,
    pub management: &'s str,
    pub repository: &'s Repository<'s>,
}

/// The files behind a reading.
#[derive(Clone, Debug, Default)]
pub struct Contained {
    /// What is made of them.
    pub form: Form,
    /// Each by its path from what is read, or from the root where it lies elsewhere.
    pub files: BTreeMap<String, File>,
}

/// What is made of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// They are applied as they are.
    #[default]
    Manifests,
    /// Something else is made of them.
    Sources,
}

/// A file.
#[derive(Clone, Debug)]
pub struct File {
    /// What people call it: its path in the repository, or in the output of the management cluster.
    pub label: String,
    /// What is in it.
    pub bytes: Arc<[u8]>,
    /// Whether anything refers to it.
    pub is_read: bool,
}

impl<'r> Repository<'r> {
    /// Looks at a repository through `reader`.
    pub fn new(reader: &'r Reader<'r>) -> Self {
        Self { reader, known: Mutex::default() }
    }

    fn folder(
        &self,
        which: Which,
        revision: Option<&str>,
        top: &str,
    ) -> Result<Option<Arc<FileTree>>, Failure> {
        let key = (which, revision.map(str::to_owned), top.to_owned());
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            return Ok(known.clone());
        }
        let read = (self.reader)(which, revision, top)?.map(Arc::new);
        lock().insert(key, read.clone());
        Ok(read)
    }
}

/// Files with their bytes, in path order.
pub type Found = Vec<(RepoPath, Arc<[u8]>)>;

/// The files at one place, read as they are needed.
#[derive(Clone, Copy)]
pub struct At<'f> {
    files: &'f Files<'f>,
    place: &'f Place,
}

impl At<'_> {
    /// Returns the files beneath a folder, or the one at that path; `None` where the revision is not there.
    pub fn beneath(&self, path: &RepoPath) -> Result<Option<Found>, Failure> {
        let own = &self.files.side.catalog.trunk.files;
        let other = match self.place {
            Place::Rendered => return Ok(Some(within(&self.files.side.rendered, path))),
            Place::Tree if Selection::FLEET.folders.contains(&top(path)) => {
                return Ok(Some(within(own, path)));
            }
            Place::Tree => self.files.repository.folder(self.files.which, None, top(path))?,
            Place::Revision(revision) => {
                self.files.repository.folder(self.files.which, Some(revision), top(path))?
            }
        };
        Ok(other.map(|tree| within(&tree, path)))
    }
}

fn within(tree: &FileTree, path: &RepoPath) -> Found {
    let own = tree.0.get_key_value(path);
    let found = own.into_iter().chain(tree.beneath(path.as_str()));
    found.map(|(found, bytes)| (found.clone(), bytes.clone())).collect()
}

impl<'s> Files<'s> {
    /// Returns the files behind a reading; a sentence where its revision is not there.
    ///
    /// # Errors
    /// Reports files that cannot be read.
    pub fn find(&self, reading: Option<&Reading>) -> Result<Result<Contained, String>, Failure> {
        let Some(reading) = reading else { return Ok(Ok(Contained::default())) };
        let path = match reading.place() {
            Place::Rendered => self.in_output(reading.path()),
            Place::Tree | Place::Revision(_) => RepoPath::new(reading.path()).ok(),
        };
        let Some(path) = path else { return Ok(Ok(Contained::default())) };
        let at = At { files: self, place: reading.place() };
        let Some(found) = at.beneath(&path)? else {
            let revision = match reading.place() {
                Place::Revision(revision) => revision,
                Place::Rendered | Place::Tree => "",
            };
            let why =
                format!("what `{path}` holds at `{revision}` is not known: there is no such revision here");
            return Ok(Err(why));
        };
        Ok(Ok(match reading {
            Reading::Values { .. } => self.contained(Form::Sources, &path, found),
            Reading::Folder { declared, .. } => match form(*declared, &path, &found) {
                Declared::Directory { recurse } => {
                    let applied = found.into_iter().filter(|(file, _)| is_applied(file, &path, recurse));
                    self.contained(Form::Manifests, &path, applied.collect())
                }
                Declared::Kustomize => {
                    let mut contained = self.contained(Form::Sources, &path, found);
                    self.add_closure(&mut contained, &path, closure(at, &path)?);
                    contained
                }
                Declared::Helm | Declared::Nothing => self.contained(Form::Sources, &path, found),
            },
        }))
    }

    /// Returns where a path of the output lies among what was rendered.
    fn in_output(&self, path: &str) -> Option<RepoPath> {
        let folder = self.side.catalog.fleet.output_path();
        let rest = folder.map_or(Some(path), |folder| path.strip_prefix(folder)?.strip_prefix('/'))?;
        RepoPath::new(rest).ok()
    }

    fn contained(&self, form: Form, root: &RepoPath, found: Found) -> Contained {
        let file = |(path, bytes): (RepoPath, Arc<[u8]>)| {
            let file = File { label: self.label(&path), bytes, is_read: true };
            (from(root, &path), file)
        };
        Contained { form, files: found.into_iter().map(file).collect() }
    }

    /// Adds what a kustomization refers to, wherever it lies; the rest of its folder is read by nobody.
    fn add_closure(
        &self,
        contained: &mut Contained,
        root: &RepoPath,
        closure: BTreeMap<RepoPath, Arc<[u8]>>,
    ) {
        contained.files.values_mut().for_each(|file| file.is_read = false);
        for (path, bytes) in closure {
            let file = File { label: self.label(&path), bytes, is_read: true };
            contained.files.insert(from(root, &path), file);
        }
    }

    fn label(&self, path: &RepoPath) -> String {
        let in_output = path.as_str().strip_prefix(self.management).and_then(|rest| rest.strip_prefix('/'));
        in_output.unwrap_or(path.as_str()).to_owned()
    }
}

/// Returns 8 hex digits that tell contents apart.
pub fn hash(bytes: &[u8]) -> String {
    short_hash(&String::from_utf8_lossy(bytes))
}

/// Returns a file's path from what is read; from the repository's root where it lies elsewhere.
fn from(root: &RepoPath, path: &RepoPath) -> String {
    let beneath = path.as_str().strip_prefix(root.as_str()).and_then(|rest| rest.strip_prefix('/'));
    beneath.map_or_else(|| format!("/{path}"), str::to_owned)
}

/// Returns the form of a folder: what the source says, else what lies in it (Argo CD 3.5, "Tool Detection").
fn form(declared: Declared, root: &RepoPath, found: &[(RepoPath, Arc<[u8]>)]) -> Declared {
    if declared != Declared::Nothing {
        return declared;
    }
    let holds =
        |name: &str| found.iter().any(|(path, _)| path.folder() == root.as_str() && path.file_name() == name);
    if holds("Chart.yaml") {
        Declared::Helm
    } else if NAMES.iter().any(|name| holds(name)) {
        Declared::Kustomize
    } else {
        Declared::Directory { recurse: false }
    }
}

/// Returns whether Argo CD applies a file of a folder of plain manifests.
fn is_applied(file: &RepoPath, root: &RepoPath, recurse: bool) -> bool {
    let ends = [".yaml", ".yml", ".json", ".jsonnet"];
    ends.iter().any(|end| file.as_str().ends_with(end)) && (recurse || file.folder() == root.as_str())
}
