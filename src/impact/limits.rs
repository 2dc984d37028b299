//! How much a change does of what is limited, and how much is let through.

use std::collections::BTreeMap;

use serde_json::Value;

use super::half_applied::deleted;
use super::{Change, Class, Difference, Limit};
use crate::spec::fleet::Fleet;

/// What is limited, by name.
pub const NAMES: [&str; 6] = ["applications", "clusters", "pools", "controlPlanes", "nodes", "refuses"];

/// An acknowledgement: exactly so many of what is called so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// One of [`NAMES`].
    pub name: &'static str,
    /// How many.
    pub count: u64,
}

impl Allowance {
    /// Reads `applications=3`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let Some((name, count)) = text.split_once('=') else {
            return Err(format!("`{text}` is no `NAME=N`"));
        };
        let Some(known) = NAMES.iter().find(|known| **known == name.trim()) else {
            return Err(format!("`{}` is not limited; expected one of {}", name.trim(), NAMES.join(", ")));
        };
        let count = count.trim();
        let count = count.parse().map_err(|_| format!("`{count}` is no whole number"))?;
        Ok(Self { name: known, count })
    }

    /// Reads the value of a trailer: several, with commas or blanks between them.
    ///
    /// # Errors
    /// Says what is wrong with the first that is wrong.
    pub fn read_all(text: &str) -> Result<Vec<Self>, String> {
        let parts = text.split([',', ' ', '\t']).filter(|part| !part.is_empty());
        parts.map(Self::read).collect()
    }
}

/// Counts what changes do, and compares it with what the fleet lets through; `nodes` is how many the base has.
///
/// An acknowledgement lets its own number through and no other.
pub fn limits(
    difference: &Difference,
    fleet: &Fleet,
    nodes: u64,
    allowances: &[Allowance],
) -> BTreeMap<&'static str, Limit> {
    let limit = |name: &'static str| {
        let found = found(difference, name);
        let is_acknowledged =
            allowances.iter().any(|allowance| allowance.name == name && allowance.count == found);
        let allowed = fleet.spec.limits.get(name).map_or(0, |limit| allowed(limit, nodes));
        (name, Limit { found, allowed: if is_acknowledged { allowed.max(found) } else { allowed } })
    };
    NAMES.into_iter().map(limit).collect()
}

/// Returns how many a limit lets through: a number, or a part of all, rounded down.
fn allowed(limit: &Value, all: u64) -> u64 {
    let percent =
        limit.as_str().and_then(|text| text.strip_suffix('%')).and_then(|text| text.parse::<u64>().ok());
    match percent {
        Some(percent) => all.saturating_mul(percent) / 100,
        None => limit.as_u64().unwrap_or(0),
    }
}

fn found(difference: &Difference, name: &str) -> u64 {
    let changes = &difference.changes;
    let count = |holds: &dyn Fn(&Change) -> bool| -> u64 {
        changes.iter().filter(|change| holds(change)).map(|change| change.count() as u64).sum()
    };
    let is_gone = |change: &Change, kinds: &[&str]| {
        change.class == Class::Destroys && kinds.contains(&change.kind.as_str())
    };
    let rolled = |machines: &dyn Fn(super::Machines) -> u64| {
        changes.iter().filter_map(|change| change.machines).map(machines).sum()
    };
    match name {
        // An addon that AWS manages has no Application, and is gone all the same; so is what comes again.
        "applications" => {
            let gone = count(&|change| {
                let is_managed = is_gone(change, &["AWSManagedControlPlane"]) && change.addon.is_some();
                is_managed || is_gone(change, &["Application"])
            });
            gone + deleted(&difference.half_applied)
        }
        "clusters" => count(&|change| {
            let is_cluster = change.kind.ends_with("Cluster") || change.kind.ends_with("ControlPlane");
            change.class == Class::Destroys && is_cluster && change.addon.is_none()
        }),
        "pools" => count(&|change| is_gone(change, &["MachineDeployment", "MachinePool"])),
        "controlPlanes" => rolled(&|machines| machines.control_planes),
        "nodes" => rolled(&|machines| machines.nodes.max),
        _ => count(&|change| change.class == Class::Refuses),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_allowance_names_what_and_how_many() {
        assert_eq!(Allowance::read("pools=2"), Ok(Allowance { name: "pools", count: 2 }));
        assert_eq!(Allowance::read_all("pools=2, nodes=10").map(|all| all.len()), Ok(2));
        for (text, expected) in [
            ("pools", "`pools` is no `NAME=N`"),
            (
                "pool=1",
                "`pool` is not limited; expected one of applications, clusters, pools, controlPlanes, nodes, refuses",
            ),
            ("pools=10%", "`10%` is no whole number"),
        ] {
            assert_eq!(Allowance::read(text), Err(expected.to_owned()));
        }
    }

    #[test]
    fn a_part_of_all_is_rounded_down() {
        assert_eq!(allowed(&json!("10%"), 29), 2);
        assert_eq!(allowed(&json!(3), 29), 3);
    }
}
