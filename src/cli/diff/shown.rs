//! What people are shown of a class: Applications that read the same from elsewhere are told together.
//!
//! A cluster that is pinned to another release reads the values of each of its addons from another file, and dozens of
//! Applications that do not change would bury those that do. Programs get every one of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use yoshino::impact::{Change, Class, Difference, READS_ELSEWHERE};

/// Changes that are told as one.
pub struct Shown<'d> {
    /// The change, or what stands for several.
    pub change: Cow<'d, Change>,
    /// How many changes that are, each counted once for every cluster.
    pub count: usize,
}

/// Returns what is shown of a class, in the order of the changes.
pub fn shown(difference: &Difference, class: Class) -> Vec<Shown<'_>> {
    let mut shown: Vec<(usize, Shown<'_>)> = Vec::new();
    let mut known = BTreeMap::new();
    for change in difference.changes.iter().filter(|change| change.class == class) {
        let is_same_elsewhere = class == Class::Cosmetic
            && change.reasons.first().is_some_and(|reason| reason == READS_ELSEWHERE);
        let of_these = is_same_elsewhere
            .then(|| *known.entry((&change.management, &change.clusters)).or_insert(shown.len()))
            .and_then(|at| shown.get_mut(at));
        match of_these {
            Some((number, told)) => {
                *number += 1;
                told.count += change.count();
            }
            None => shown.push((1, Shown { change: Cow::Borrowed(change), count: change.count() })),
        }
    }
    shown.into_iter().map(|(number, told)| if number > 1 { together(number, told) } else { told }).collect()
}

/// Makes one change of several.
fn together(number: usize, Shown { change, count }: Shown<'_>) -> Shown<'_> {
    let mut change = change.into_owned();
    change.name = format!("{} and {} more", change.name, number - 1);
    change.reasons.truncate(1);
    change.fields.clear();
    change.addon = None;
    Shown { change: Cow::Owned(change), count }
}

#[cfg(test)]
mod tests {
    use yoshino::impact::{ClusterId, FieldChange};

    use super::*;

    fn change(name: &str, cluster: &str, reason: &str) -> Change {
        Change {
            class: Class::Cosmetic,
            kind: "Application".into(),
            management: "east".into(),
            project: Some("blue".into()),
            cluster: Some(cluster.into()),
            namespace: None,
            name: name.into(),
            clusters: vec![ClusterId { project: "blue".into(), name: cluster.into() }],
            addon: Some(name.into()),
            machines: None,
            workloads: None,
            reasons: vec![reason.into(), "and more".into()],
            fields: vec![FieldChange { path: "/a".into(), from: None, to: None }],
        }
    }

    #[test]
    fn what_reads_the_same_from_elsewhere_is_told_once_for_the_same_clusters() {
        let changes = vec![
            change("cni", "web", READS_ELSEWHERE),
            change("csi", "web", READS_ELSEWHERE),
            change("cni", "api", READS_ELSEWHERE),
            change("order", "web", "only the order of items differs"),
            change("dns", "web", READS_ELSEWHERE),
        ];
        let difference = Difference { changes, ..Difference::default() };

        let shown = shown(&difference, Class::Cosmetic);

        let told = |shown: &Shown<'_>| {
            (shown.change.name.clone(), shown.count, shown.change.reasons.len(), shown.change.fields.len())
        };
        let expected = [("cni and 2 more", 3, 1, 0), ("cni", 1, 2, 1), ("order", 1, 2, 1)]
            .map(|(name, count, reasons, fields)| (name.to_owned(), count, reasons, fields));
        assert_eq!(shown.iter().map(told).collect::<Vec<_>>(), expected);
    }
}
