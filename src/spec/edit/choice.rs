//! Which clusters are meant: by name, by labels, and how many of them at once.

use std::str::FromStr;

use crate::diagnostic::{Diagnostic, Report};
use crate::spec::catalog::Catalog;
use crate::spec::cluster::{Cluster, find};
use crate::spec::selector::Selector;

/// How many of the clusters that are chosen may change at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Most {
    /// So many.
    Count(usize),
    /// So many of a hundred, rounded down, but at least one.
    Percent(usize),
}

/// Why a text is no number and no percentage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANumber;

impl FromStr for Most {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let number = |digits: &str| match digits.parse::<usize>() {
            Ok(number) if number > 0 && digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
            _ => Err(NotANumber),
        };
        match text.strip_suffix('%') {
            Some(percent) => number(percent).and_then(|percent| {
                if percent <= 100 { Ok(Self::Percent(percent)) } else { Err(NotANumber) }
            }),
            None => number(text).map(Self::Count),
        }
    }
}

impl Most {
    /// Returns how many that is of `chosen` clusters.
    pub fn of(self, chosen: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => (chosen.saturating_mul(percent) / 100).max(1),
        }
    }
}

/// Returns the clusters of these names (`name` or `project/name`) that the selector selects, in the order of project
/// and name; with no name, all that it selects.
///
/// A selector sees the labels that a cluster has of its own, and those of its Secret beneath the fleet's label domain
/// that say what it is: `<domain>/minor`, `/project`, `/provider`, `/cluster` and `/management`.
///
/// # Errors
/// Reports names that no cluster has, or more than one, and a selector that selects none of them.
pub fn choose(
    catalog: &Catalog,
    names: &[String],
    selector: Option<&Selector>,
) -> Result<Vec<usize>, Report> {
    let mut report = Report::default();
    let mut chosen: Vec<usize> = Vec::new();
    for name in names {
        match find(catalog.clusters.iter(), name) {
            Ok(index) => chosen.push(index),
            Err(findings) => report.extend(findings),
        }
    }
    report.or(())?;
    if names.is_empty() {
        chosen.extend(0..catalog.clusters.len());
    }
    chosen.sort_unstable();
    chosen.dedup();
    let Some(selector) = selector else { return Ok(chosen) };
    let domain = &catalog.fleet.spec.label_domain;
    chosen.retain(|index| selects(selector, &catalog.clusters[*index], domain));
    if chosen.is_empty() {
        let among = if names.is_empty() { "no cluster" } else { "none of these clusters" };
        let finding = Diagnostic::error_nowhere("unknown-reference", format!("the selector selects {among}"));
        return Err(finding.hint("`yoshino list clusters --format json` shows their labels").into());
    }
    Ok(chosen)
}

fn selects(selector: &Selector, cluster: &Cluster, domain: &str) -> bool {
    let minor = cluster.minor().to_string();
    selector.holds(|key| match key.strip_prefix(domain).and_then(|rest| rest.strip_prefix('/')) {
        Some("minor") => Some(&minor),
        Some("project") => Some(cluster.project.as_str()),
        Some("provider") => Some(cluster.provider.as_str()),
        Some("cluster") => Some(cluster.name.as_str()),
        Some("management") => Some(cluster.management.as_str()),
        _ => cluster.labels.get(key).map(String::as_str),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_rounded_down_to_at_least_one() {
        for (text, chosen, expected) in
            [("3", 10, 3), ("10%", 29, 2), ("10%", 5, 1), ("100%", 7, 7), ("1%", 250, 2)]
        {
            assert_eq!(text.parse::<Most>().map(|most| most.of(chosen)), Ok(expected), "{text} of {chosen}");
        }
        for text in ["", "0", "0%", "101%", "-1", "+1", "1.5", "10 %", "%"] {
            assert_eq!(text.parse::<Most>(), Err(NotANumber), "{text}");
        }
    }
}
