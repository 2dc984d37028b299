//! The pick: what one commit changed, brought onto another tree.
//!
//! The result is git's own, as `git cherry-pick` of git 2.39 makes it without any configuration: three trees are
//! compared entry by entry, renames of either side are followed, and files that both sides changed are merged line by
//! line. (Later versions see a few cases otherwise: a last line without an end counts in how alike files are since 2.44,
//! groups of lines that slid are matched again since 2.54.) Attributes and configuration have no say, so that a bare
//! repository and a work tree give the same. Objects are written to the repository's store and nothing else is. This
//! module must not know of policies, branches or work trees.

mod collect;
mod content;
mod directory;
mod hash_order;
mod lines;
mod owners;
mod rename;
mod renamed;
mod resolve;
mod similarity;
mod three_way;
mod tree;

pub(in crate::branch) use content::is_binary;
pub use owners::line_owners;
pub(in crate::branch) use tree::{Changed, Entry, Path, blob, changes, look_up, update};

use std::collections::BTreeSet;

use git2::{Commit, Oid, Repository};

use crate::error::Error;

/// What a commit changed: the trees before and after it. A revert is the same the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TreeChange {
    /// The tree of the parent; `None` for a commit without one.
    pub before: Option<Oid>,
    /// The commit's own tree.
    pub after: Oid,
}

impl TreeChange {
    /// Returns what `commit` changed, seen from its first parent.
    ///
    /// # Errors
    /// [`Error::Git`] where the parent is not in the repository.
    pub fn of(commit: &Commit<'_>) -> Result<Self, Error> {
        let before = match commit.parent_ids().next() {
            Some(_) => Some(commit.parent(0).map_err(tree::cannot_read)?.tree_id()),
            None => None,
        };
        Ok(Self { before, after: commit.tree_id() })
    }

    /// Returns the change that takes this one back.
    ///
    /// # Errors
    /// [`Error::Git`] where the empty tree cannot be written, before which a first commit stands.
    pub fn reversed(self, repository: &Repository) -> Result<Self, Error> {
        let after = match self.before {
            Some(before) => before,
            None => tree::empty(repository)?,
        };
        Ok(Self { before: Some(self.after), after })
    }
}

/// What to do with a file that was added to a folder which the other side has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directories {
    /// It is a conflict that suggests the new folder, as in git.
    Ask,
    /// The file goes to the new folder.
    Follow,
    /// The file goes where it was added.
    Ignore,
}

/// What stands behind conflict markers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// The side that is picked onto.
    pub ours: String,
    /// What the change starts from.
    pub base: String,
    /// The change.
    pub theirs: String,
}

impl Labels {
    /// Returns git's labels for a commit that is picked; ids have twelve digits.
    pub fn of_pick(commit: &Commit<'_>) -> Self {
        let theirs = named(commit);
        Self { ours: "HEAD".to_owned(), base: format!("parent of {theirs}"), theirs }
    }

    /// Returns git's labels for a commit that is taken back.
    pub fn of_revert(commit: &Commit<'_>) -> Self {
        let base = named(commit);
        Self { ours: "HEAD".to_owned(), theirs: format!("parent of {base}"), base }
    }
}

fn named(commit: &Commit<'_>) -> String {
    let id = commit.id().to_string();
    let subject = String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default());
    format!("{} ({subject})", &id[..12])
}

/// How a change is brought onto a tree.
pub struct MergeOptions<'a> {
    /// Which paths are left as the target has them.
    pub kept: &'a dyn Fn(&str) -> bool,
    /// What becomes of files in folders that moved.
    pub directories: Directories,
    /// What conflict markers say.
    pub labels: Labels,
}

/// What a pick gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// It went in; the tree may be the one that was there before.
    Clean {
        /// The tree.
        tree: Oid,
    },
    /// A human must decide.
    Conflict {
        /// What, by path.
        conflicts: Vec<Conflict>,
        /// The tree as far as it could be merged, conflict markers (`diff3`) where it could not.
        marked: Oid,
    },
}

/// A path that could not be merged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// The path on the target; of something that is not there, the unit's.
    pub path: String,
    /// Why.
    pub kind: ConflictKind,
    /// Where the file should go instead, of `directory-rename`.
    pub suggest: Option<String>,
    /// Lines of the tree before the change that the two sides do not agree on.
    pub lines: Vec<OldLines>,
}

/// Lines of a file before the change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OldLines {
    /// The file's path in the tree before the change.
    pub path: String,
    /// The first line, counted from 0.
    pub first: usize,
    /// How many lines.
    pub count: usize,
}

/// Why a path could not be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConflictKind {
    /// Both sides changed the same lines.
    Content,
    /// Both sides added the path, with different content.
    AddAdd,
    /// One side changed what the other deleted, or put a folder in its place.
    ModifyDelete,
    /// The sides renamed a file differently, or two files to one name.
    Rename,
    /// A file was added to a folder that has moved.
    DirectoryRename,
    /// The sides made different things of it: a link, a file, an executable file.
    Mode,
    /// Both sides changed a file that is no text.
    Binary,
    /// Both sides moved a submodule.
    Submodule,
    /// The file could not be generated anew.
    Regenerate,
}

