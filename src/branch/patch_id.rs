//! What a change is, whatever it is made on: the id by which picks that were made by hand are found.
//!
//! The id is that of `git patch-id --verbatim` over the change's diff with three lines of context and whole blob ids:
//! white space counts, since it is structure in YAML. It differs from git's where that depends on the order of files:
//! git runs a file without hunks (an empty one, a change of mode) and what follows a binary into the next. Here every
//! file counts for itself, one that is no text by the ids of its blobs. This module must not know what an id is
//! compared with.

use std::fmt;

use git2::{DiffOptions, Patch, Repository};
use sha1::{Digest as _, Sha1};

use super::merge::{Changed, Entry, TreeChange, blob, changes, is_binary};
use crate::error::Error;

/// The id of a change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PatchId([u8; 20]);

impl fmt::Display for PatchId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for PatchId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PatchId({self})")
    }
}

/// Returns the id of a change; `None` where nothing changes. It costs a comparison of every file that changes: ask only
/// for changes of the same paths.
///
/// # Errors
/// [`Error::Git`] where objects are missing.
pub fn patch_id(repository: &Repository, change: TreeChange) -> Result<Option<PatchId>, Error> {
    let files = changes(repository, change.before, Some(change.after))?;
    let mut sum = [0; 20];
    for file in &files {
        let kinds = [file.before, file.after].map(|entry| entry.map(Entry::kind));
        // What changes its kind goes and comes.
        if kinds[0].is_some() && kinds[1].is_some() && kinds[0] != kinds[1] {
            add(&mut sum, hash(repository, &Changed { after: None, ..file.clone() })?);
            add(&mut sum, hash(repository, &Changed { before: None, ..file.clone() })?);
        } else {
            add(&mut sum, hash(repository, file)?);
        }
    }
    Ok((!files.is_empty()).then_some(PatchId(sum)))
}

