//! Pins: which release clusters are to name, and what speaks against it.

use std::collections::BTreeSet;

use super::plan::Planned;
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::catalog::Catalog;
use crate::spec::cluster::Cluster;
use crate::spec::release::{Release, TagPattern};
use crate::spec::version::Minor;

/// A release that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The newest of each cluster's minor.
    Latest,
    /// This one, by name.
    Named(String),
}

impl From<String> for Target {
    fn from(text: String) -> Self {
        if text == "latest" { Self::Latest } else { Self::Named(text) }
    }
}

/// Whether something may go back to what is older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Downgrade {
    /// It may not.
    Refuse,
    /// It was said that it may.
    Allow,
}

/// The releases that are there, and how they are named.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// The pattern of the fleet's tags.
    pub pattern: &'a TagPattern,
    /// All that there are tags for.
    pub known: &'a BTreeSet<Release>,
}

/// Plans to pin the chosen clusters.
///
/// # Errors
/// Reports a release that is not there, and every cluster that is of another minor, or pinned to a newer one already.
pub fn pin(
    catalog: &Catalog,
    chosen: &[usize],
    target: &Target,
    releases: &Known<'_>,
    downgrade: Downgrade,
) -> Result<Vec<Planned>, Report> {
    let target = releases.target(target)?;
    let mut report = Report::default();
    let mut planned = Vec::new();
    for index in chosen {
        let cluster = &catalog.clusters[*index];
        match releases.step(cluster, cluster.minor(), &target, downgrade) {
            Ok(release) => planned.push(plan(*index, cluster, &release)),
            Err(findings) => report.extend(findings),
        }
    }
    report.or(planned)
}

fn plan(index: usize, cluster: &Cluster, release: &Release) -> Planned {
    let mut planned = Planned::nothing(index);
    add(&mut planned, cluster, release);
    planned
}

/// Notes that a cluster is to be pinned to a release, if it is not.
pub(super) fn add(planned: &mut Planned, cluster: &Cluster, release: &Release) {
    let present = cluster.pin_name();
    if present != Some(release.as_str()) {
        planned.wanted.release = Some(release.to_string());
        planned.change("release", present.map(str::to_owned), release.as_str());
    }
}

/// Returns where a cluster says its pin, or what its minor follows from.
pub fn place(cluster: &Cluster) -> Location {
    let field = |name: &str| cluster.spec.get(name).filter(|node| !node.is_null());
    field("release").or(field("kubernetes")).map_or(cluster.document.location, |node| node.location)
}

/// A release that is asked for, and is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Latest,
    Named(Release),
}

impl Known<'_> {
    /// Looks for the release that is asked for.
    pub(super) fn target(&self, target: &Target) -> Result<Found, Report> {
        let Target::Named(name) = target else { return Ok(Found::Latest) };
        if let Some(found) = self.known.iter().find(|release| release.as_str() == name) {
            return Ok(Found::Named(found.clone()));
        }
        let message = format!("there is no release `{name}` here");
        let finding = Diagnostic::error_nowhere("pin-step", message);
        let otherwise = match (self.pattern.parse(name), self.known.is_empty()) {
            (_, true) => {
                "the repository has no release at all; `git fetch --tags` brings those that others made"
            }
            (Some(_), _) => "`git fetch --tags` brings those that others made",
            (None, _) => "its name does not follow the fleet's `tag`",
        };
        let known = self.known.iter().map(Release::as_str);
        Err(finding.hint_nearest(name, known, otherwise).into())
    }

    /// Returns the newest release of a minor.
    fn latest(&self, minor: Minor) -> Option<&Release> {
        self.known.iter().filter(|release| release.minor == minor).max()
    }

    /// Returns the release that a cluster gets when it runs `minor`.
    pub(super) fn step(
        &self,
        cluster: &Cluster,
        minor: Minor,
        target: &Found,
        downgrade: Downgrade,
    ) -> Result<Release, Report> {
        let refusal = |message: String| Diagnostic::error("pin-step", place(cluster), message);
        let identity = cluster.identity();
        let release = match target {
            Found::Named(release) => release,
            Found::Latest => self.latest(minor).ok_or_else(|| {
                refusal(format!("there is no release of {minor} that `{identity}` could be pinned to"))
                    .hint("`yoshino release cut` makes one; `git fetch --tags` brings those that others made")
            })?,
        };
        if release.minor != minor {
            let finding =
                refusal(format!("`{identity}` is of {minor}, and `{release}` of {}", release.minor));
            return Err(match self.latest(minor) {
                Some(latest) => finding.hint(format!("the newest release of {minor} is `{latest}`")).into(),
                None => finding.hint(format!("there is no release of {minor} yet")).into(),
            });
        }
        let present = cluster.pin_name().and_then(|name| self.pattern.parse(name));
        match present.filter(|present| present > release && present.minor == minor) {
            Some(present) if downgrade == Downgrade::Refuse => {
                let message = format!("`{identity}` would go back from `{present}` to `{release}`");
                Err(refusal(message).hint("`--allow-downgrade` lets it").into())
            }
            Some(_) | None => Ok(release.clone()),
        }
    }
}
