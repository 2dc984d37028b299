//! Which of the files that one side made appear are those that it made disappear.
//!
//! Equal files first, then files that keep their name, then the most alike. Only files that somebody needs are looked
//! for: those that the other side changed, and those that tell where a folder went to which the other side added
//! something. The rules are git's (`diffcore_rename_extended` as `ort` calls it). This module must not change what it
//! was told of paths.

use std::collections::{BTreeMap, BTreeSet};

use git2::{Oid, Repository};

use super::collect::{Candidate, Relevance, Removed, Side};
use super::hash_order::hash_order;
use super::similarity::{ENOUGH, ENOUGH_OF_NAMESAKES, Pieces, score};
use super::tree::{self, Path};
use crate::error::Error;

/// More comparisons than of this many files with as many others are not made.
const MOST_FILES: usize = 7000;
/// How many equal files are looked at for one that goes by the same name.
const MOST_EQUAL: usize = 100;
/// How many sources are remembered for a destination.
const MOST_SOURCES: usize = 4;

/// How many files went from one folder to another, by the folder they left.
pub(super) type Moves = BTreeMap<Path, BTreeMap<Path, usize>>;

/// What one side renamed.
#[derive(Debug, Default)]
pub(super) struct Renames {
    /// For each file that appeared, in order: where it was before.
    pub(super) sources: Vec<Option<Path>>,
    /// Where the files of folders that disappeared went.
    pub(super) moves: Moves,
}

/// Finds the renames of one side.
pub(super) fn find(repository: &Repository, side: &Side) -> Result<Renames, Error> {
    let mut search = Search {
        repository,
        deleted: &side.deleted,
        added: &side.added,
        sources: with_content(&side.deleted),
        destinations: with_content(&side.added),
        pairs: BTreeMap::new(),
        relevant: side.relevant.clone(),
        removed: side.removed.clone(),
        moves: Moves::new(),
        pieces: BTreeMap::new(),
    };
    if !side.relevant.is_empty() && !search.sources.is_empty() && !search.destinations.is_empty() {
        search.run()?;
    }
    let source = |place: usize| search.pairs.get(&place).map(|source| side.deleted[*source].path.clone());
    let sources = (0..side.added.len()).map(source).collect();
    Ok(Renames { sources, moves: search.moves })
}

/// Returns the places of the files that are not empty: empty ones are alike without being the same.
fn with_content(candidates: &[Candidate]) -> Vec<usize> {
    const EMPTY: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    let empty = Oid::from_str(EMPTY).ok();
    (0..candidates.len()).filter(|place| Some(candidates[*place].entry.id) != empty).collect()
}

struct Search<'a> {
    repository: &'a Repository,
    deleted: &'a [Candidate],
    added: &'a [Candidate],
    /// Places in `deleted` of files that have not been found again.
    sources: Vec<usize>,
    /// Places in `added`.
    destinations: Vec<usize>,
    /// The place in `deleted` of each place in `added` that was found to be a rename.
    pairs: BTreeMap<usize, usize>,
    relevant: BTreeMap<Path, Relevance>,
    removed: BTreeMap<Path, Removed>,
    moves: Moves,
    pieces: BTreeMap<Oid, Pieces>,
}

/// Returns the folder of a path, `""` at the root.
pub(super) fn folder_of(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').map_or(b"", |slash| &path[..slash])
}

fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

impl<'a> Search<'a> {
    fn run(&mut self) -> Result<(), Error> {
        self.find_equal();
        self.drop_found();
        let pairs: Vec<(usize, usize)> = self.pairs.iter().map(|(to, from)| (*from, *to)).collect();
        pairs.into_iter().for_each(|(from, to)| self.count_move(from, to));
        self.find_namesakes()?;
        self.drop_found();
        let (deleted, relevant) = (self.deleted, &self.relevant);
        self.sources.retain(|source| relevant.contains_key(&deleted[*source].path));
        self.drop_known_folders();
        self.find_alike()?;
        let removed = &self.removed;
        let is_relevant = |folder: &Path| removed.get(folder).is_some_and(|why| *why != Removed::NotRelevant);
        self.moves.retain(|folder, _| is_relevant(folder));
        Ok(())
    }

    fn drop_found(&mut self) {
        let found: BTreeSet<usize> = self.pairs.values().copied().collect();
        self.sources.retain(|source| !found.contains(source));
    }

