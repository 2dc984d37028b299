//! Which minor's branch a range of commits is for.

use std::collections::BTreeSet;

use git2::{Oid, Repository};

use crate::error::Error;
use crate::spec::pick_policy::PickPolicy;
use crate::spec::version::Minor;

/// Returns the minor that a range is for: as its names say (`origin/release/1.36`, `picks/1.36/…`), else that of the only
/// branch of one that is at either end of it, or has its base while trunk has not.
///
/// # Errors
/// [`Error::Git`] where refs cannot be read.
pub fn minor_of_range(
    repository: &Repository,
    policy: &PickPolicy,
    names: [&str; 2],
    [base, head]: [Oid; 2],
    trunk: Oid,
) -> Result<Option<Minor>, Error> {
    if let Some(minor) = names.iter().find_map(|name| named(policy, name)) {
        return Ok(Some(minor));
    }
    let refused = |source| Error::Git { doing: "find the minor branch".to_owned(), source };
    let mut minors = BTreeSet::new();
    for reference in repository.references().map_err(refused)? {
        let reference = reference.map_err(refused)?;
        let (Ok(name), Ok(tip)) = (reference.name(), reference.peel_to_commit()) else { continue };
        let Some(minor) = named(policy, name) else { continue };
        let within =
            |id: Oid, tip: Oid| id == tip || repository.graph_descendant_of(tip, id).unwrap_or(false);
        if [base, head].contains(&tip.id()) || (within(base, tip.id()) && !within(base, trunk)) {
            minors.insert(minor);
        }
    }
    Ok(minors.first().copied().filter(|_| minors.len() == 1))
}

/// Returns the minor in the name of a branch, of whatever remote.
fn named(policy: &PickPolicy, name: &str) -> Option<Minor> {
    let mut rest = name;
    loop {
        let draft = || rest.strip_prefix("picks/")?.split('/').next()?.parse().ok();
        if let Some(minor) = policy.minor_of(rest).or_else(draft) {
            return Some(minor);
        }
        rest = rest.split_once('/')?.1;
    }
}
