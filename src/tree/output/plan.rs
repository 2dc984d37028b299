//! What is to become of an output: a function of what was rendered and of what is there.
//!
//! Nothing here reads or writes a file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::PathBuf;

use super::swap::Move;
use crate::tree::RepoPath;
use crate::tree::raw_path::{as_path, lies_in, split};

/// What becomes of generated files that were not rendered this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// They go: the whole fleet was rendered.
    Rendered,
    /// They stay: only a part was.
    Others,
}

/// What a rendered file met at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// No file.
    Nothing,
    /// The same bytes.
    Same,
    /// Other bytes, which were generated too.
    Generated,
    /// A file that somebody else made.
    Foreign,
}

/// Whose something in the output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A file that was rendered this time; only its bytes tell whose it was.
    Rendered,
    /// A file that was generated before.
    Generated,
    /// Somebody else's, also whatever is no file.
    Foreign,
}

/// What is in the output now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Current {
    /// Everything but folders, by path.
    pub files: BTreeMap<Vec<u8>, Owner>,
    /// Every folder, by path, but the output itself.
    pub folders: BTreeSet<Vec<u8>>,
    /// The folders that hold nothing.
    pub empty: BTreeSet<Vec<u8>>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// The generated files that go, in path order.
    pub stale: Vec<RepoPath>,
    /// What is not ours, in path order.
    pub foreign: Vec<PathBuf>,
    /// The folder to move; nothing is to be done where there is none.
    pub replaced: Option<Replaced>,
}

/// A folder of the output that is moved into place as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replaced {
    /// Its path from the output's root.
    pub point: Vec<u8>,
    /// How it gets there.
    pub how: Move,
    /// What in it is carried over.
    pub carried: Vec<Vec<u8>>,
    /// The empty folders in it that stay.
    pub empty: Vec<Vec<u8>>,
    /// The folders that were there before, itself included, the inner ones first.
    pub folders: Vec<Vec<u8>>,
}

/// Something that cannot give way, where a rendered file must go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Obstacle {
    /// Its path.
    pub path: Vec<u8>,
    /// Whose it is.
    pub owner: Owner,
    /// The first rendered file that it hinders.
    pub hinders: RepoPath,
}

/// Decides what is to be done; `current` is absent where there is no output yet.
///
/// # Errors
/// Returns every obstacle, in path order.
pub(super) fn decide(
    rendered: &BTreeMap<RepoPath, Met>,
    current: Option<&Current>,
    keep: Keep,
) -> Result<Plan, Vec<Obstacle>> {
    let absent = Current::default();
    let outlook = Outlook::new(rendered, current.unwrap_or(&absent), keep);
    let obstacles = outlook.obstacles(rendered);
    if !obstacles.is_empty() {
        return Err(obstacles);
    }
    let has_changes = rendered.values().any(|met| *met != Met::Same) || !outlook.stale.is_empty();
    let replaced = has_changes.then(|| outlook.replaced(current.is_some()));
    let foreign = outlook.current.files.iter().filter(|(_, owner)| **owner == Owner::Foreign);
    let foreign = foreign.map(|(path, _)| as_path(path).to_owned()).collect();
    Ok(Plan { stale: outlook.stale, foreign, replaced })
}

/// What will be in the output.
struct Outlook<'a> {
    current: &'a Current,
    rendered: BTreeMap<&'a [u8], Met>,
    /// The generated files that go.
    stale: Vec<RepoPath>,
    /// What stays that was not rendered.
    kept: BTreeSet<&'a [u8]>,
    /// The empty folders that stay.
    empty: BTreeSet<&'a [u8]>,
}

impl<'a> Outlook<'a> {
    fn new(rendered: &'a BTreeMap<RepoPath, Met>, current: &'a Current, keep: Keep) -> Self {
        let rendered = rendered.iter().map(|(path, met)| (path.as_str().as_bytes(), *met)).collect();
        let mut outlook =
            Self { current, rendered, stale: Vec::new(), kept: BTreeSet::new(), empty: BTreeSet::new() };
        for (path, owner) in &current.files {
            match (owner, keep) {
                (Owner::Rendered, _) => {}
                (Owner::Foreign, _) | (Owner::Generated, Keep::Others) => _ = outlook.kept.insert(path),
                // What we generated has a path that we can write.
                (Owner::Generated, Keep::Rendered) => outlook.stale.extend(as_repo_path(path)),
            }
        }
        let gives_way = |path: &[u8]| with_ancestors(path).any(|above| outlook.rendered.contains_key(above));
        outlook.empty = current.empty.iter().map(Vec::as_slice).filter(|path| !gives_way(path)).collect();
        outlook
    }

