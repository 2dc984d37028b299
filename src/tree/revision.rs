//! A revision of a git repository becomes a [`FileTree`].
//!
//! Only objects are read: no hook, filter or attribute has a say, and no process is started. This module must not
//! know what any file means.

use std::path::{Path, PathBuf};

use git2::{ErrorClass, ErrorCode, ObjectType, Oid, Repository, Tree, TreeEntry};

use super::blobs::Blobs;
use super::link::Standing;
use super::listing::{self, Found, Store};
use super::selection::{self, Limits, Selection};
use super::{FileTree, RepoPath};
use crate::diagnostic::{Diagnostic, Report};
use crate::error::{Error, Failure};

/// The mode of a link in a tree.
const LINK: i32 = 0o120_000;

/// Reads the files of `selection` as the revision has them beneath the folder `root`, which lies in the work tree of
/// a git repository, or is a bare one.
///
/// Names and links are treated as in [`read_worktree`](super::read_worktree). Submodules are passed over: their files
/// are in another repository.
///
/// # Errors
/// Reports a revision that is not there, with the branch or tag nearest to it, and whatever a work tree would be
/// refused for. [`Error::Git`] where there is no repository, it belongs to another user, or objects are missing.
pub fn read_revision(root: &Path, revision: &str, selection: Selection<'_>) -> Result<FileTree, Failure> {
    read_within(root, revision, selection, Limits::READING)
}

/// Reads everything beneath a folder of a revision as it lies there: no link is followed, nothing is left out. What
/// is no file stands there without content; names that are not UTF-8 are left out. The fleet's own folder is `root`.
///
/// # Errors
/// Those of [`read_revision`].
pub fn read_folder(root: &Path, revision: &str, folder: &RepoPath) -> Result<FileTree, Failure> {
    read_beneath(root, revision, &folder_in_repository(root)?.join(folder.as_str()))
}

/// Reads everything that a revision holds as it lies there, as [`read_folder`] does.
///
/// # Errors
/// Those of [`read_revision`].
pub fn read_whole(root: &Path, revision: &str) -> Result<FileTree, Failure> {
    read_beneath(root, revision, Path::new(""))
}

/// Returns the path that a folder of a work tree has in the repository's trees; empty for the root, and where there is
/// no work tree.
///
/// # Errors
/// [`Error::Git`] where there is no repository, or it belongs to another user.
pub fn folder_in_repository(root: &Path) -> Result<PathBuf, Error> {
    let (repository, real_root) = open(root)?;
    folder_within(&repository, &real_root)
}

fn read_beneath(root: &Path, revision: &str, folder: &Path) -> Result<FileTree, Failure> {
    let (repository, _) = open(root)?;
    let tree = find_tree(&repository, revision)?;
    let blobs = Blobs::open(&repository, format!("revision `{revision}`"))?;
    let found = subtree(&repository, &tree, folder).map_err(|source| blobs.refused(source))?;
    let (files, others) = lying_in(&repository, found, &blobs)?;
    let mut tree = blobs.read(files, Report::default(), Limits::READING)?;
    tree.0.extend(others.into_iter().map(|path| (path, [].into())));
    Ok(tree)
}

/// Reads the files of `selection` as a tree of an open repository has them, which may be in its memory alone.
///
/// # Errors
/// Those of [`read_revision`].
pub fn read_tree(repository: &Repository, tree: Oid, selection: Selection<'_>) -> Result<FileTree, Failure> {
    let blobs = Blobs::open(repository, format!("tree `{tree}`"))?;
    let tree = repository.find_tree(tree).map_err(|source| blobs.refused(source))?;
    Revision { repository, blobs, tree }.read(selection, Limits::READING)
}

/// Files with their blobs, and whatever else there is.
type Lying = (Vec<(RepoPath, Oid)>, Vec<RepoPath>);