    /// Pairs files that are the same, those of one name first.
    fn find_equal(&mut self) {
        let mut by_id: BTreeMap<Oid, Vec<usize>> = BTreeMap::new();
        for source in &self.sources {
            by_id.entry(self.deleted[*source].entry.id).or_default().push(*source);
        }
        for destination in &self.destinations {
            let to = &self.added[*destination];
            let Some(sources) = by_id.get_mut(&to.entry.id) else { continue };
            let is_possible = |source: &&usize| {
                let from = &self.deleted[**source];
                (from.entry.is_file() && to.entry.is_file()) || from.entry.mode == to.entry.mode
            };
            let possible = || sources.iter().filter(is_possible).take(MOST_EQUAL).copied();
            let name = name_of(&to.path);
            let namesake = possible().find(|source| name_of(&self.deleted[*source].path) == name);
            if let Some(source) = namesake.or_else(|| possible().next()) {
                self.pairs.insert(*destination, source);
                sources.retain(|other| *other != source);
            }
        }
    }

    /// Counts where a file's folder went, and the folders above it as far as the ends of both paths are the same.
    fn count_move(&mut self, from: usize, to: usize) {
        let (mut old, mut new) = (self.deleted[from].path.as_slice(), self.added[to].path.as_slice());
        let mut is_first = true;
        loop {
            let (old_folder, new_folder) = (folder_of(old), folder_of(new));
            let Some(relevance) = self.removed.get(old_folder).copied() else { return };
            if !is_first && name_of(old) != name_of(new) {
                return;
            }
            if relevance == Removed::ForSelf || is_first {
                count(&mut self.moves, old_folder, new_folder);
            }
            is_first = false;
            if relevance == Removed::NotRelevant || old_folder.is_empty() || new_folder.is_empty() {
                return;
            }
            (old, new) = (old_folder, new_folder);
        }
    }

    /// Pairs files of one name: where there is one of it on either side, or where others of its folder went.
    fn find_namesakes(&mut self) -> Result<(), Error> {
        let guesses: BTreeMap<Path, Path> = self.moves.iter().filter_map(guess).collect();
        let names_of_sources = unique_names(self.deleted, &self.sources);
        let open: Vec<usize> =
            self.destinations.iter().copied().filter(|place| !self.pairs.contains_key(place)).collect();
        let names_of_destinations = unique_names(self.added, &open);
        let by_path: BTreeMap<&[u8], usize> =
            open.iter().map(|place| (self.added[*place].path.as_slice(), *place)).collect();
        for source in self.sources.clone() {
            let path = self.deleted[source].path.as_slice();
            if !self.relevant.contains_key(path) {
                continue;
            }
            let Some(destination) = names_of_destinations.get(name_of(path)).copied() else { continue };
            let is_only_one = names_of_sources.get(name_of(path)).copied().flatten().is_some();
            let destination = destination.filter(|_| is_only_one).or_else(|| {
                let folder = guesses.get(folder_of(path))?;
                let guess = [folder, b"/".as_slice(), name_of(path)].concat();
                by_path.get(guess.as_slice()).copied()
            });
            let Some(destination) = destination.filter(|place| !self.pairs.contains_key(place)) else {
                continue;
            };
            if self.score(source, destination, ENOUGH_OF_NAMESAKES)? >= ENOUGH_OF_NAMESAKES {
                self.pairs.insert(destination, source);
                self.count_move(source, destination);
            }
        }
        Ok(())
    }

    /// Drops files that were only to tell where a folder went, when enough others have told.
    fn drop_known_folders(&mut self) {
        let unknown = b"/".as_slice();
        for source in &self.sources {
            let mut folder = folder_of(&self.deleted[*source].path);
            while !folder.is_empty()
                && self.removed.get(folder).is_some_and(|relevance| *relevance != Removed::NotRelevant)
            {
                count(&mut self.moves, folder, unknown);
                folder = folder_of(folder);
            }
        }
        for (folder, counts) in &self.moves {
            if let Some(relevance) = self.removed.get_mut(folder)
                && *relevance == Removed::ForSelf
                && is_known(counts, unknown)
            {
                *relevance = Removed::ForAncestor;
            }
        }
        self.moves.values_mut().for_each(|counts| {
            counts.remove(unknown);
        });
        let (deleted, removed, relevant) = (self.deleted, &self.removed, &self.relevant);
        self.sources.retain(|source| {
            let path = &deleted[*source].path;
            relevant.get(path) != Some(&Relevance::Location) || is_needed(removed, path)
        });
    }

