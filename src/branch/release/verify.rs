//! Whether the pins of a fleet's clusters are releases, each proved once.

use std::collections::BTreeMap;
use std::path::Path;

use crate::diagnostic::{Diagnostic, Report};
use crate::error::Failure;
use crate::spec::Catalog;
use crate::spec::pin;
use crate::spec::release::TagPattern;
use crate::tree::ProvenTag;

/// What was proved.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Every release that a cluster names, in the order of names.
    pub pins: Vec<Pin>,
    /// How many clusters have no pin.
    pub unpinned: usize,
    /// What is wrong with pins.
    pub report: Report,
}

/// A release that clusters name.
#[derive(Clone, Debug)]
pub struct Pin {
    /// Its name.
    pub release: String,
    /// The clusters, as `project/name`, sorted.
    pub clusters: Vec<String>,
    /// What it was proved to be; `None` where anything is wrong with it.
    pub proven: Option<ProvenTag>,
}

/// Proves every pin of a fleet that lies in a git repository.
///
/// # Errors
/// [`crate::error::Error`] where a shallow clone lacks what a proof needs, or git refuses. A pin that is none is part of
/// the result.
pub fn verify(root: &Path, catalog: &Catalog) -> Result<Verified, Failure> {
    let mut of_names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut unpinned = 0;
    for (index, cluster) in catalog.clusters.iter().enumerate() {
        match cluster.pin_name() {
            Some(name) => of_names.entry(name).or_default().push(index),
            None => unpinned += 1,
        }
    }
    let mut verified = Verified { pins: Vec::new(), unpinned, report: Report::default() };
    if of_names.is_empty() {
        return Ok(verified);
    }
    let tags = pin::open(root, &catalog.fleet)?;
    let pattern = TagPattern::new(&catalog.fleet.spec.tag).ok();
    let known = match &pattern {
        Some(pattern) => pin::known(&tags, pattern)?,
        None => Default::default(),
    };
    for (name, clusters) in of_names {
        let places: Vec<_> = clusters
            .iter()
            .filter_map(|index| Some((*index, catalog.clusters[*index].spec.get("release")?.location)))
            .collect();
        let before = verified.report.diagnostics.len();
        let mut proven = None;
        match pattern.as_ref().and_then(|pattern| pattern.parse(name)) {
            None => places.iter().for_each(|(_, place)| {
                let message = format!("`{name}` is no name of a release");
                let finding = Diagnostic::error("pin-name", *place, message);
                verified.report.push(finding.label(format!("expected `{}`", catalog.fleet.spec.tag)));
            }),
            Some(release) => match pin::prove(&tags, &catalog.fleet, &release)? {
                Ok(tag) => {
                    proven = Some(tag);
                    for (index, place) in &places {
                        let minor = catalog.clusters[*index].minor();
                        if minor != release.minor {
                            verified.report.push(pin::minor_finding(*place, &release, minor, &known));
                        }
                    }
                }
                Err(unproven) => places.iter().for_each(|(_, place)| {
                    verified.report.push(pin::finding(*place, &release, &unproven, &known));
                }),
            },
        }
        let is_sound = verified.report.diagnostics.len() == before;
        verified.pins.push(Pin {
            release: name.to_owned(),
            clusters: clusters.iter().map(|index| catalog.clusters[*index].identity()).collect(),
            proven: proven.filter(|_| is_sound),
        });
    }
    Ok(verified)
}