/// Lists everything beneath a tree, by path from it.
fn lying_in(repository: &Repository, tree: Option<Tree<'_>>, blobs: &Blobs<'_>) -> Result<Lying, Failure> {
    let (mut files, mut others, mut entries) = (Vec::new(), Vec::new(), 0);
    let mut ahead: Vec<(String, Tree<'_>)> = tree.map(|tree| (String::new(), tree)).into_iter().collect();
    while let Some((folder, tree)) = ahead.pop() {
        entries += 1 + tree.len();
        if entries > Limits::READING.entries {
            return Err(Failure::Report(Limits::READING.entries_finding().into()));
        }
        for entry in &tree {
            let name = std::str::from_utf8(entry.name_bytes()).ok();
            let Some(path) = name.and_then(|name| RepoPath::new(&format!("{folder}{name}")).ok()) else {
                continue;
            };
            match (entry.kind(), entry.filemode()) {
                (Some(ObjectType::Tree), _) => {
                    let inner = repository.find_tree(entry.id()).map_err(|source| blobs.refused(source))?;
                    ahead.push((format!("{path}/"), inner));
                }
                (Some(ObjectType::Blob), mode) if mode != LINK => files.push((path, entry.id())),
                _ => others.push(path),
            }
        }
    }
    Ok((files, others))
}

fn read_within(
    root: &Path,
    revision: &str,
    selection: Selection<'_>,
    limits: Limits,
) -> Result<FileTree, Failure> {
    let (repository, real_root) = open(root)?;
    let tree = find_tree(&repository, revision)?;
    let within = folder_within(&repository, &real_root)?;
    let refused = |source: git2::Error| cannot_read(revision, source);
    let Some(tree) = subtree(&repository, &tree, &within).map_err(refused)? else {
        let message = format!("revision `{revision}` has no folder `{}`", within.display());
        return Err(Failure::Report(Diagnostic::error_nowhere("unknown-revision", message).into()));
    };
    let blobs = Blobs::open(&repository, format!("revision `{revision}`"))?;
    Revision { repository: &repository, blobs, tree }.read(selection, limits)
}

/// Opens the repository that a folder lies in, which may be bare.
///
/// # Errors
/// [`Error::Git`] where there is none, it belongs to another user, or is of a kind that libgit2 does not know.
pub fn open_repository(root: &Path) -> Result<Repository, Error> {
    Ok(open(root)?.0)
}

/// Opens the repository that a folder lies in; returns the folder, too, without links on the way.
pub(super) fn open(root: &Path) -> Result<(Repository, PathBuf), Error> {
    let real_root = std::fs::canonicalize(root).map_err(|source| Error::io("read", root, source))?;
    let repository = Repository::discover(&real_root).map_err(|source| cannot_open(&real_root, source))?;
    Ok((repository, real_root))
}

/// A tree of a repository.
struct Revision<'a> {
    repository: &'a Repository,
    blobs: Blobs<'a>,
    tree: Tree<'a>,
}

impl Store for Revision<'_> {
    fn look(&self, path: &str) -> Result<Standing, Error> {
        match self.tree.get_path(Path::new(path)) {
            Ok(entry) => Ok(self.standing(&entry)?.unwrap_or(Standing::Other("a submodule"))),
            Err(error) if is_absent(&error) => Ok(Standing::Nothing),
            Err(error) => Err(self.blobs.refused(error)),
        }
    }

    fn entries(&self, folder: &str) -> Result<Vec<(Vec<u8>, Standing)>, Error> {
        let folder = subtree(self.repository, &self.tree, Path::new(folder));
        let folder = folder.map_err(|source| self.blobs.refused(source))?;
        let mut entries = Vec::new();
        for entry in folder.iter().flat_map(Tree::iter) {
            // Where a work tree has a submodule, a folder of others' files lies.
            if let Some(standing) = self.standing(&entry)? {
                entries.push((entry.name_bytes().to_vec(), standing));
            }
        }
        Ok(entries)
    }
}

impl Revision<'_> {
    fn read(&self, selection: Selection<'_>, limits: Limits) -> Result<FileTree, Failure> {
        let (files, report) = listing::list(self, selection, limits)?;
        if files.len() > limits.entries {
            return Err(selection::in_order(report).into());
        }
        let with_id = |found: Found| match self.tree.get_path(Path::new(&found.real)) {
            Ok(entry) => Ok((found.path, entry.id())),
            Err(source) => Err(self.blobs.refused(source)),
        };
        let files: Vec<(RepoPath, Oid)> = files.into_iter().map(with_id).collect::<Result<_, Error>>()?;
        self.blobs.read(files, report, limits)
    }

    /// Returns what an entry is, if it is not another repository's.
    fn standing(&self, entry: &TreeEntry<'_>) -> Result<Option<Standing>, Error> {
        if is_forged(entry.name_bytes()) {
            return Ok(Some(Standing::Forged));
        }
        Ok(match (entry.kind(), entry.filemode()) {
            (Some(ObjectType::Tree), _) => Some(Standing::Folder),
            (Some(ObjectType::Blob), LINK) => Some(Standing::Link(self.blobs.content(entry.id())?)),
            (Some(ObjectType::Blob), _) => Some(Standing::File),
            _ => None,
        })
    }
}

