//! Trees as a merge reads and writes them: three side by side, and one with a few entries changed.
//!
//! Names are bytes, as in git. This module must not know how anything is merged.

use std::collections::BTreeMap;

use git2::{ErrorCode, ObjectType, Oid, Repository};

use crate::error::Error;

/// A path from the root of the repository, as git keeps it.
pub(in crate::branch) type Path = Vec<u8>;

const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_644;
const PROGRAM: u32 = 0o100_755;
const LINK: u32 = 0o120_000;
const SUBMODULE: u32 = 0o160_000;

/// What a tree has under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::branch) struct Entry {
    /// The object's id; a submodule's is a commit elsewhere.
    pub(in crate::branch) id: Oid,
    /// One of the five modes that git writes today.
    pub(in crate::branch) mode: u32,
}

impl Entry {
    /// Returns the entry of a file that is no program.
    pub(in crate::branch) fn file(id: Oid) -> Self {
        Self { id, mode: FILE }
    }

    /// Returns the entry of a folder.
    pub(super) fn folder(id: Oid) -> Self {
        Self { id, mode: FOLDER }
    }

    pub(in crate::branch) fn is_folder(self) -> bool {
        self.mode == FOLDER
    }

    pub(in crate::branch) fn is_file(self) -> bool {
        matches!(self.mode, FILE | PROGRAM)
    }

    pub(in crate::branch) fn is_submodule(self) -> bool {
        self.mode == SUBMODULE
    }

    /// Returns the kind of thing the mode stands for: files with and without the executable bit are one.
    pub(in crate::branch) fn kind(self) -> u32 {
        self.mode & 0o170_000
    }
}

/// Maps the modes that old trees have to those that git writes.
fn canonical(mode: i32) -> u32 {
    match mode & 0o170_000 {
        0o040_000 => FOLDER,
        0o100_000 if mode & 0o100 != 0 => PROGRAM,
        0o100_000 => FILE,
        0o120_000 => LINK,
        _ => SUBMODULE,
    }
}

/// What three trees (the base, the target, the unit) have under one name.
pub(super) type Stages = [Option<Entry>; 3];

/// Lists what three trees have, name by name, in git's order.
pub(super) fn level(repository: &Repository, trees: [Option<Oid>; 3]) -> Result<Vec<(Path, Stages)>, Error> {
    let mut found: BTreeMap<Path, Stages> = BTreeMap::new();
    for (stage, tree) in trees.into_iter().enumerate() {
        let Some(id) = tree else { continue };
        // A tree that is there twice is read once.
        if let Some(same) = trees[..stage].iter().position(|other| *other == Some(id)) {
            found.values_mut().for_each(|stages| stages[stage] = stages[same]);
            continue;
        }
        let tree = repository.find_tree(id).map_err(cannot_read)?;
        for entry in tree.iter() {
            let value = Entry { id: entry.id(), mode: canonical(entry.filemode_raw()) };
            let name = entry.name_bytes();
            match found.get_mut(name) {
                Some(stages) => stages[stage] = Some(value),
                None => {
                    let mut stages = [None; 3];
                    stages[stage] = Some(value);
                    found.insert(name.to_vec(), stages);
                }
            }
        }
    }
    let mut level: Vec<(Path, Stages)> = found.into_iter().collect();
    // A folder stands where its name and a slash would.
    let order = |(name, stages): &(Path, Stages)| {
        let mut key = name.clone();
        if stages.iter().flatten().all(|entry| entry.is_folder()) {
            key.push(b'/');
        }
        key
    };
    level.sort_by_cached_key(order);
    Ok(level)
}

/// Refuses folders that lie too deep in each other: they are walked one within the other.
pub(super) fn refuse_depth(folder: &[u8]) -> Result<(), Error> {
    const DEEPEST: usize = 256;
    match folder.iter().filter(|byte| **byte == b'/').count() > DEEPEST {
        true => Err(Error::Refused {
            doing: "compare trees".to_owned(),
            why: format!("more than {DEEPEST} folders lie in each other"),
        }),
        false => Ok(()),
    }
}

/// Returns what a tree has at a path.
pub(in crate::branch) fn look_up(
    repository: &Repository,
    tree: Oid,
    path: &[u8],
) -> Result<Option<Entry>, Error> {
    let mut found = Entry::folder(tree);
    for part in path.split(|byte| *byte == b'/') {
        if !found.is_folder() {
            return Ok(None);
        }
        let tree = repository.find_tree(found.id).map_err(cannot_read)?;
        let Some(entry) = tree.get_name_bytes(part) else { return Ok(None) };
        found = Entry { id: entry.id(), mode: canonical(entry.filemode_raw()) };
    }
    Ok(Some(found))
}

/// Writes `tree` with some paths changed, `None` taking one away; folders that become empty go. Only folders on the
/// way are written.
pub(in crate::branch) fn update(
    repository: &Repository,
    tree: Oid,
    changes: &BTreeMap<Path, Option<Entry>>,
) -> Result<Oid, Error> {
    let changes: Vec<(&[u8], Option<Entry>)> =
        changes.iter().map(|(path, entry)| (path.as_slice(), *entry)).collect();
    match update_folder(repository, Some(tree), &changes)? {
        Some(id) => Ok(id),
        None => write(repository, &[]),
    }
}

/// Changes of one folder by the name of what they change in it.
#[derive(Default)]
struct Group<'a> {
    own: Option<Option<Entry>>,
    within: Vec<(&'a [u8], Option<Entry>)>,
}

