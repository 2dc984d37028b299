//! Pins: the releases that clusters name, what their tags turned out to be, and what is said where one is no release.
//!
//! Pure but for [`from_repository`], which lets `tree/` do the reading. Which cluster names what is not decided here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

use super::fleet::{Fleet, Unchecked};
use super::release::{Release, TagPattern};
use super::version::Minor;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Failure};
use crate::location::Location;
use crate::tree::{FileTree, ProvenTag, ReleaseTags, Unproven, refs_at};

/// What the tags of a repository turned out to be.
#[derive(Clone, Debug, Default)]
pub struct Releases {
    /// Every release there is a tag for.
    pub known: BTreeSet<Release>,
    /// What those that were asked for hold, or why they are no releases.
    pub asked: BTreeMap<Release, Result<ReleaseTree, Unproven>>,
}

/// A release that was proved, and what it holds.
#[derive(Clone, Debug)]
pub struct ReleaseTree {
    /// The id of the commit that the tag points at.
    pub commit_id: String,
    /// Its addons and templates.
    pub files: FileTree,
}

/// Looks up the releases that clusters are pinned to.
pub type ReadReleases<'r> =
    dyn Fn(&Fleet, &TagPattern, &BTreeSet<Release>) -> Result<Releases, Failure> + Sync + 'r;

/// Reads no releases: for trees that stand alone.
///
/// # Errors
/// None.
pub fn no_releases(_: &Fleet, _: &TagPattern, _: &BTreeSet<Release>) -> Result<Releases, Failure> {
    Ok(Releases::default())
}

/// Reads releases from the git repository that `root` lies in.
pub fn from_repository(
    root: &Path,
) -> impl Fn(&Fleet, &TagPattern, &BTreeSet<Release>) -> Result<Releases, Failure> + Sync {
    move |fleet, pattern, asked| {
        let tags = open(root, fleet)?;
        let known = known(&tags, pattern)?;
        let mut proven = Vec::new();
        let mut releases = Releases { known, asked: BTreeMap::new() };
        for release in asked {
            match prove(&tags, fleet, release)? {
                Ok(tag) => proven.push((release, tag.commit_id)),
                Err(unproven) => {
                    releases.asked.insert(release.clone(), Err(unproven));
                }
            }
        }
        // libgit2's repositories are for one thread each.
        let read = |(release, commit_id): &(&Release, String)| {
            let files = open(root, fleet)?.read(release.as_str(), commit_id);
            let files = files.map_err(|failure| in_release(failure, release))?;
            Ok(((*release).clone(), Ok(ReleaseTree { commit_id: commit_id.clone(), files })))
        };
        let read: Vec<_> = proven.par_iter().map(read).collect::<Result<_, Failure>>()?;
        releases.asked.extend(read);
        Ok(releases)
    }
}

/// Says in which release something cannot be read.
fn in_release(failure: Failure, release: &Release) -> Failure {
    match failure {
        Failure::Report(mut report) => {
            for diagnostic in &mut report.diagnostics {
                diagnostic.message.push_str(&format!(", in the release `{release}`"));
            }
            Failure::Report(report)
        }
        Failure::Error(error) => Failure::Error(error),
    }
}

/// Returns what a rendering depends on beside files, as far as `fleet.yaml` alone says and before anything else is read:
/// where the tags of releases and the branches of minors stand. Empty where no cluster can have a pin.
pub fn dependencies(root: &Path, files: &FileTree) -> Vec<String> {
    // A key may also be written with escapes.
    let may_pin = |bytes: &[u8]| bytes.contains(&b'\\') || bytes.windows(7).any(|word| word == b"release");
    let mut clusters = files.0.iter().filter(|(path, _)| path.lies_beneath("clusters"));
    if !clusters.any(|(_, bytes)| may_pin(bytes)) {
        return Vec::new();
    }
    let fleet = Unchecked::of(files);
    let pattern = TagPattern::new(fleet.tag()).ok();
    let is_minor_branch = |name: &str| Minor::in_name(fleet.branch(), name).is_some();
    let is_release = |name: &str| pattern.as_ref().is_some_and(|pattern| pattern.parse(name).is_some());
    refs_at(root, fleet.remote(), &|name| is_release(name) || is_minor_branch(name)).into_iter().collect()
}

