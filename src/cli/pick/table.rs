//! Units by minors.

use std::collections::BTreeMap;

use yoshino::branch::history::short;
use yoshino::branch::pick::{Plan, PlannedUnit};

use crate::cli::table::aligned;
use crate::cli::words::{harmless, shortened};

/// Returns a table of those units that are shown on some minor: commit, a column for each minor, subject. Empty where
/// there are none.
pub fn matrix(
    plan: &Plan,
    is_shown: impl Fn(&PlannedUnit) -> bool,
    cell: impl Fn(&PlannedUnit) -> String,
) -> String {
    let minors: Vec<_> = plan.inputs.targets.keys().copied().collect();
    let mut by_unit: BTreeMap<_, BTreeMap<_, &PlannedUnit>> = BTreeMap::new();
    let mut order = Vec::new();
    for unit in &plan.units {
        let cells = by_unit.entry(unit.commit).or_insert_with(|| {
            order.push(unit.commit);
            BTreeMap::new()
        });
        cells.insert(unit.minor, unit);
    }
    let mut head = vec!["COMMIT".to_owned()];
    head.extend(minors.iter().map(ToString::to_string));
    head.push("SUBJECT".to_owned());
    let mut rows = vec![head];
    for commit in order {
        let cells = &by_unit[&commit];
        let Some(any) = cells.values().next().filter(|_| cells.values().any(|unit| is_shown(unit))) else {
            continue;
        };
        let mut row = vec![short(commit)];
        row.extend(minors.iter().map(|minor| cells.get(minor).map_or_else(String::new, |unit| cell(unit))));
        row.push(harmless(&shortened(&any.subject, 72)).into_owned());
        rows.push(row);
    }
    if rows.len() == 1 { String::new() } else { aligned(&rows, "-") }
}

/// Returns what a plan shows of a unit on a minor.
pub fn cell(unit: &PlannedUnit) -> String {
    unit.status.word().to_owned()
}
