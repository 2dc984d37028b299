//! What is in memory becomes one pack on disk.
//!
//! libgit2's own writer of packs puts the index in its place before the pack, and makes neither durable unless the
//! repository's configuration says so. The pack is therefore written to a folder of our own and moved from there:
//! first the pack, then the index, by which others find it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use git2::{ObjectType, Odb, OdbLookupFlags, Oid, Repository};

use super::turn::Turn;
use crate::error::Error;

/// Writes `made` and all they hold that is not on disk yet; nothing where all of it is.
pub(super) fn write(repository: &Repository, disk: &Odb<'_>, made: &[Oid], turn: &Turn) -> Result<(), Error> {
    if made.is_empty() {
        return Ok(());
    }
    let refused = |source| Error::Git { doing: "write a pack of what was made".to_owned(), source };
    let objects = Missing::find(repository, disk, made).map_err(refused)?;
    if objects.is_empty() {
        return Ok(());
    }
    let mut pack = repository.packbuilder().map_err(refused)?;
    for id in objects {
        pack.insert_object(id, None).map_err(refused)?;
    }
    pack.write(turn.folder(), 0).map_err(refused)?;
    let name = pack.name().map_err(refused)?.unwrap_or_default();
    let name = format!("pack-{name}");
    drop(pack);
    let folder = repository.commondir().join("objects/pack");
    move_in(turn.folder(), &folder, &name)?;
    disk.refresh().map_err(refused)
}

/// Makes a pack durable, and moves it to where git looks for it.
fn move_in(from: &Path, to: &Path, name: &str) -> Result<(), Error> {
    let files = [format!("{name}.pack"), format!("{name}.idx")];
    for file in &files {
        sync(&from.join(file))?;
    }
    fs::create_dir_all(to).map_err(|source| Error::io("make", to, source))?;
    for file in &files {
        let place = to.join(file);
        fs::rename(from.join(file), &place).map_err(|source| Error::io("write", place, source))?;
    }
    sync(to)
}

/// Waits until a file, or the names in a folder, are durable.
pub(super) fn sync(path: &Path) -> Result<(), Error> {
    let refused = |source| Error::io("write", path, source);
    File::open(path).and_then(|file| file.sync_all()).map_err(refused)
}

/// A walk over what is in memory alone.
struct Missing<'a> {
    repository: &'a Repository,
    disk: &'a Odb<'a>,
    /// What was looked at: found on disk, or already taken.
    known: BTreeSet<Oid>,
    objects: Vec<Oid>,
}

impl<'a> Missing<'a> {
    fn find(repository: &'a Repository, disk: &'a Odb<'a>, made: &[Oid]) -> Result<Vec<Oid>, git2::Error> {
        disk.refresh()?;
        let mut missing = Self { repository, disk, known: BTreeSet::new(), objects: Vec::new() };
        for id in made {
            missing.add(*id)?;
        }
        Ok(missing.objects)
    }

    fn add(&mut self, start: Oid) -> Result<(), git2::Error> {
        let mut ahead = vec![start];
        while let Some(id) = ahead.pop() {
            if !self.known.insert(id) || self.disk.exists_ext(id, OdbLookupFlags::NO_REFRESH) {
                continue;
            }
            let object = match self.repository.find_object(id, None) {
                Ok(object) => object,
                // A partial clone lacks what nobody has asked for.
                Err(_) if id != start => continue,
                Err(refusal) => return Err(refusal),
            };
            self.objects.push(id);
            if let Some(commit) = object.as_commit() {
                ahead.extend(commit.parent_ids());
                ahead.push(commit.tree_id());
            } else if let Some(tree) = object.as_tree() {
                // A submodule's commit is in another repository.
                let held = tree.iter().filter(|entry| entry.kind() != Some(ObjectType::Commit));
                ahead.extend(held.map(|entry| entry.id()).filter(|id| !self.known.contains(id)));
            } else if let Some(tag) = object.as_tag() {
                ahead.push(tag.target_id());
            }
        }
        Ok(())
    }
}