/// Opens the tags and branches of the repository that a fleet lies in.
///
/// # Errors
/// [`Error::Git`] where there is none, or it belongs to another user.
pub fn open(root: &Path, fleet: &Fleet) -> Result<ReleaseTags, Error> {
    ReleaseTags::open(root, &fleet.spec.repository.trunk, &fleet.spec.repository.remote)
}

/// Returns every release that there is a tag for, in their order.
///
/// # Errors
/// [`Error::Git`] where the refs cannot be read.
pub fn known(tags: &ReleaseTags, pattern: &TagPattern) -> Result<BTreeSet<Release>, Error> {
    Ok(tags.names()?.iter().filter_map(|name| pattern.parse(name)).collect())
}

/// Proves that a release's tag is one, on the branch of its minor.
///
/// # Errors
/// Those of [`ReleaseTags::prove`].
pub fn prove(
    tags: &ReleaseTags,
    fleet: &Fleet,
    release: &Release,
) -> Result<Result<ProvenTag, Unproven>, Error> {
    tags.prove(release.as_str(), &fleet.minor_branch(release.minor))
}

/// Says at `place`, where the release is named, why it is none.
pub fn finding(
    place: Location,
    release: &Release,
    unproven: &Unproven,
    known: &BTreeSet<Release>,
) -> Diagnostic {
    let error = |rule, message: String| Diagnostic::error(rule, place, message);
    match unproven {
        Unproven::Absent => {
            let finding = error("pin-unknown", format!("there is no release `{release}`"));
            match nearest(release.minor, release, known) {
                Some(near) => finding.label(format!("the nearest is `{near}`")),
                None => finding.hint("fetch the tags: `git fetch --tags`"),
            }
        }
        Unproven::NotAnnotated => error("pin-not-annotated", format!("the tag `{release}` is not annotated"))
            .hint("a release is an annotated tag, which says who made it and when: `yoshino release cut`"),
        Unproven::OtherName(name) => {
            error("pin-renamed", format!("the tag `{release}` says that it is called `{name}`"))
                .hint("somebody has given a tag object another name; name the release it was made as")
        }
        Unproven::NoCommit => {
            error("pin-not-annotated", format!("the tag `{release}` is no tag of a commit"))
        }
        Unproven::BranchOfSameName(branch) => {
            error("pin-ambiguous", format!("`{release}` is a tag, and `{branch}` a branch"))
                .hint("Argo CD takes the first that it finds; remove or rename the branch")
        }
        Unproven::NoBranch => {
            error("pin-off-branch", format!("the branch of Kubernetes {} is not there", release.minor))
                .hint("a release lies on its minor's branch; fetch it with `git fetch`")
        }
        Unproven::BranchesDiffer(local, fetched) => {
            error("pin-branches-differ", format!("the branches `{local}` and `{fetched}` are not the same"))
                .hint("bring the local branch up to date, or remove it: what was fetched counts then")
        }
        Unproven::NotOnBranch(branch) => {
            error("pin-off-branch", format!("the release `{release}` does not lie on `{branch}`"))
                .hint("a release is a commit of its minor branch's own first-parent chain")
        }
        Unproven::NotAfterBranchPoint(branch) => {
            error("pin-off-branch", format!("the release `{release}` was made before `{branch}` left trunk"))
                .hint("what is on trunk belongs to every minor, and so to none")
        }
    }
}

/// Says at `place` that a release is of another minor than its cluster.
pub fn minor_finding(
    place: Location,
    release: &Release,
    minor: Minor,
    known: &BTreeSet<Release>,
) -> Diagnostic {
    let message = format!("the release `{release}` is for Kubernetes {}", release.minor);
    let finding = Diagnostic::error("pin-minor", place, message).label(format!("the cluster runs {minor}"));
    match nearest(minor, release, known).filter(|near| near.minor == minor) {
        Some(near) => finding.hint(format!("the nearest release for {minor} is `{near}`")),
        None => finding.hint(format!("there is no release for {minor} yet")),
    }
}

/// Returns the release nearest to a day's: of this minor where it has any, rather the one before.
fn nearest<'r>(minor: Minor, release: &Release, known: &'r BTreeSet<Release>) -> Option<&'r Release> {
    let of_minor: Vec<&Release> = known.iter().filter(|known| known.minor == minor).collect();
    let near = if of_minor.is_empty() { known.iter().collect() } else { of_minor };
    let is_before = |known: &&&Release| (known.day, known.number) <= (release.day, release.number);
    near.iter().rev().find(is_before).or(near.first()).copied()
}