impl ConflictKind {
    /// Returns the word that plans have for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::AddAdd => "add-add",
            Self::ModifyDelete => "modify-delete",
            Self::Rename => "rename",
            Self::DirectoryRename => "directory-rename",
            Self::Mode => "mode",
            Self::Binary => "binary",
            Self::Submodule => "submodule",
            Self::Regenerate => "regenerate",
        }
    }
}

/// Brings `change` onto the tree `onto`. Only folders on the way to what changes are read and written.
///
/// # Errors
/// [`Error::Git`] where objects are missing or cannot be written.
pub fn pick(
    repository: &Repository,
    change: TreeChange,
    onto: Oid,
    options: &MergeOptions<'_>,
) -> Result<Picked, Error> {
    if change.before == Some(change.after) || onto == change.after {
        return Ok(Picked::Clean { tree: onto });
    }
    let collected =
        collect::collect(repository, [change.before, Some(onto), Some(change.after)], options.kept)?;
    resolve::resolve(repository, collected, onto, options)
}

/// Returns the paths that `change` touches, both the old and the new of what it renames. Bytes that are no UTF-8 are
/// replaced.
///
/// # Errors
/// [`Error::Git`] where trees are missing.
pub fn changed_paths(repository: &Repository, change: TreeChange) -> Result<BTreeSet<String>, Error> {
    let paths = tree::changes(repository, change.before, Some(change.after))?;
    Ok(paths.into_iter().map(|change| text(&change.path)).collect())
}

