//! What git's index holds becomes a [`FileTree`]: what the next commit will hold, whatever the work tree says.
//!
//! Only the index and objects are read: no hook, filter or attribute has a say, and no process is started. What the
//! index says of the work tree (`skip-worktree`, `assume-unchanged`) is no matter here. This module must not know what
//! any file means.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use git2::{Index, IndexEntry, IndexEntryExtendedFlag, Oid, Repository};

use super::blobs::Blobs;
use super::link::Standing;
use super::listing::{self, Found, Store};
use super::revision::{folder_within, is_forged, open};
use super::selection::{self, Limits, Selection};
use super::{FileTree, RepoPath};
use crate::diagnostic::{Diagnostic, Report};
use crate::error::{Error, Failure};

/// What is staged of a fleet.
pub struct Staged {
    repository: Repository,
    /// By path from the fleet's root.
    entries: BTreeMap<Vec<u8>, Entry>,
}

/// What the index has at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    File(Oid),
    Link(Oid),
    Submodule,
    /// The sides of a merge, or what else no tree can hold.
    Unmerged,
}

impl Staged {
    /// Opens the index of the work tree that the folder `root` lies in.
    ///
    /// `index_file` is what the variable `GIT_INDEX_FILE` says. For `git commit --all` and for commits of some paths
    /// alone git makes an index beside its own, and names it so to the hooks that it runs. One that does not lie in
    /// the git folder of this work tree is refused: it is another repository's, or somebody's own.
    ///
    /// # Errors
    /// [`Error::Git`] where there is no repository, it belongs to another user or has no work tree, and where the
    /// index is one that libgit2 cannot read.
    pub fn open(root: &Path, index_file: Option<&Path>) -> Result<Self, Error> {
        let (repository, real_root) = open(root)?;
        let Some(workdir) = repository.workdir() else {
            return Err(refused("a bare repository has no index"));
        };
        let path = index_file.map_or_else(|| repository.path().join("index"), |file| workdir.join(file));
        lies_in(&path, repository.path())?;
        let index = Index::open(&path).map_err(|source| unreadable(&source))?;
        let within = folder_within(&repository, &real_root)?;
        let entries = entries(&index, &within);
        Ok(Self { repository, entries })
    }

    /// Reads the files of `selection`. Names and links are treated as in [`read_worktree`](super::read_worktree),
    /// submodules as in [`read_revision`](super::read_revision). What is only intended to be added is not there.
    ///
    /// # Errors
    /// Reports files whose merge is not resolved, and whatever a work tree would be refused for. [`Error::Git`]
    /// where objects are missing.
    pub fn read(&self, selection: Selection<'_>) -> Result<FileTree, Failure> {
        let folders = selection.folders.iter().flat_map(|folder| self.beneath(folder));
        let files = selection.files.iter().filter_map(|file| self.entries.get_key_value(file.as_bytes()));
        refuse_unmerged(folders.chain(files))?;
        let index = Listed { staged: self, blobs: self.blobs()? };
        let (files, report) = listing::list(&index, selection, Limits::READING)?;
        if files.len() > Limits::READING.entries {
            return Err(selection::in_order(report).into());
        }
        let with_id = |found: Found| match self.entries.get(found.real.as_bytes()) {
            Some(Entry::File(id)) => Some((found.path, *id)),
            Some(Entry::Link(_) | Entry::Submodule | Entry::Unmerged) | None => None,
        };
        index.blobs.read(files.into_iter().filter_map(with_id), report, Limits::READING)
    }

    /// Reads everything beneath a folder as it lies there: no link is followed, nothing is left out. What is no file
    /// stands there without content, so that it is nobody's generated file; names that are not UTF-8 are left out.
    ///
    /// # Errors
    /// Reports files whose merge is not resolved, and files beyond the limits of size. [`Error::Git`] where objects
    /// are missing.
    pub fn folder(&self, folder: &RepoPath) -> Result<FileTree, Failure> {
        refuse_unmerged(self.beneath(folder.as_str()))?;
        let (mut files, mut others) = (Vec::new(), Vec::new());
        for (path, entry) in self.beneath(folder.as_str()) {
            let inner = path.get(folder.as_str().len() + 1..).and_then(|path| std::str::from_utf8(path).ok());
            let Some(inner) = inner.and_then(|path| RepoPath::new(path).ok()) else { continue };
            match entry {
                Entry::File(id) => files.push((inner, *id)),
                Entry::Link(_) | Entry::Submodule | Entry::Unmerged => others.push(inner),
            }
        }
        let mut tree = self.blobs()?.read(files, Report::default(), Limits::READING)?;
        tree.0.extend(others.into_iter().map(|path| (path, [].into())));
        Ok(tree)
    }

    fn blobs(&self) -> Result<Blobs<'_>, Error> {
        Blobs::open(&self.repository, "what is staged".to_owned())
    }

    /// Returns what lies beneath a folder, in path order.
    fn beneath(&self, folder: &str) -> impl Iterator<Item = (&Vec<u8>, &Entry)> {
        let start = [folder.as_bytes(), b"/"].concat();
        let from = self.entries.range(start.clone()..);
        from.take_while(move |(path, _)| path.starts_with(&start))
    }
}