    fn obstacles(&self, rendered: &BTreeMap<RepoPath, Met>) -> Vec<Obstacle> {
        let mut obstacles: BTreeMap<&[u8], &RepoPath> = BTreeMap::new();
        for (path, met) in rendered {
            if let Some(obstacle) = self.obstacle(path.as_str().as_bytes(), *met) {
                obstacles.entry(obstacle).or_insert(path);
            }
        }
        let owner = |path: &[u8]| match self.current.files.get(path) {
            Some(Owner::Generated) => Owner::Generated,
            Some(Owner::Foreign | Owner::Rendered) | None => Owner::Foreign,
        };
        let obstacle = |(path, hinders): (&[u8], &RepoPath)| Obstacle {
            path: path.to_vec(),
            owner: owner(path),
            hinders: hinders.clone(),
        };
        obstacles.into_iter().map(obstacle).collect()
    }

    /// Returns what cannot give way to the rendered file `path`.
    fn obstacle<'b>(&self, path: &'b [u8], met: Met) -> Option<&'b [u8]>
    where
        'a: 'b,
    {
        match met {
            Met::Same | Met::Generated => None,
            Met::Foreign => Some(path),
            Met::Nothing => {
                let on_the_way = with_ancestors(path).find(|above| self.kept.contains(above));
                on_the_way.or_else(|| first_beneath(&self.kept, path))
            }
        }
    }

    fn replaced(&self, output_is_there: bool) -> Replaced {
        let point = if output_is_there { self.point() } else { b"" };
        let is_there = if point.is_empty() { output_is_there } else { self.current.folders.contains(point) };
        let within = |path: &&[u8]| lies_in(path, point);
        let owned = |path: &[u8]| path.to_vec();
        let same = self.rendered.iter().filter(|(_, met)| **met == Met::Same).map(|(path, _)| *path);
        let carried = self.kept.iter().copied().chain(same).filter(within).map(owned).collect();
        let inner_first = self.current.folders.iter().rev().map(Vec::as_slice);
        let root = (point.is_empty() && output_is_there).then_some(b"".as_slice());
        let folders = inner_first.filter(within).filter(|path| self.will_hold_something(path)).chain(root);
        Replaced {
            point: point.to_vec(),
            how: if is_there { Move::Exchange } else { Move::In },
            carried,
            empty: self.empty.iter().copied().filter(within).map(owned).collect(),
            folders: folders.map(owned).collect(),
        }
    }

    /// Returns the deepest folder that holds every change and can be moved into place by one call.
    fn point(&self) -> &[u8] {
        let written = self.rendered.iter().filter(|(_, met)| **met != Met::Same).map(|(path, _)| *path);
        let stale = self.stale.iter().map(|path| path.as_str().as_bytes());
        let mut folders = written.chain(stale).map(|path| split(path).0);
        let first = folders.next().unwrap_or_default();
        let mut point = folders.fold(first, common_folder);
        while !point.is_empty() && !self.can_move(point) {
            point = split(point).0;
        }
        point
    }

    /// Returns whether a folder is there afterwards, and is there before or can be put where nothing is.
    fn can_move(&self, folder: &[u8]) -> bool {
        let is_folder = |path: &[u8]| path.is_empty() || self.current.folders.contains(path);
        let is_free = |path: &[u8]| is_folder(split(path).0) && !self.current.files.contains_key(path);
        self.will_hold_something(folder) && (is_folder(folder) || is_free(folder))
    }

    fn will_hold_something(&self, folder: &[u8]) -> bool {
        let start = [folder, b"/"].concat();
        let rendered = self.rendered.range(start.as_slice()..).next().map(|(path, _)| *path);
        rendered.is_some_and(|path| path.starts_with(&start))
            || first_beneath(&self.kept, folder).is_some()
            || first_beneath(&self.empty, folder).is_some()
            || self.empty.contains(folder)
    }
}

/// Returns the first path of a set that lies beneath a folder.
fn first_beneath<'a>(paths: &BTreeSet<&'a [u8]>, folder: &[u8]) -> Option<&'a [u8]> {
    let start = [folder, b"/"].concat();
    let from = (Bound::Included(start.as_slice()), Bound::Unbounded);
    paths.range::<[u8], _>(from).next().copied().filter(|path| path.starts_with(&start))
}

/// Returns a path and the folders it lies in, the outermost first, without the root.
fn with_ancestors(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    slashes.map(|(slash, _)| &path[..slash]).chain([path])
}

/// Returns the deepest folder that holds both.
fn common_folder<'a>(left: &'a [u8], right: &'a [u8]) -> &'a [u8] {
    let mut folder = left;
    while !lies_in(right, folder) {
        folder = split(folder).0;
    }
    folder
}

/// Returns the path as one that we can write.
pub(super) fn as_repo_path(path: &[u8]) -> Option<RepoPath> {
    std::str::from_utf8(path).ok().and_then(|path| RepoPath::new(path).ok())
}