/// Returns a path as text.
pub(in crate::branch) fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::temp::{TempFolder, TestResult};

    /// Writes a tree from paths and texts.
    fn tree_of(repository: &Repository, files: &[(&str, &str)]) -> Result<Oid, Box<dyn std::error::Error>> {
        let mut builder = git2::build::TreeUpdateBuilder::new();
        for (path, text) in files {
            builder.upsert(*path, repository.blob(text.as_bytes())?, git2::FileMode::Blob);
        }
        let empty = repository.find_tree(tree::empty(repository)?)?;
        Ok(builder.create_updated(repository, &empty)?)
    }

    fn options<'a>(kept: &'a dyn Fn(&str) -> bool) -> MergeOptions<'a> {
        let labels = Labels { ours: "HEAD".into(), base: "parent of c (c)".into(), theirs: "c (c)".into() };
        MergeOptions { kept, directories: Directories::Ask, labels }
    }

    #[test]
    fn a_change_goes_onto_a_tree_that_differs_elsewhere_and_only_its_folders_are_written() -> TestResult {
        let folder = TempFolder::with(&[])?;
        let repository = Repository::init_bare(folder.path())?;
        let before = tree_of(&repository, &[("a/x.yaml", "1\n2\n3\n"), ("b/y.yaml", "y\n")])?;
        let after = tree_of(&repository, &[("a/x.yaml", "1\n2\n4\n"), ("b/y.yaml", "y\n"), ("c/new", "n")])?;
        let onto = tree_of(&repository, &[("a/x.yaml", "0\n2\n3\n"), ("b/z.yaml", "z\n")])?;

        let change = TreeChange { before: Some(before), after };
        let picked = pick(&repository, change, onto, &options(&|_| false))?;
        let kept = pick(&repository, change, onto, &options(&|path| path.starts_with("c/")))?;
        let nothing = pick(&repository, change, onto, &options(&|_| true))?;

        let tree = tree_of(&repository, &[("a/x.yaml", "0\n2\n4\n"), ("b/z.yaml", "z\n"), ("c/new", "n")])?;
        assert_eq!(picked, Picked::Clean { tree });
        let tree = tree_of(&repository, &[("a/x.yaml", "0\n2\n4\n"), ("b/z.yaml", "z\n")])?;
        assert_eq!(kept, Picked::Clean { tree });
        assert_eq!(nothing, Picked::Clean { tree: onto });
        Ok(())
    }

    #[test]
    fn a_moved_folder_is_asked_about_or_followed_or_not() -> TestResult {
        let folder = TempFolder::with(&[])?;
        let repository = Repository::init_bare(folder.path())?;
        let before = tree_of(&repository, &[("old/a", "a\n"), ("old/b", "b\n")])?;
        let after = tree_of(&repository, &[("old/a", "a\n"), ("old/b", "b\n"), ("old/c", "c\n")])?;
        let onto = tree_of(&repository, &[("new/a", "a\n"), ("new/b", "b\n")])?;
        let change = TreeChange { before: Some(before), after };
        let picked = |directories: Directories| {
            pick(&repository, change, onto, &MergeOptions { directories, ..options(&|_| false) })
        };

        let followed = tree_of(&repository, &[("new/a", "a\n"), ("new/b", "b\n"), ("new/c", "c\n")])?;
        let ignored = tree_of(&repository, &[("new/a", "a\n"), ("new/b", "b\n"), ("old/c", "c\n")])?;
        let conflict = Conflict {
            path: "old/c".to_owned(),
            kind: ConflictKind::DirectoryRename,
            suggest: Some("new/c".to_owned()),
            lines: Vec::new(),
        };
        let asked = Picked::Conflict { conflicts: vec![conflict], marked: followed };
        assert_eq!(picked(Directories::Ask)?, asked);
        assert_eq!(picked(Directories::Follow)?, Picked::Clean { tree: followed });
        assert_eq!(picked(Directories::Ignore)?, Picked::Clean { tree: ignored });
        Ok(())
    }

    #[test]
    fn a_renamed_file_that_the_target_deleted_is_one_conflict() -> TestResult {
        let folder = TempFolder::with(&[])?;
        let repository = Repository::init_bare(folder.path())?;
        let before = tree_of(&repository, &[("a", "1\n2\n3\n4\n"), ("z", "z\n")])?;
        let after = tree_of(&repository, &[("b", "1\n2\n3\n5\n"), ("z", "z\n")])?;
        let onto = tree_of(&repository, &[("z", "z\n")])?;

        let change = TreeChange { before: Some(before), after };
        let picked = pick(&repository, change, onto, &options(&|_| false))?;

        let Picked::Conflict { conflicts, .. } = picked else { return Err("it is a conflict".into()) };
        let lines = vec![OldLines { path: "a".to_owned(), first: 3, count: 1 }];
        let kind = ConflictKind::Rename;
        assert_eq!(conflicts, [Conflict { path: "b".to_owned(), kind, suggest: None, lines }]);
        Ok(())
    }

    #[test]
    fn a_file_that_both_sides_moved_alike_is_the_targets_own_as_in_git() -> TestResult {
        let folder = TempFolder::with(&[])?;
        let repository = Repository::init_bare(folder.path())?;
        let before = tree_of(&repository, &[("a/b", "x\ny\n")])?;
        let after = tree_of(&repository, &[("new/b", "x\ny\n")])?;
        let onto = tree_of(&repository, &[("a/b", "x\n"), ("new/b", "x\ny\n")])?;

        let change = TreeChange { before: Some(before), after };
        let picked = pick(&repository, change, onto, &options(&|_| false))?;

        assert_eq!(picked, Picked::Clean { tree: after });
        Ok(())
    }

    #[test]
    fn folders_in_folders_in_folders_are_refused_before_the_stack_ends() -> TestResult {
        let folder = TempFolder::with(&[])?;
        let repository = Repository::init_bare(folder.path())?;
        let deep = |text: &str| -> Result<Oid, Box<dyn std::error::Error>> {
            let mut tree = tree_of(&repository, &[("x", text)])?;
            for _ in 0..400 {
                let mut builder = repository.treebuilder(None)?;
                builder.insert("d", tree, 0o040_000)?;
                tree = builder.write()?;
            }
            Ok(tree)
        };
        let change = TreeChange { before: Some(deep("a")?), after: deep("b")? };

        let refusal = pick(&repository, change, deep("c")?, &options(&|_| false));

        let refusal = refusal.map_err(|refusal| refusal.to_string());
        let why = "cannot compare trees: more than 256 folders lie in each other";
        assert_eq!(refusal, Err(why.to_owned()));
        Ok(())
    }

    #[test]
    fn lines_that_both_sides_changed_are_marked_with_what_they_were() -> TestResult {
        let folder = TempFolder::with(&[])?;
        let repository = Repository::init_bare(folder.path())?;
        let before = tree_of(&repository, &[("x.yaml", "a: 1\nb: 2\n"), ("gone", "g\n")])?;
        let after = tree_of(&repository, &[("x.yaml", "a: 2\nb: 2\n"), ("gone", "h\n")])?;
        let onto = tree_of(&repository, &[("x.yaml", "a: 3\nb: 2\n")])?;

        let change = TreeChange { before: Some(before), after };
        let picked = pick(&repository, change, onto, &options(&|_| false))?;

        let Picked::Conflict { conflicts, marked } = picked else { return Err("it is a conflict".into()) };
        let found: Vec<(&str, &str)> =
            conflicts.iter().map(|conflict| (conflict.path.as_str(), conflict.kind.word())).collect();
        assert_eq!(found, [("gone", "modify-delete"), ("x.yaml", "content")]);
        let text = "<<<<<<< HEAD\na: 3\n||||||| parent of c (c)\na: 1\n=======\na: 2\n>>>>>>> c (c)\nb: 2\n";
        assert_eq!(marked, tree_of(&repository, &[("gone", "h\n"), ("x.yaml", text)])?);
        Ok(())
    }
}
