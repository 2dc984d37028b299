//! What a release brings: the picks since the one before it, and what only its branch has.
//!
//! Read from the commits' own provenance. A commit and the revert that takes it back, both since the last release, are
//! left out: whoever goes from release to release never sees them.

use std::collections::{BTreeMap, BTreeSet};

use git2::{Oid, Repository, Sort};

use crate::branch::history::message::{picked_from, reverted, trailers};
use crate::branch::history::{find, short};
use crate::branch::merge::{TreeChange, changed_paths};
use crate::error::Error;
use crate::harmless::harmless;

/// One commit that a release brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The commit on the minor branch.
    pub commit: Oid,
    /// The commit of trunk that it was picked from; `None` for what only the branch has.
    pub source: Option<Oid>,
    /// The first line of its message.
    pub subject: String,
    /// Its `Pick-Kind`, or `revert`; `None` where it says none.
    pub kind: Option<String>,
    /// The folder that it is about, `addons/cilium` or `templates/docker`; `None` where that is none or more than one.
    pub about: Option<String>,
    /// Whether it says that a human has to resolve it still.
    pub has_conflict: bool,
}

/// Reads what the commits of a chain bring, the oldest first; `is_of_trunk` tells which commits trunk has.
///
/// # Errors
/// [`Error::Git`] where objects cannot be read.
pub fn entries(
    repository: &Repository,
    chain: &[Oid],
    is_of_trunk: &dyn Fn(Oid) -> bool,
) -> Result<Vec<Entry>, Error> {
    let brought = brought(repository, chain)?;
    let gone = taken_back(repository, &brought)?;
    let left = brought.iter().filter(|id| !gone.contains(id));
    left.map(|id| entry(repository, *id, is_of_trunk)).collect()
}

/// Returns the commits of a chain; in the place of one that merges others, as pull requests do, those that it merges.
fn brought(repository: &Repository, chain: &[Oid]) -> Result<Vec<Oid>, Error> {
    let mut all = Vec::new();
    for id in chain {
        let commit = find(repository, *id)?;
        let merged = match commit.parent_ids().next().filter(|_| commit.parent_count() > 1) {
            Some(first) => merged(repository, *id, first)
                .map_err(|source| Error::Git { doing: format!("read what {} merges", short(*id)), source })?,
            None => Vec::new(),
        };
        if merged.is_empty() { all.push(*id) } else { all.extend(merged) }
    }
    Ok(all)
}

/// Returns the commits that a merge brings beside its first parent, merges left out, each after its parents.
fn merged(repository: &Repository, merge: Oid, first: Oid) -> Result<Vec<Oid>, git2::Error> {
    let mut walk = repository.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
    walk.push(merge)?;
    walk.hide(first)?;
    let mut found = Vec::new();
    for id in walk {
        let id = id?;
        if repository.find_commit(id)?.parent_count() < 2 {
            found.push(id);
        }
    }
    Ok(found)
}

/// Returns the commits that another one of the chain reverts, with those that do.
fn taken_back(repository: &Repository, chain: &[Oid]) -> Result<BTreeSet<Oid>, Error> {
    let mut gone = BTreeSet::new();
    // From the newest on: the revert of a revert takes that one away, and what it reverted stays.
    for id in chain.iter().rev() {
        if gone.contains(id) {
            continue;
        }
        let commit = find(repository, *id)?;
        let lines = reverted(commit.message_raw_bytes());
        if let [line] = &lines[..]
            && chain.contains(&line.id)
            && !gone.contains(&line.id)
        {
            gone.extend([*id, line.id]);
        }
    }
    Ok(gone)
}