/// Adds a file's hash, so that the order of files does not matter.
fn add(sum: &mut [u8; 20], hash: [u8; 20]) {
    let mut carry = 0;
    for (byte, added) in sum.iter_mut().zip(hash) {
        carry += u16::from(*byte) + u16::from(added);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
}

fn hash(repository: &Repository, file: &Changed) -> Result<[u8; 20], Error> {
    let mut hasher = Sha1::new();
    let (before, after) = (file.before, file.after);
    let side = |prefix: &str, entry: Option<Entry>| match entry {
        Some(_) => [prefix.as_bytes(), &file.path].concat(),
        None => b"/dev/null".to_vec(),
    };
    let name = |prefix: &str| [prefix.as_bytes(), &file.path].concat();
    hasher.update([b"diff --git ".as_slice(), &name("a/"), b" ", &name("b/"), b"\n"].concat());
    match (before, after) {
        (None, Some(after)) => hasher.update(format!("new file mode {:o}\n", after.mode)),
        (Some(before), None) => hasher.update(format!("deleted file mode {:o}\n", before.mode)),
        (Some(before), Some(after)) if before.mode != after.mode => {
            hasher.update(format!("old mode {:o}\nnew mode {:o}\n", before.mode, after.mode));
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    let (old, new) = (text(repository, before)?, text(repository, after)?);
    if is_binary(&old) || is_binary(&new) {
        for entry in [before, after] {
            hasher.update(entry.map_or("0".repeat(40), |entry| entry.id.to_string()));
        }
    } else if old != new {
        hasher
            .update([b"--- ".as_slice(), &side("a/", before), b"\n+++ ", &side("b/", after), b"\n"].concat());
        add_hunks(&mut hasher, &old, &new)?;
    }
    Ok(hasher.finalize().into())
}

/// Returns what a diff shows of an entry; of a submodule its commit.
fn text(repository: &Repository, entry: Option<Entry>) -> Result<Vec<u8>, Error> {
    match entry {
        Some(entry) if entry.is_submodule() => Ok(format!("Subproject commit {}\n", entry.id).into_bytes()),
        Some(entry) => blob(repository, entry.id),
        None => Ok(Vec::new()),
    }
}

fn add_hunks(hasher: &mut Sha1, old: &[u8], new: &[u8]) -> Result<(), Error> {
    let refused = |source| Error::Git { doing: "compare two versions of a file".to_owned(), source };
    let mut options = DiffOptions::new();
    options.context_lines(3).indent_heuristic(true).force_text(true);
    let patch = Patch::from_buffers(old, None, new, None, Some(&mut options)).map_err(refused)?;
    for hunk in 0..patch.num_hunks() {
        for line in 0..patch.num_lines_in_hunk(hunk).map_err(refused)? {
            let line = patch.line_in_hunk(hunk, line).map_err(refused)?;
            // A line without an end is followed by git's remark about it, which has no origin.
            if let origin @ (' ' | '+' | '-') = line.origin() {
                hasher.update([u8::try_from(origin).unwrap_or(b' ')]);
            }
            hasher.update(line.content());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::branch::fixture::{TempRepository, TestResult};

    /// Returns git's own id of a commit.
    fn gits_own(
        repository: &TempRepository,
        commit: git2::Oid,
    ) -> Result<String, Box<dyn std::error::Error>> {
        let commit = commit.to_string();
        let diff = ["diff-tree", "-p", "--root", "--no-commit-id", "--full-index", "--no-renames", &commit];
        repository.folder.write("diff", &repository.run(&diff)?)?;
        let script = "!git patch-id --verbatim < diff";
        let found = repository.run(&["-c", &format!("alias.id={script}"), "id"])?;
        Ok(found.split(' ').next().unwrap_or_default().to_owned())
    }

    fn ours(repository: &TempRepository, commit: git2::Oid) -> Result<String, Box<dyn std::error::Error>> {
        let change = TreeChange::of(&repository.git.find_commit(commit)?)?;
        Ok(patch_id(&repository.git, change)?.map(|id| id.to_string()).unwrap_or_default())
    }

    #[test]
    fn the_id_is_gits_verbatim_one() -> TestResult {
        let repository = TempRepository::new()?;
        let long: String = (0..60).map(|number| format!("  key{number}: {}\n\n", number % 7)).collect();
        let commits = [
            &[("a.yaml", "a: 1\nb:\n  c: 2\n"), ("b/long.yaml", long.as_str())][..],
            &[("a.yaml", "a: 1\nb:\n    c: 2\n")],
            &[("a.yaml", "a: 1\nb:\n    c: 2"), ("c.yaml", "new\n")],
            &[(
                "b/long.yaml",
                &long.replace("key30", "key").replace("key5: 5\n\n", "key5: 5\n\n  new: 1\n\n"),
            )],
            &[("d", "a\nb"), ("e", "c"), ("a.yaml", "a: 2\n")],
            &[("d", "a\nb\n"), ("e", "c\nd")],
        ];
        for files in commits {
            let commit = repository.commit("main", "a commit", files)?;

            assert_eq!(ours(&repository, commit)?, gits_own(&repository, commit)?);
        }
        Ok(())
    }

    #[test]
    fn white_space_and_the_blobs_of_binaries_count_and_places_do_not() -> TestResult {
        let repository = TempRepository::new()?;
        let base = [("a", "x\ny\nz\n"), ("b", "\0")];
        let mut ids = Vec::new();
        for (branch, start, change) in [
            ("one", "", [("a", "x\ny\n  w\nz\n"), ("b", "\0")]),
            ("two", "", [("a", "x\ny\n    w\nz\n"), ("b", "\0")]),
            ("three", "1\n2\n3\n4\n5\n", [("a", "x\ny\n  w\nz\n"), ("b", "\0")]),
            ("four", "", [("a", "x\ny\nz\n"), ("b", "\0one")]),
            ("five", "", [("a", "x\ny\nz\n"), ("b", "\0two")]),
        ] {
            let before = format!("{start}x\ny\nz\n");
            let after = format!("{start}{}", change[0].1);
            repository.commit(branch, "base", &[("a", before.as_str()), base[1]])?;
            let commit = repository.commit(branch, "change", &[("a", after.as_str()), change[1]])?;
            ids.push(ours(&repository, commit)?);
        }

        assert_ne!(ids[0], ids[1], "white space");
        assert_ne!(ids[0], ids[2], "the context is another");
        assert_ne!(ids[3], ids[4], "binaries");
        Ok(())
    }
}
