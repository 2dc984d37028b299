//! Upgrades: which Kubernetes version clusters are to run, what becomes of their pools and pins, and what speaks
//! against it.
//!
//! A control plane goes up one minor at a time; kubelets may stay up to three behind it (Kubernetes' version skew
//! policy).

use super::pin::{self, Downgrade, Known};
use super::plan::Planned;
use crate::diagnostic::{Diagnostic, Report};
use crate::spec::catalog::Catalog;
use crate::spec::cluster::Cluster;
use crate::spec::version::{Minor, Version};
use crate::spec::yaml::Node;

/// How many minors a kubelet may be behind the API server.
const SKEW: u16 = 3;

/// A version that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The newest that any cluster of the fleet runs of each cluster's own minor: yoshino asks nobody which there are.
    Latest,
    /// This one.
    Version(Version),
}

/// What becomes of the pools of a cluster that is upgraded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pools {
    /// They go along; versions of their own become the cluster's.
    #[default]
    Together,
    /// They stay at the version that they have.
    Later,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The version.
    pub target: Target,
    /// What becomes of pools.
    pub pools: Pools,
    /// The release that the clusters are pinned to afterwards; where there is none, pins stay.
    pub release: Option<pin::Target>,
    /// The releases that are there; `None` where no cluster has or gets a pin.
    pub releases: Option<Known<'a>>,
    /// Whether clusters, and their pins, may go back.
    pub downgrade: Downgrade,
}

/// Plans to upgrade the chosen clusters.
///
/// # Errors
/// Reports every cluster that would leave out a minor or go back, whose minor the fleet does not have, whose pin is of
/// another minor afterwards, and every pool that would be ahead of its control plane or too far behind it.
pub fn upgrade(catalog: &Catalog, chosen: &[usize], request: &Request<'_>) -> Result<Vec<Planned>, Report> {
    let known = request.releases.as_ref();
    let release = match known.zip(request.release.as_ref()) {
        Some((known, target)) => Some((known, known.target(target)?)),
        None => None,
    };
    let mut report = Report::default();
    let mut planned = Vec::new();
    for index in chosen {
        let cluster = &catalog.clusters[*index];
        let to = match request.target {
            Target::Version(version) => version,
            Target::Latest => newest(catalog, cluster.minor()).unwrap_or(cluster.kubernetes),
        };
        let mut one = Planned::nothing(*index);
        report.extend(step(catalog, cluster, to, request));
        set_versions(&mut one, cluster, to, request.pools);
        match &release {
            Some((known, release)) => match known.step(cluster, to.minor, release, request.downgrade) {
                Ok(release) => pin::add(&mut one, cluster, &release),
                Err(findings) => report.extend(findings),
            },
            None => report.extend(known.map_or(Report::default(), |known| stale_pin(cluster, to, known))),
        }
        planned.push(one);
    }
    report.or(planned)
}

/// Returns the newest version of a minor that a cluster runs.
fn newest(catalog: &Catalog, minor: Minor) -> Option<Version> {
    catalog.clusters.iter().map(|cluster| cluster.kubernetes).filter(|version| version.minor == minor).max()
}

fn set_versions(planned: &mut Planned, cluster: &Cluster, to: Version, pools: Pools) {
    let (present, target) = (cluster.kubernetes, to.to_string());
    if present != to {
        planned.wanted.kubernetes = Some(target.clone());
        planned.change("kubernetes", Some(present.to_string()), &target);
    }
    for (name, own) in pools_of(cluster) {
        let wanted = match (pools, own) {
            (Pools::Together, Some(own)) if own != to => &target,
            (Pools::Later, None) if present != to => &present.to_string(),
            (Pools::Together | Pools::Later, _) => continue,
        };
        planned.wanted.pools.insert(name.to_owned(), wanted.clone());
        let field = format!("nodePools[{name}].kubernetes");
        planned.change(field, own.map(|own| own.to_string()), wanted);
    }
}

/// Returns the pools of a cluster, each with its own version if it has one.
fn pools_of(cluster: &Cluster) -> impl Iterator<Item = (&str, Option<Version>)> {
    let pools = cluster.spec.get("nodePools").and_then(Node::items).unwrap_or_default();
    pools.iter().filter_map(|pool| {
        let own = pool.get("kubernetes").and_then(Node::as_str).and_then(|text| text.parse().ok());
        Some((pool.get("name").and_then(Node::as_str)?, own))
    })
}

/// Says what speaks against the step from a cluster's version to another.
fn step(catalog: &Catalog, cluster: &Cluster, to: Version, request: &Request<'_>) -> Report {
    let mut report = Report::default();
    let (from, identity) = (cluster.kubernetes, cluster.identity());
    let at = cluster.spec.get("kubernetes").map_or(cluster.document.location, |node| node.location);
    let mut refuse = |message: String, hint: String| {
        report.push(Diagnostic::error("upgrade-step", at, message).hint(hint));
    };
    if !catalog.fleet.spec.minors.contains(&to.minor) {
        let minors: Vec<String> = catalog.fleet.spec.minors.iter().map(Minor::to_string).collect();
        let message = format!("`{identity}` would run {}, which the fleet does not support", to.minor);
        refuse(message, format!("`minors` of the fleet: {}", minors.join(", ")));
    }
    if to < from && request.downgrade == Downgrade::Refuse {
        let hint =
            "Cluster API does not take control planes back; `--allow-downgrade` writes it all the same";
        refuse(format!("`{identity}` would go back from {from} to {to}"), hint.to_owned());
    }
    let next = Minor { major: from.minor.major, minor: from.minor.minor.saturating_add(1) };
    if to.minor > next {
        let message = format!("`{identity}` would go up from {from} to {to} and leave out {next}");
        refuse(message, "a control plane goes up one minor at a time".to_owned());
    }
    if request.pools == Pools::Later {
        for (name, own) in pools_of(cluster) {
            let own = own.unwrap_or(from);
            if own.minor > to.minor {
                let message = format!("the pool `{name}` of `{identity}` would stay at {own}, ahead of {to}");
                refuse(message, "leave `--pools later` out".to_owned());
            } else if own.minor.minor.saturating_add(SKEW) < to.minor.minor {
                let message =
                    format!("the pool `{name}` of `{identity}` would stay at {own}, too far behind {to}");
                let hint =
                    format!("a kubelet may be {SKEW} minors behind its control plane; upgrade it first");
                refuse(message, hint);
            }
        }
    }
    report
}

/// Says that a pin is of another minor than the cluster will be, and which release it could name.
fn stale_pin(cluster: &Cluster, to: Version, releases: &Known<'_>) -> Report {
    let present = cluster.pin_name().and_then(|name| releases.pattern.parse(name));
    let Some(present) = present.filter(|present| present.minor != to.minor) else { return Report::default() };
    let message = format!("`{}` is pinned to `{present}`, and would run {}", cluster.identity(), to.minor);
    let finding = Diagnostic::error("upgrade-step", pin::place(cluster), message);
    let newest = releases.known.iter().filter(|release| release.minor == to.minor).max();
    Report::from(match newest {
        Some(newest) => finding.hint(format!(
            "`--release {newest}` pins it to the newest release of {}; so does `--release latest`",
            to.minor
        )),
        None => {
            finding.hint(format!("there is no release of {} yet: `yoshino release cut` makes one", to.minor))
        }
    })
}
