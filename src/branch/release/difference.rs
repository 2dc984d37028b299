//! What a release does to trunk's clusters of its minor: the same clusters, pinned to the release before it and to this one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use git2::Oid;

use crate::diagnostic::Report;
use crate::error::Failure;
use crate::harmless::harmless;
use crate::impact::{
    Change, Class, Difference, Pair, Repository, Request, Which, compare, pinned_instead, render_sides,
};
use crate::location::Sources;
use crate::spec::edit::{Wanted, edit};
use crate::spec::fleet::Fleet;
use crate::spec::pin::{ReleaseTree, Releases, from_repository};
use crate::spec::release::{Release, TagPattern};
use crate::spec::version::Minor;
use crate::spec::{Catalog, load_specs};
use crate::tree::{FileTree, Selection, read_revision};

/// Trunk's clusters, as they are pinned for a comparison.
pub(super) struct Clusters {
    catalog: Catalog,
    sources: Sources,
    /// The commit that they were read from.
    revision: String,
}

/// A release that is not there yet.
pub(super) struct Coming<'a> {
    pub(super) release: &'a Release,
    pub(super) commit: Oid,
}

/// What a release does to trunk's clusters.
#[derive(Clone, Debug)]
pub struct Effect {
    /// How many clusters of the minor trunk has.
    pub clusters: usize,
    /// What it does.
    pub told: Told,
}

/// What can be told of it.
#[derive(Clone, Debug)]
pub enum Told {
    /// Nothing: there is no cluster, or no release before this one.
    Nothing,
    /// What differs.
    Difference(Box<Difference>),
    /// Why the clusters cannot be rendered with one of the two releases, in words.
    Refused(String),
}

/// How many changes a message lists.
const MOST: usize = 50;

impl Clusters {
    /// Reads the clusters of a commit of trunk; what is wrong with them is said in words, and keeps nothing from being
    /// released.
    pub(super) fn read(root: &Path, commit: Oid) -> Result<Result<Self, String>, Failure> {
        let revision = commit.to_string();
        let mut sources = Sources::default();
        let files = read_revision(root, &revision, Selection::FLEET)?;
        Ok(match load_specs(files, &mut sources) {
            Ok(catalog) => Ok(Self { catalog, sources, revision }),
            Err(report) => Err(in_words(&report)),
        })
    }

    /// Compares the clusters of the release's minor under the release before it and under this one.
    ///
    /// # Errors
    /// Passes on what the world refused.
    pub(super) fn effect(
        &self,
        root: &Path,
        previous: Option<&Release>,
        coming: &Coming<'_>,
    ) -> Result<Effect, Failure> {
        let minor = coming.release.minor;
        let own: Vec<usize> = (0..self.catalog.clusters.len())
            .filter(|index| self.catalog.clusters[*index].minor() == minor)
            .collect();
        let clusters = own.len();
        let Some(previous) = previous.filter(|_| !own.is_empty()) else {
            return Ok(Effect { clusters, told: Told::Nothing });
        };
        let told = match self.compare(root, &own, previous, coming) {
            Ok(difference) => Told::Difference(Box::new(difference)),
            Err(Failure::Report(report)) => Told::Refused(in_words(&report)),
            Err(Failure::Error(error)) => return Err(error.into()),
        };
        Ok(Effect { clusters, told })
    }

    fn compare(
        &self,
        root: &Path,
        own: &[usize],
        previous: &Release,
        coming: &Coming<'_>,
    ) -> Result<Difference, Failure> {
        let base = self.pinned(own, previous)?;
        let head = self.pinned(own, coming.release)?;
        let commit_id = coming.commit.to_string();
        let read = from_repository(root);
        let releases = |fleet: &Fleet, pattern: &TagPattern, asked: &BTreeSet<Release>| {
            let there = asked.iter().filter(|release| *release != coming.release).cloned().collect();
            let mut found: Releases = read(fleet, pattern, &there)?;
            if asked.contains(coming.release) {
                let files = read_revision(root, &commit_id, Selection::RELEASE)?;
                let tree = ReleaseTree { commit_id: commit_id.clone(), files };
                found.asked.insert(coming.release.clone(), Ok(tree));
            }
            Ok(found)
        };
        let sides = render_sides(base, head, &mut Sources::default(), &releases)?;
        let beyond = |_: Which, revision: Option<&str>, top: &str| {
            let revision = match revision {
                Some(tag) if tag == coming.release.as_str() => &commit_id,
                Some(other) => other,
                None => &self.revision,
            };
            read_revision(root, revision, Selection { folders: &[top], files: &[] }).map(Some)
        };
        let repository = Repository::new(&beyond);
        let request = Request { repository: &repository, allowances: &[], matrix: false };
        let mut difference = compare(Pair::new(&sides[0], &sides[1]), request)?;
        // That every cluster Secret names the other release is what was asked for.
        let pinned = pinned_instead(coming.release.as_str(), previous.as_str());
        let is_pin = |change: &Change| change.kind == "Secret" && change.reasons.first() == Some(&pinned);
        difference.changes.retain(|change| !is_pin(change));
        Ok(difference)
    }