fn entry(repository: &Repository, id: Oid, is_of_trunk: &dyn Fn(Oid) -> bool) -> Result<Entry, Error> {
    let commit = find(repository, id)?;
    let message = commit.message_raw_bytes();
    let sources = picked_from(message);
    // A pick of a pick has a line of each; trunk's is the one that people look for.
    let source = sources.iter().copied().find(|source| is_of_trunk(*source)).or(sources.first().copied());
    let kind = trailers(message, "Pick-Kind").into_iter().find(|kind| !kind.is_empty());
    let revert = || (!reverted(message).is_empty()).then(|| "revert".to_owned());
    let paths = changed_paths(repository, TreeChange::of(&commit)?)?;
    Ok(Entry {
        commit: id,
        source,
        subject: harmless(&String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default())).into_owned(),
        kind: kind.map(|kind| harmless(&kind).into_owned()).or_else(revert),
        about: about(&paths),
        has_conflict: !trailers(message, "Pick-Conflict").is_empty(),
    })
}

/// Returns the one addon or provider that paths lie in.
fn about(paths: &BTreeSet<String>) -> Option<String> {
    let folder = |path: &String| {
        let mut parts = path.split('/');
        let (root, name) = (parts.next()?, parts.next()?);
        (matches!(root, "addons" | "templates") && parts.next().is_some()).then(|| format!("{root}/{name}"))
    };
    // Golden cases follow what they are about.
    let counted = paths.iter().filter(|path| !path.starts_with("golden/"));
    let mut folders = counted.map(folder).collect::<BTreeSet<_>>().into_iter();
    match (folders.next(), folders.next()) {
        (Some(only), None) => only,
        _ => None,
    }
}

/// Returns the sections of a message that entries make: picks by what they are about, then what only the branch has.
pub fn sections(entries: &[Entry], branch: &str) -> String {
    let (picks, own): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|entry| entry.source.is_some());
    let mut text = String::new();
    let mut groups: BTreeMap<(bool, &str), Vec<&Entry>> = BTreeMap::new();
    for pick in &picks {
        let about = pick.about.as_deref();
        groups.entry((about.is_none(), about.unwrap_or("the rest"))).or_default().push(pick);
    }
    for ((_, about), mut group) in groups {
        // The order of a group is that of kinds, then that of the branch.
        group.sort_by_key(|entry| rank(entry.kind.as_deref()));
        text.push_str(&format!("\nPicks, {about}:\n"));
        group.iter().for_each(|entry| text.push_str(&line(entry)));
    }
    if !own.is_empty() {
        text.push_str(&format!("\nOn {branch} alone:\n"));
        own.iter().for_each(|entry| text.push_str(&line(entry)));
    }
    text
}

fn line(entry: &Entry) -> String {
    let id = short(entry.source.unwrap_or(entry.commit));
    let kind = entry.kind.as_ref().map(|kind| format!(" [{kind}]"));
    format!("- {id}{} {}\n", kind.unwrap_or_default(), entry.subject)
}

/// Returns the place of a kind among the others; where there are several, that of the first.
fn rank(kind: Option<&str>) -> u8 {
    let of_word = |word: &str| match word.trim().to_ascii_lowercase().as_str() {
        "security" => 0,
        "fix" => 1,
        "revert" => 3,
        _ => 2,
    };
    kind.unwrap_or_default().split(',').map(of_word).min().unwrap_or(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_kinds_the_gravest_counts() {
        let kinds =
            [Some("security"), Some("fix, Security"), Some("fix"), Some("feature"), None, Some("revert")];
        assert_eq!(kinds.map(rank), [0, 0, 1, 2, 2, 3]);
    }

    #[test]
    fn what_lies_in_one_folder_is_about_it() {
        let table: [(&[&str], Option<&str>); 7] = [
            (&["addons/cilium/addon.yaml", "addons/cilium/a/b.yaml"], Some("addons/cilium")),
            (&["addons/cilium/addon.yaml", "golden/a-case/rendered/x.yaml"], Some("addons/cilium")),
            (&["addons/cilium/addon.yaml", "addons/calico/addon.yaml"], None),
            (&["addons/cilium/addon.yaml", "fleet.yaml"], None),
            (&["templates/docker/schema.json"], Some("templates/docker")),
            (&["addons/README.md"], None),
            (&["golden/a-case/report.txt"], None),
        ];
        for (paths, expected) in table {
            let paths = paths.iter().map(|path| (*path).to_owned()).collect();
            assert_eq!(about(&paths).as_deref(), expected, "{paths:?}");
        }
    }
}
