//! Which files a selection comes to, in a worktree or in a git tree.
//!
//! Both are listed by the same code, so that a fleet reads the same from either. This module must not read a file.

use std::path::Path;

use super::RepoPath;
use super::link::{self, MOST_LINKS, Refusal, Standing};
use super::selection::{self, Limits, Selection};
use crate::diagnostic::Report;
use crate::error::Error;

/// What can be listed.
pub(super) trait Store {
    /// Tells what stands at `path`, whose folder is one without links on the way.
    fn look(&self, path: &str) -> Result<Standing, Error>;

    /// Lists the entries of `folder`, which is one without links on the way, in any order.
    fn entries(&self, folder: &str) -> Result<Vec<(Vec<u8>, Standing)>, Error>;
}

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where the tree has it.
    pub path: RepoPath,
    /// Where it lies in the store, without links on the way.
    pub real: String,
}

/// Lists the files of a selection, and what is wrong with others.
///
/// # Errors
/// Returns what the store refused.
pub(super) fn list(
    store: &impl Store,
    selection: Selection<'_>,
    limits: Limits,
) -> Result<(Vec<Found>, Report), Error> {
    let mut listing = Listing { store, limits, files: Vec::new(), folders: 0, report: Report::default() };
    for start in selection.folders {
        listing.add_start(start, Expected::Folder)?;
    }
    for start in selection.files {
        listing.add_start(start, Expected::File)?;
    }
    Ok((listing.files, listing.report))
}

/// What a path of the selection is meant to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Folder,
    File,
}

/// What was found so far.
struct Listing<'a, S> {
    store: &'a S,
    limits: Limits,
    files: Vec<Found>,
    /// How many folders were found.
    folders: usize,
    report: Report,
}

/// A folder being walked: where it really is, as what it is shown, and where the links lie that led there.
struct Walk<'a> {
    real: &'a str,
    shown: &'a str,
    links: &'a [String],
}

impl<S: Store> Listing<'_, S> {
    /// Adds what the selection names, if it is there.
    fn add_start(&mut self, start: &str, expected: Expected) -> Result<(), Error> {
        match (self.store.look(start)?, expected) {
            (Standing::Nothing, _) => {}
            (Standing::Forged, _) => self.report.push(selection::name_finding(start)),
            (Standing::Link(target), _) => {
                self.add_link(&Walk { real: start, shown: start, links: &[] }, &target)?;
            }
            (Standing::Folder, Expected::Folder) => {
                self.add_folder(&Walk { real: start, shown: start, links: &[] })?;
            }
            (Standing::File, Expected::File) => self.add_file(start, start),
            (Standing::Folder, Expected::File) => {
                self.report.push(selection::kind_finding(start, "a folder", "a file"));
            }
            (Standing::File, Expected::Folder) => {
                self.report.push(selection::kind_finding(start, "a file", "a folder"));
            }
            (Standing::Other(what), Expected::File) => {
                self.report.push(selection::kind_finding(start, what, "a file"));
            }
            (Standing::Other(what), Expected::Folder) => {
                self.report.push(selection::kind_finding(start, what, "a folder"));
            }
        }
        Ok(())
    }

    fn add_folder(&mut self, walk: &Walk<'_>) -> Result<(), Error> {
        self.folders += 1;
        if walk.shown.split('/').count() > self.limits.depth {
            self.report.push(self.limits.depth_finding());
            return Ok(());
        }
        for (name, standing) in self.store.entries(walk.real)? {
            if self.is_full() {
                return Ok(());
            }
            if !selection::is_left_out(&name) || standing == Standing::Forged {
                self.add_entry(walk, &name, &standing)?;
            }
        }
        Ok(())
    }

    fn add_entry(&mut self, walk: &Walk<'_>, name: &[u8], standing: &Standing) -> Result<(), Error> {
        let shown = format!("{}/{}", walk.shown, String::from_utf8_lossy(name));
        let usable = *standing != Standing::Forged
            && std::str::from_utf8(name).is_ok_and(|name| !name.contains('/'))
            && RepoPath::new(&shown).is_ok();
        if !usable {
            self.report.push(selection::name_finding(&shown));
            return Ok(());
        }
        let real = format!("{}/{}", walk.real, String::from_utf8_lossy(name));
        let entry = Walk { real: &real, shown: &shown, links: walk.links };
        match standing {
            // Gone since its folder was read.
            Standing::Nothing | Standing::Forged => {}
            Standing::Folder => self.add_folder(&entry)?,
            Standing::File => self.add_file(&shown, &real),
            Standing::Link(target) => self.add_link(&entry, target)?,
            Standing::Other(what) => {
                self.report.push(selection::kind_finding(&shown, what, "a file or a folder"));
            }
        }
        Ok(())
    }

    fn add_file(&mut self, shown: &str, real: &str) {
        match RepoPath::new(shown) {
            Ok(path) => self.files.push(Found { path, real: real.to_owned() }),
            Err(_) => self.report.push(selection::name_finding(shown)),
        }
        _ = self.is_full();
    }

    /// Adds what the link at the end of a walk leads to.
    fn add_link(&mut self, link: &Walk<'_>, target: &[u8]) -> Result<(), Error> {
        let folder = link.real.rsplit_once('/').map_or("", |(folder, _)| folder);
        let leads_to = match link::resolve(folder, target, |path| self.store.look(path))? {
            Ok(leads_to) => leads_to,
            Err(refusal) => {
                self.report.push(refusal.finding(link.shown, target));
                return Ok(());
            }
        };
        let links: Vec<String> = link.links.iter().cloned().chain([link.real.to_owned()]).collect();
        // A folder that holds one of the links on the way to it would be walked for ever.
        let holds = |link: &String| leads_to.is_empty() || Path::new(link).starts_with(&leads_to);
        if links.len() > MOST_LINKS || links.iter().any(holds) {
            self.report.push(Refusal::Circular.finding(link.shown, target));
            return Ok(());
        }
        match self.store.look(&leads_to)? {
            Standing::Folder => self.add_folder(&Walk { real: &leads_to, shown: link.shown, links: &links }),
            Standing::Other(what) => {
                self.report.push(selection::kind_finding(link.shown, what, "a file or a folder"));
                Ok(())
            }
            Standing::File | Standing::Link(_) | Standing::Nothing | Standing::Forged => {
                self.add_file(link.shown, &leads_to);
                Ok(())
            }
        }
    }

    /// Returns whether there is more than may be, and says so.
    fn is_full(&mut self) -> bool {
        let full = self.files.len() + self.folders > self.limits.entries;
        if full && self.report.diagnostics.last() != Some(&self.limits.entries_finding()) {
            self.report.push(self.limits.entries_finding());
        }
        full
    }
}