/// The index as something to list.
struct Listed<'a> {
    staged: &'a Staged,
    blobs: Blobs<'a>,
}

impl Store for Listed<'_> {
    fn look(&self, path: &str) -> Result<Standing, Error> {
        match self.staged.entries.get(path.as_bytes()) {
            Some(entry) => self.standing(*entry),
            None if self.staged.beneath(path).next().is_some() => Ok(Standing::Folder),
            None => Ok(Standing::Nothing),
        }
    }

    fn entries(&self, folder: &str) -> Result<Vec<(Vec<u8>, Standing)>, Error> {
        let (mut found, mut start) = (Vec::new(), [folder.as_bytes(), b"/"].concat());
        let names_at = start.len();
        while let Some((path, entry)) = self.staged.entries.range(start.clone()..).next() {
            if !path.starts_with(&start[..names_at]) {
                break;
            }
            let length = path[names_at..].iter().position(|byte| *byte == b'/');
            let end = length.map_or(path.len(), |length| names_at + length);
            let name = path[names_at..end].to_vec();
            let standing = match (is_forged(&name), length) {
                (true, _) => Standing::Forged,
                (false, Some(_)) => Standing::Folder,
                (false, None) => self.standing(*entry)?,
            };
            // Beyond all that lies in this folder: `0` is the letter behind `/`. A file is followed by the next path.
            start = [&path[..end], if length.is_some() { b"0" } else { b"\0" }].concat();
            if *entry != Entry::Submodule || length.is_some() {
                found.push((name, standing));
            }
        }
        Ok(found)
    }
}

impl Listed<'_> {
    fn standing(&self, entry: Entry) -> Result<Standing, Error> {
        Ok(match entry {
            Entry::File(_) => Standing::File,
            Entry::Link(id) => Standing::Link(self.blobs.content(id)?),
            Entry::Submodule => Standing::Other("a submodule"),
            Entry::Unmerged => Standing::Other("a file whose merge is not resolved"),
        })
    }
}

/// Returns what the index has beneath the folder `within` of the work tree.
fn entries(index: &Index, within: &Path) -> BTreeMap<Vec<u8>, Entry> {
    let mut start = within.as_os_str().as_bytes().to_vec();
    if !start.is_empty() {
        start.push(b'/');
    }
    let beneath = |found: IndexEntry| Some((found.path.strip_prefix(&*start)?.to_vec(), entry(&found)?));
    index.iter().filter_map(beneath).collect()
}

/// Returns what an entry is; `None` where it is only intended to be added.
fn entry(entry: &IndexEntry) -> Option<Entry> {
    const KIND: u32 = 0o170_000;
    const STAGE: u16 = 0x3000;
    let extended = IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended);
    if entry.flags & STAGE != 0 {
        return Some(Entry::Unmerged);
    }
    if extended.contains(IndexEntryExtendedFlag::INTENT_TO_ADD) {
        return None;
    }
    Some(match entry.mode & KIND {
        0o100_000 => Entry::File(entry.id),
        0o120_000 => Entry::Link(entry.id),
        0o160_000 => Entry::Submodule,
        _ => Entry::Unmerged,
    })
}

fn refuse_unmerged<'a>(entries: impl Iterator<Item = (&'a Vec<u8>, &'a Entry)>) -> Result<(), Report> {
    let mut report = Report::default();
    for (path, _) in entries.filter(|(_, entry)| **entry == Entry::Unmerged) {
        let path = String::from_utf8_lossy(path).escape_debug().to_string();
        let finding = Diagnostic::error_nowhere("unmerged", format!("the merge of `{path}` is not resolved"));
        report.push(finding.hint(format!("resolve it, then `git add {path}`")));
    }
    selection::in_order(report).or(())
}

/// Refuses an index that does not lie in a git folder.
fn lies_in(index: &Path, git_folder: &Path) -> Result<(), Error> {
    let real = |path: &Path| std::fs::canonicalize(path);
    let folder: Option<PathBuf> = index.parent().and_then(|folder| real(folder).ok());
    if folder.is_some() && folder == real(git_folder).ok() {
        return Ok(());
    }
    let (index, git_folder) = (index.display(), git_folder.display());
    let why = format!("`GIT_INDEX_FILE` names `{index}`, which does not lie in {git_folder}; unset it");
    Err(refused(&why))
}

/// Says why an index cannot be read, and how git makes another of it.
fn unreadable(source: &git2::Error) -> Error {
    let message = source.message();
    let way = match () {
        () if message.contains("'link'") => {
            "; a split index becomes a whole one with `git update-index --no-split-index`"
        }
        () if message.contains("'sdir'") => {
            "; a sparse index becomes a whole one with `git sparse-checkout reapply --no-sparse-index`"
        }
        () => "",
    };
    refused(&format!("{message}{way}"))
}

fn refused(why: &str) -> Error {
    Error::Git { doing: "read what is staged".to_owned(), source: git2::Error::from_str(why) }
}
