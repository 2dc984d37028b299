//! A run that makes releases: all of its tags or none of them, whenever it is killed.
//!
//! Refs cannot move together. So a run writes its tags down first, and makes them visible then, in one order:
//!
//! 1. the objects, made durable; nobody sees them yet
//! 2. `refs/yoshino/releasing`, a commit whose message lists the tags and the ids of their objects
//! 3. the tags on the remote, if it is to have them, all at once
//! 4. the tags
//! 5. `refs/yoshino/releases`, the same commit: the run is over
//!
//! Where the two refs differ, a run was killed between 2 and 5, and the next one finishes it from that list: the same
//! tags, the same objects, on whatever day that is. Each commit follows that of the run before it.

use git2::{Oid, Repository};

use crate::branch::history::message::trailers;
use crate::branch::identity::Identity;
use crate::branch::push::{PushedRef, push};
use crate::branch::store::{Moved, NewCommit, NewTag, RefMove, RefName, Store};
use crate::diagnostic::Report;
use crate::error::{Error, Failure};

/// A tag that a run makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRelease<'a> {
    /// Its name.
    pub name: &'a RefName,
    /// The commit that it releases.
    pub commit: Oid,
    /// What it says.
    pub message: &'a str,
}

/// The tags of a run, as it wrote them down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The commit that lists them.
    pub id: Oid,
    /// The tags, and the ids of their objects.
    pub tags: Vec<(RefName, Oid)>,
    /// The remote that they go to, if any.
    pub remote: Option<String>,
}

/// The key of the lines that list tags.
const KEY: &str = "Release";

/// The key of the line that names the remote.
const REMOTE: &str = "Remote";

/// Returns the names of the two refs: of what a run is about to make, and of what is made.
fn refs() -> Result<(RefName, RefName), Report> {
    Ok((RefName::new("refs/yoshino/releasing")?, RefName::new("refs/yoshino/releases")?))
}

/// Where tags go beside this repository.
#[derive(Clone, Copy, Debug)]
pub struct Remote<'a> {
    /// The remote.
    pub name: &'a str,
    /// Releases that were made before, and that it may not have yet.
    pub before: &'a [(RefName, Oid)],
}