    /// Compares what is left with each other; the most alike are pairs.
    fn find_alike(&mut self) -> Result<(), Error> {
        let open: Vec<usize> =
            self.destinations.iter().copied().filter(|place| !self.pairs.contains_key(place)).collect();
        if open.len() * self.sources.len() > MOST_FILES * MOST_FILES {
            return Ok(());
        }
        let mut matches = Vec::new();
        for destination in open {
            let mut best: Vec<Match> = Vec::new();
            for source in self.sources.clone() {
                let score = self.score(source, destination, ENOUGH)?;
                let name = name_of(&self.deleted[source].path) == name_of(&self.added[destination].path);
                keep_better(&mut best, Match { source, destination, score, is_namesake: name });
            }
            matches.extend(best);
        }
        matches.sort_by(Match::better_first);
        let mut found = BTreeSet::new();
        for pair in matches.into_iter().filter(|pair| pair.score >= ENOUGH) {
            if self.pairs.contains_key(&pair.destination) || !found.insert(pair.source) {
                continue;
            }
            self.pairs.insert(pair.destination, pair.source);
            self.count_move(pair.source, pair.destination);
        }
        Ok(())
    }

    fn score(&mut self, source: usize, destination: usize, least: u64) -> Result<u64, Error> {
        let (one, other) = (self.deleted[source].entry, self.added[destination].entry);
        if !one.is_file() || !other.is_file() {
            return Ok(0);
        }
        for id in [one.id, other.id] {
            if let std::collections::btree_map::Entry::Vacant(place) = self.pieces.entry(id) {
                place.insert(Pieces::of(&tree::blob(self.repository, id)?));
            }
        }
        let pieces = |id: Oid| self.pieces.get(&id);
        Ok(pieces(one.id).zip(pieces(other.id)).map_or(0, |(one, other)| score(one, other, least)))
    }
}

fn count(moves: &mut Moves, from: &[u8], to: &[u8]) {
    *moves.entry(from.to_vec()).or_default().entry(to.to_vec()).or_insert(0) += 1;
}

/// Returns the folder that most files of a folder went to.
fn guess((from, counts): (&Path, &BTreeMap<Path, usize>)) -> Option<(Path, Path)> {
    let most = counts.values().max()?;
    let places: Vec<(&Path, &usize)> = counts.iter().collect();
    let order = hash_order(counts.keys().map(Vec::as_slice));
    let (to, _) = order.into_iter().map(|place| places[place]).find(|(_, count)| *count == most)?;
    Some((from.clone(), to.clone()))
}

/// Returns the place of each name, `None` where several have it.
fn unique_names<'a>(candidates: &'a [Candidate], places: &[usize]) -> BTreeMap<&'a [u8], Option<usize>> {
    let mut names: BTreeMap<&[u8], Option<usize>> = BTreeMap::new();
    for place in places {
        let name = name_of(&candidates[*place].path);
        names.entry(name).and_modify(|found| *found = None).or_insert(Some(*place));
    }
    names
}

/// Returns whether the files that have not been found again could change nothing about where a folder went.
fn is_known(counts: &BTreeMap<Path, usize>, unknown: &[u8]) -> bool {
    let open = counts.get(unknown).copied().unwrap_or(0);
    let mut known: Vec<usize> =
        counts.iter().filter(|(folder, _)| folder.as_slice() != unknown).map(|(_, count)| *count).collect();
    known.sort_unstable_by(|one, other| other.cmp(one));
    let rank = |place: usize| known.get(place).copied().unwrap_or(0);
    rank(0) > rank(1) + open
}

/// Returns whether a folder above the file still has to be found.
fn is_needed(removed: &BTreeMap<Path, Removed>, path: &[u8]) -> bool {
    let mut folder = folder_of(path);
    loop {
        match removed.get(folder) {
            Some(Removed::ForSelf) => return true,
            Some(Removed::ForAncestor) if !folder.is_empty() => folder = folder_of(folder),
            Some(Removed::ForAncestor | Removed::NotRelevant) | None => return false,
        }
    }
}

/// How alike two files are.
#[derive(Clone, Copy)]
struct Match {
    source: usize,
    destination: usize,
    score: u64,
    is_namesake: bool,
}

impl Match {
    fn better_first(&self, other: &Self) -> std::cmp::Ordering {
        other.score.cmp(&self.score).then(other.is_namesake.cmp(&self.is_namesake))
    }
}

/// Keeps the best few; of equally good ones those that came first.
fn keep_better(best: &mut Vec<Match>, found: Match) {
    if best.len() < MOST_SOURCES {
        best.push(found);
        return;
    }
    let mut worst = 0;
    for place in 1..best.len() {
        if best[place].better_first(&best[worst]).is_gt() {
            worst = place;
        }
    }
    if best[worst].better_first(&found).is_gt() {
        best[worst] = found;
    }
}