    /// Returns trunk's files with these clusters pinned to a release. The others stay as they are: tenants may name them.
    fn pinned(&self, own: &[usize], release: &Release) -> Result<FileTree, Failure> {
        let clusters = &self.catalog.clusters;
        let is_pinned = |index: &usize| clusters[*index].pin_name() == Some(release.as_str());
        let wanted = own
            .iter()
            .filter(|index| !is_pinned(index))
            .map(|index| Wanted { release: Some(release.to_string()), ..Wanted::nothing(*index) });
        let edited = edit(&self.catalog, &self.sources, &wanted.collect::<Vec<_>>())?;
        let mut files = self.catalog.trunk.files.clone();
        files.0.extend(edited.0);
        Ok(files)
    }
}

impl Effect {
    /// Returns the section of a release's message.
    pub fn section(&self, minor: Minor, previous: Option<&Release>) -> String {
        let clusters = self.clusters;
        let head = format!("\nClusters of {minor} on trunk: ");
        match (&self.told, previous) {
            (Told::Refused(why), None) => format!("{head}they cannot be read: {why}\n"),
            (Told::Nothing, _) if clusters == 0 => format!("{head}none\n"),
            (Told::Nothing, _) | (_, None) => format!("{head}{clusters}; there is no release before it\n"),
            (Told::Refused(why), Some(previous)) => {
                format!("{head}{clusters}; what changes since {previous} cannot be told: {why}\n")
            }
            (Told::Difference(difference), Some(previous)) => {
                format!("{head}{clusters}, from {previous}\n{}", changes(difference))
            }
        }
    }

    /// Returns how many changes there are of each class; `None` where that cannot be told.
    pub fn summary(&self) -> Option<BTreeMap<&'static str, usize>> {
        match &self.told {
            Told::Difference(difference) => {
                Some(difference.summary().into_iter().map(|(class, count)| (class.word(), count)).collect())
            }
            Told::Nothing | Told::Refused(_) => None,
        }
    }
}

/// Returns the first thing that is wrong.
fn in_words(report: &Report) -> String {
    let first = report.diagnostics.iter().find(|found| found.rule != "diff-side");
    first.or(report.diagnostics.first()).map(|found| found.message.clone()).unwrap_or_default()
}

fn changes(difference: &Difference) -> String {
    let summary = difference.summary();
    let counts = summary.iter().filter(|(_, count)| **count > 0);
    let counts: Vec<String> = counts.map(|(class, count)| format!("{} {count}", class.word())).collect();
    if counts.is_empty() {
        return "nothing changes\n".to_owned();
    }
    let mut text = format!("{}\n", counts.join(", "));
    // Whatever holds a release's name changes with every release.
    let listed: Vec<&Change> =
        difference.changes.iter().filter(|change| change.class != Class::Cosmetic).collect();
    listed.iter().take(MOST).for_each(|change| text.push_str(&line(change)));
    if listed.len() > MOST {
        text.push_str(&format!("- and {} more\n", listed.len() - MOST));
    }
    text
}

fn line(change: &Change) -> String {
    let place = match &change.clusters[..] {
        [] => format!(" on {}", change.management),
        [one] => format!(" of {}/{}", one.project, one.name),
        all => format!(" of {} clusters", all.len()),
    };
    let reasons = match change.reasons.is_empty() {
        true => String::new(),
        false => format!(": {}", change.reasons.join("; ")),
    };
    let line = format!("{} {} {}{place}{reasons}", change.class.word(), change.kind, change.name);
    format!("- {}\n", harmless(&line))
}