fn update_folder(
    repository: &Repository,
    tree: Option<Oid>,
    changes: &[(&[u8], Option<Entry>)],
) -> Result<Option<Oid>, Error> {
    let mut groups: BTreeMap<&[u8], Group<'_>> = BTreeMap::new();
    for (path, entry) in changes {
        match path.iter().position(|byte| *byte == b'/') {
            Some(slash) => {
                groups.entry(&path[..slash]).or_default().within.push((&path[slash + 1..], *entry))
            }
            None => groups.entry(path).or_default().own = Some(*entry),
        }
    }
    let mut entries: Vec<(Path, Entry)> = Vec::new();
    if let Some(id) = tree {
        let tree = repository.find_tree(id).map_err(cannot_read)?;
        for entry in tree.iter() {
            let value = Entry { id: entry.id(), mode: entry.filemode_raw().unsigned_abs() };
            let Some(group) = groups.remove(entry.name_bytes()) else {
                entries.push((entry.name_bytes().to_vec(), value));
                continue;
            };
            if let Some(value) = changed(repository, Some(value), &group)? {
                entries.push((entry.name_bytes().to_vec(), value));
            }
        }
    }
    for (name, group) in groups {
        if let Some(value) = changed(repository, None, &group)? {
            entries.push((name.to_vec(), value));
        }
    }
    match entries.is_empty() {
        true => Ok(None),
        false => write(repository, &entries).map(Some),
    }
}

/// Returns what stands at a name when its changes are made. What is within wins over a file of that name.
fn changed(
    repository: &Repository,
    before: Option<Entry>,
    group: &Group<'_>,
) -> Result<Option<Entry>, Error> {
    let base = group.own.unwrap_or(before);
    if group.within.is_empty() {
        return Ok(base);
    }
    let folder = base.or(before).filter(|entry| entry.is_folder()).map(|entry| entry.id);
    let folder = update_folder(repository, folder, &group.within)?.map(Entry::folder);
    let is_kept = |entry: &Entry| !entry.is_folder();
    Ok(folder.or(base.filter(is_kept)))
}

/// Writes a tree object. libgit2's own builder looks every entry up first, which costs fifty times the writing.
fn write(repository: &Repository, entries: &[(Path, Entry)]) -> Result<Oid, Error> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let key = |index: &usize| {
        let (name, entry) = &entries[*index];
        let mut key = name.clone();
        if entry.is_folder() {
            key.push(b'/');
        }
        key
    };
    order.sort_by_cached_key(key);
    let mut bytes = Vec::new();
    for index in order {
        let (name, entry) = &entries[index];
        bytes.extend_from_slice(format!("{:o} ", entry.mode).as_bytes());
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(entry.id.as_bytes());
    }
    let odb = repository.odb().map_err(cannot_write)?;
    odb.write(ObjectType::Tree, &bytes).map_err(cannot_write)
}

/// Returns what is in a file, or where a link leads.
pub(in crate::branch) fn blob(repository: &Repository, id: Oid) -> Result<Vec<u8>, Error> {
    repository.find_blob(id).map(|blob| blob.content().to_vec()).map_err(cannot_read)
}

pub(super) fn cannot_read(source: git2::Error) -> Error {
    if source.code() == ErrorCode::NotFound {
        let message =
            format!("{}; a partial clone lacks it: fetch it with `git fetch --refetch`", source.message());
        let source = git2::Error::new(source.code(), source.class(), message);
        return Error::Git { doing: "read an object".to_owned(), source };
    }
    Error::Git { doing: "read an object".to_owned(), source }
}

pub(super) fn cannot_write(source: git2::Error) -> Error {
    Error::Git { doing: "write an object".to_owned(), source }
}

/// Returns the tree that has nothing.
pub(super) fn empty(repository: &Repository) -> Result<Oid, Error> {
    write(repository, &[])
}

/// A file, link or submodule that differs between two trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::branch) struct Changed {
    /// Its path.
    pub(in crate::branch) path: Path,
    /// What was there; never a folder.
    pub(in crate::branch) before: Option<Entry>,
    /// What is there; never a folder.
    pub(in crate::branch) after: Option<Entry>,
}

/// Lists what differs between two trees, in git's order. Folders that are equal are not read.
pub(in crate::branch) fn changes(
    repository: &Repository,
    before: Option<Oid>,
    after: Option<Oid>,
) -> Result<Vec<Changed>, Error> {
    let mut found = Vec::new();
    list_changes(repository, [before, after], &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn list_changes(
    repository: &Repository,
    [before, after]: [Option<Oid>; 2],
    folder: &mut Path,
    found: &mut Vec<Changed>,
) -> Result<(), Error> {
    refuse_depth(folder)?;
    for (name, [before, after, _]) in level(repository, [before, after, None])? {
        if before == after {
            continue;
        }
        let length = folder.len();
        folder.extend_from_slice(&name);
        let file = |entry: Option<Entry>| entry.filter(|entry| !entry.is_folder());
        if file(before).is_some() || file(after).is_some() {
            found.push(Changed { path: folder.clone(), before: file(before), after: file(after) });
        }
        let inner = |entry: Option<Entry>| entry.filter(|entry| entry.is_folder()).map(|entry| entry.id);
        if inner(before).is_some() || inner(after).is_some() {
            folder.push(b'/');
            list_changes(repository, [inner(before), inner(after)], folder, found)?;
        }
        folder.truncate(length);
    }
    Ok(())
}