/// Makes the tags, on the remote first where there is one.
///
/// # Errors
/// [`Error::Refused`] where somebody else has made one of them meanwhile, or runs at the same time; what the remote
/// refuses is made nowhere.
pub fn make(
    store: &Store,
    title: &str,
    releases: &[NewRelease<'_>],
    remote: Option<Remote<'_>>,
) -> Result<Run, Failure> {
    let (releasing, done) = refs()?;
    let tagger = Identity::find(store.repository())?;
    let mut tags = Vec::new();
    for NewRelease { name, commit, message } in releases {
        let tag = NewTag { commit: *commit, name, tagger: &tagger, message: message.as_bytes() };
        tags.push(((*name).clone(), store.tag(&tag)?));
    }
    let last = store.find(&done)?;
    let mut listed = format!("{title}\n\n");
    listed.extend(tags.iter().map(|(name, tag)| format!("{KEY}: {} {tag}\n", name.short())));
    listed.extend(remote.map(|remote| format!("{REMOTE}: {}\n", remote.name)));
    let id = write_down(store, &listed, last, &tagger)?;
    let log = format!("release cut: {title}");
    let from = store.find(&releasing)?;
    let run = Run { id, tags, remote: remote.map(|remote| remote.name.to_owned()) };
    carry_out(store, &[RefMove { name: releasing, from, to: id, log: log.clone() }])?;
    if let Some(remote) = remote {
        push_tags(store, remote, &run.tags)?;
    }
    let mut moves: Vec<RefMove> = run.tags.iter().map(|(name, tag)| new_tag(name, *tag, &log)).collect();
    moves.push(RefMove { name: done, from: last, to: id, log });
    carry_out(store, &moves)?;
    Ok(run)
}

fn new_tag(name: &RefName, tag: Oid, log: &str) -> RefMove {
    RefMove { name: name.clone(), from: None, to: tag, log: log.to_owned() }
}

/// Brings tags to a remote, all of them or none; those that it has already are left as they are.
///
/// # Errors
/// Those of [`push`].
pub fn push_tags(store: &Store, remote: Remote<'_>, tags: &[(RefName, Oid)]) -> Result<(), Error> {
    let all = remote.before.iter().chain(tags);
    let pushed = all.map(|(name, tag)| PushedRef { name: name.clone(), expected: None, to: *tag });
    let pushed: Vec<PushedRef> = pushed.collect();
    if pushed.is_empty() { Ok(()) } else { push(store.repository(), remote.name, &pushed) }
}

fn write_down(store: &Store, message: &str, last: Option<Oid>, committer: &Identity) -> Result<Oid, Error> {
    let tree = store.repository().treebuilder(None).and_then(|builder| builder.write());
    let tree = tree.map_err(|source| Error::Git { doing: "write an empty tree".to_owned(), source })?;
    store.commit(&NewCommit {
        tree,
        parents: last.as_slice(),
        author: &committer.to_bytes(),
        committer,
        encoding: None,
        message: message.as_bytes(),
    })
}

/// Returns the run that was killed before all of its tags were there; `None` where there is none, and where others have
/// made its tags since and none of its own is to be seen.
///
/// # Errors
/// [`Error::Refused`] where what it wrote down cannot be read, or some of its tags were made and others are not its own.
pub fn unfinished(store: &Store) -> Result<Option<Run>, Failure> {
    let (releasing, done) = refs()?;
    let Some(id) = store.find(&releasing)? else { return Ok(None) };
    if store.find(&done)? == Some(id) {
        return Ok(None);
    }
    let refused = |why| Error::Refused { doing: "finish the last run".to_owned(), why };
    let run = read(store.repository(), id).ok_or_else(|| {
        refused(format!("`{}` does not list its releases; remove it to give that run up", releasing.as_str()))
    })?;
    let (mut made, mut lost) = (0, None);
    for (name, tag) in &run.tags {
        match store.find(name)? {
            Some(found) if found == *tag => made += 1,
            Some(found) => lost = Some((name, found, tag)),
            None => {}
        }
    }
    match lost {
        Some((name, found, tag)) if made > 0 => {
            let why = format!("the tag `{name}` is {found} by now, and not {tag}");
            Err(refused(why).into())
        }
        Some(_) => Ok(None),
        None => Ok(Some(run)),
    }
}

fn read(repository: &Repository, id: Oid) -> Option<Run> {
    let commit = repository.find_commit(id).ok()?;
    let listed = trailers(commit.message_raw_bytes(), KEY);
    let tag = |line: &String| {
        let (name, tag) = line.split_once(' ')?;
        Some((RefName::tag(name).ok()?, Oid::from_str(tag).ok()?))
    };
    let tags: Vec<_> = listed.iter().map(tag).collect::<Option<_>>()?;
    let remote = trailers(commit.message_raw_bytes(), REMOTE).pop();
    (!tags.is_empty()).then_some(Run { id, tags, remote })
}

/// Makes what is missing of a run that was killed.
///
/// # Errors
/// [`Error::Refused`] where it was to go to a remote and none is named, an object of it is gone, or somebody else makes
/// one of its tags.
pub fn finish(store: &Store, run: &Run, remote: Option<&str>) -> Result<(), Failure> {
    let (releasing, done) = refs()?;
    if let (Some(wanted), None) = (&run.remote, remote) {
        let why = format!("its tags go to `{wanted}`, which may have them already: run this with `--push`");
        return Err(Error::Refused { doing: "finish the last run".to_owned(), why }.into());
    }
    let log = "release cut: finished";
    let mut moves = Vec::new();
    for (name, tag) in &run.tags {
        if store.repository().find_tag(*tag).is_err() {
            let remove = format!("git update-ref -d {}", releasing.as_str());
            let why = format!("the tag object {tag} of `{name}` is gone; `{remove}` gives that run up");
            return Err(Error::Refused { doing: "finish the last run".to_owned(), why }.into());
        }
        if store.find(name)?.is_none() {
            moves.push(new_tag(name, *tag, log));
        }
    }
    if let Some(name) = remote {
        push_tags(store, Remote { name, before: &[] }, &run.tags)?;
    }
    moves.push(RefMove { from: store.find(&done)?, name: done, to: run.id, log: log.to_owned() });
    Ok(carry_out(store, &moves)?)
}

fn carry_out(store: &Store, moves: &[RefMove]) -> Result<(), Error> {
    match store.move_refs(moves)? {
        Moved::Done => Ok(()),
        Moved::Lost { name, found: Some(_) } if name.as_str().starts_with("refs/tags/") => {
            Err(Error::Refused {
                doing: format!("make the tag `{name}`"),
                why: "it is there already, and a release is never moved".to_owned(),
            })
        }
        Moved::Lost { name, .. } => Err(Error::Refused {
            doing: format!("move `{}`", name.as_str()),
            why: "another run has moved it meanwhile; run this again".to_owned(),
        }),
    }
}