/// Returns whether git would never have written this name: a tree that holds it was made to do harm where it is
/// checked out.
pub(super) fn is_forged(name: &[u8]) -> bool {
    let is_special = matches!(name, b"" | b"." | b"..") || name.eq_ignore_ascii_case(b".git");
    is_special || name.contains(&b'/')
}

fn find_tree<'a>(repository: &'a Repository, revision: &str) -> Result<Tree<'a>, Failure> {
    let object = match repository.revparse_single(revision) {
        Ok(object) => object,
        Err(source) => return Err(not_found(repository, revision, source)),
    };
    match object.peel_to_tree() {
        Ok(tree) => Ok(tree),
        Err(source) if source.class() == ErrorClass::Odb => Err(cannot_read(revision, source).into()),
        Err(_) => {
            let message = format!("`{revision}` names a file, not a revision");
            Err(Failure::Report(Diagnostic::error_nowhere("unknown-revision", message).into()))
        }
    }
}

/// Says that a revision is not there, or that it may be and the clone is too small to tell.
pub(super) fn not_found(repository: &Repository, revision: &str, source: git2::Error) -> Failure {
    let is_a_name = repository.resolve_reference_from_short_name(revision).is_ok();
    let is_elsewhere = source.code() == ErrorCode::NotFound && (is_a_name || repository.is_shallow());
    let is_unknown = matches!(source.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::Ambiguous)
            // Which libgit2 cannot even be asked for.
            || revision.contains('\0');
    if is_elsewhere && !is_a_name {
        let message = "it is not in this shallow clone; fetch it with `git fetch --unshallow --tags`";
        return cannot_read(revision, git2::Error::new(source.code(), source.class(), message)).into();
    }
    if is_elsewhere || !is_unknown {
        return cannot_read(revision, source).into();
    }
    let message = match source.code() {
        ErrorCode::Ambiguous => format!("`{revision}` may be more than one revision"),
        _ => format!("there is no revision `{}`", revision.escape_debug()),
    };
    let finding = Diagnostic::error_nowhere("unknown-revision", message);
    let names = reference_names(repository);
    Failure::Report(finding.hint_nearest(revision, names.iter().map(String::as_str), "").into())
}

/// Returns the names of branches and tags as people write them.
fn reference_names(repository: &Repository) -> Vec<String> {
    let Ok(references) = repository.references() else { return Vec::new() };
    let names = references.flatten().filter_map(|reference| reference.shorthand().ok().map(str::to_owned));
    names.collect()
}

/// Returns the path of the fleet's folder in the repository's trees; empty for its root.
pub(super) fn folder_within(repository: &Repository, root: &Path) -> Result<PathBuf, Error> {
    let Some(workdir) = repository.workdir() else { return Ok(PathBuf::new()) };
    let workdir = std::fs::canonicalize(workdir).map_err(|source| Error::io("read", workdir, source))?;
    Ok(root.strip_prefix(&workdir).unwrap_or(Path::new("")).to_owned())
}

/// Returns the tree at `path`, if there is one.
fn subtree<'a>(
    repository: &'a Repository,
    tree: &Tree<'a>,
    path: &Path,
) -> Result<Option<Tree<'a>>, git2::Error> {
    if path.as_os_str().is_empty() {
        return Ok(Some(tree.clone()));
    }
    match tree.get_path(path) {
        Ok(entry) if entry.kind() == Some(ObjectType::Tree) => repository.find_tree(entry.id()).map(Some),
        Ok(_) => Ok(None),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether a tree lacks a path; an object that the repository lacks is another matter.
fn is_absent(error: &git2::Error) -> bool {
    error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Tree
}

fn cannot_open(root: &Path, source: git2::Error) -> Error {
    let doing = format!("open the git repository of {}", root.display());
    let way = match source.message() {
        // What git itself says there.
        _ if source.code() == ErrorCode::Owner => {
            format!("if you trust it: `git config --global --add safe.directory {}`", root.display())
        }
        why if why.contains("refstorage") => {
            "refs are read from git's files, not from reftable; `git refs migrate --ref-format=files`"
                .to_owned()
        }
        why if why.contains("object format") => "only repositories with SHA-1 objects are read".to_owned(),
        _ => return Error::Git { doing, source },
    };
    let message = format!("{}; {way}", source.message());
    Error::Git { doing, source: git2::Error::new(source.code(), source.class(), message) }
}

pub(super) fn cannot_read(revision: &str, source: git2::Error) -> Error {
    Error::Git { doing: format!("read revision `{revision}`"), source }
}
