//! What happens while Argo CD has applied a part of a change: the Secrets but not the sets, or the sets but not the
//! Secrets.
//!
//! The order within one commit is not defined, so each Application must then be as it was, as it will be, or held.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::Value;

use super::Finding;
use super::application::{is_held, workloads};
use super::pair::Pair;
use super::world::{Cluster, Known, Set, SetPair};
use crate::diagnostic::Report;

/// A state between base and head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    NewSets,
    NewSecrets,
}

impl State {
    fn words(self) -> &'static str {
        match self {
            Self::NewSets => "old Secrets with new ApplicationSets",
            Self::NewSecrets => "new Secrets with old ApplicationSets",
        }
    }

    /// Returns the set and the Secret that meet.
    fn meeting<'c>(self, set: &'c SetPair, cluster: &Cluster<'c>) -> (Option<&'c Set>, Option<Known<'c>>) {
        match self {
            Self::NewSets => (set.sets.head.as_ref(), cluster.secrets.base),
            Self::NewSecrets => (set.sets.base.as_ref(), cluster.secrets.head),
        }
    }
}

/// What is wrong with one Application in one state.
type Found = (State, &'static str, String);

/// Returns what goes wrong on one management cluster while only a part of the change is applied.
///
/// # Errors
/// Reports sets that make nothing.
pub fn findings(
    management: &str,
    sets: &[SetPair],
    clusters: &[Cluster<'_>],
) -> Result<Vec<Finding>, Report> {
    let differing = sets.par_iter().filter(|set| !set.is_same);
    let found: Vec<Vec<Found>> = differing
        .flat_map(|set| clusters.par_iter().map(move |cluster| between(set, cluster)))
        .collect::<Result<_, Report>>()?;
    let mut grouped: BTreeMap<(State, &'static str), BTreeSet<String>> = BTreeMap::new();
    for (state, what, name) in found.into_iter().flatten() {
        grouped.entry((state, what)).or_default().insert(name);
    }
    let finding = |((state, what), names): ((State, &str), BTreeSet<String>)| Finding {
        management: management.to_owned(),
        state: state.words(),
        what: what.to_owned(),
        applications: names.into_iter().collect(),
    };
    Ok(grouped.into_iter().map(finding).collect())
}

/// Returns how many Applications are deleted in between and made again.
pub fn deleted(findings: &[Finding]) -> u64 {
    let of_deletion = findings.iter().filter(|finding| finding.what.contains("deleted"));
    let names = of_deletion.flat_map(|finding| {
        finding.applications.iter().map(move |name| (finding.management.as_str(), name.as_str()))
    });
    names.collect::<BTreeSet<_>>().len() as u64
}

/// Returns what is wrong with the Applications of one set and one cluster between base and head.
fn between(set: &SetPair, cluster: &Cluster<'_>) -> Result<Vec<Found>, Report> {
    if let (Some((_, base)), Some((_, head))) = (cluster.secrets.base, cluster.secrets.head)
        && [&set.sets.base, &set.sets.head].into_iter().flatten().all(|set| set.sees_the_same(base, head))
    {
        // Whichever Secret is there, it is the same to either set.
        return Ok(Vec::new());
    }
    let sides = Pair::new(
        made(set.sets.base.as_ref(), cluster.secrets.base)?,
        made(set.sets.head.as_ref(), cluster.secrets.head)?,
    );
    let mut found = Vec::new();
    for state in [State::NewSets, State::NewSecrets] {
        let (meeting, secret) = state.meeting(set, cluster);
        let now = made(meeting, secret)?;
        let keeps = meeting.is_some_and(|set| !set.may_delete());
        let names: BTreeSet<&String> = sides.base.keys().chain(sides.head.keys()).chain(now.keys()).collect();
        for name in names {
            if keeps && !now.contains_key(name) {
                continue;
            }
            let wrong = wrong(sides.base.get(name), sides.head.get(name), now.get(name));
            found.extend(wrong.map(|what| (state, what, name.clone())));
        }
    }
    Ok(found)
}

/// Says what is wrong with an Application that is `now`, on its way from `base` to `head`.
fn wrong(
    base: Option<&Vec<Value>>,
    head: Option<&Vec<Value>>,
    now: Option<&Vec<Value>>,
) -> Option<&'static str> {
    match (base, head, now) {
        (Some(base), Some(_), None) => {
            let deletes = base.iter().any(|one| workloads(one) == super::Workloads::Deleted);
            Some(match deletes {
                true => "they are deleted with their workloads, and made again",
                false => "they are deleted, their workloads stay, and they are made again",
            })
        }
        // Of two with one name the controller takes neither.
        (_, _, Some(now)) if now.len() > 1 || now.iter().any(is_held) => None,
        (base, head, Some(now)) if base == Some(now) || head == Some(now) => None,
        (_, _, Some(_)) => Some("they are neither as they were nor as they will be"),
        (_, _, None) => None,
    }
}

/// Returns what a set makes of a Secret, by name.
fn made(set: Option<&Set>, secret: Option<Known<'_>>) -> Result<BTreeMap<String, Vec<Value>>, Report> {
    let mut made: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    if let Some((set, (secret, _))) = set.zip(secret) {
        for application in set.applications(secret)? {
            let name = application.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            made.entry(name.to_owned()).or_default().push(application);
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_application_in_between_is_old_new_or_held() {
        let application = |text: &str| {
            let body = match text {
                "held" => json!({"spec": {"project": "yoshino-hold"}}),
                text => {
                    json!({"metadata": {"finalizers": ["resources-finalizer.argocd.argoproj.io"]}, "spec": {"project": text}})
                }
            };
            (!text.is_empty()).then(|| vec![body])
        };
        for (base, head, now, expected) in [
            ("a", "b", "a", None),
            ("a", "b", "b", None),
            ("a", "b", "held", None),
            ("a", "", "", None),
            ("", "b", "", None),
            ("a", "b", "", Some("they are deleted with their workloads, and made again")),
            ("a", "b", "c", Some("they are neither as they were nor as they will be")),
            ("", "", "c", Some("they are neither as they were nor as they will be")),
        ] {
            let [base, head, now] = [base, head, now].map(application);
            assert_eq!(wrong(base.as_ref(), head.as_ref(), now.as_ref()), expected);
        }
    }
}
