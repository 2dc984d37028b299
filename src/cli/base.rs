//! With which earlier state of the fleet the versions of clusters are compared.

use yoshino::error::{Error, Failure};
use yoshino::location::Sources;
use yoshino::spec::{Former, Unchecked};
use yoshino::tree::{FileTree, History, read_revision};

use super::Session;

/// Which state of the fleet is at hand.
#[derive(Clone, Copy, Debug)]
pub enum Head<'r> {
    /// What the work tree holds.
    WorkTree,
    /// What is staged for the next commit.
    Staged,
    /// What a revision holds.
    Revision(&'r str),
}

/// Reads the versions that `base` declared, to compare `files` with.
///
/// # Errors
/// Those of reading a revision.
pub fn read(
    session: &Session,
    sources: &mut Sources,
    base: &str,
    files: &FileTree,
) -> Result<Former, Failure> {
    let tree = read_revision(&session.directory, base, Former::SELECTION)?;
    let is_id = base.len() == 40 && base.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = if is_id { &base[..12] } else { base };
    Ok(Former::read(tree, name, files, sources))
}

/// Reads the versions of the state that `head` came from: for the next commit the last one, for anything else where it
/// left the trunk, for a commit of the trunk its first parent. Says why, and returns none, where there is nothing to compare with.
pub fn read_default(
    session: &Session,
    sources: &mut Sources,
    head: Head<'_>,
    files: &FileTree,
) -> Option<Former> {
    let found = find(session, head, files);
    let why = match found.and_then(|base| base.map(|base| read(session, sources, &base, files)).transpose()) {
        Ok(Some(former)) => return Some(former),
        Ok(None) => "it is the first commit of the trunk".to_owned(),
        Err(Failure::Report(report)) => {
            report.diagnostics.into_iter().next().map(|finding| finding.message).unwrap_or_default()
        }
        Err(Failure::Error(Error::Git { source, .. })) => source.message().to_owned(),
        Err(Failure::Error(error)) => error.to_string(),
    };
    session
        .terminal
        .say(&format!("versions were compared with no earlier ones: {why}; `--base REV` names some"));
    None
}

fn find(session: &Session, head: Head<'_>, files: &FileTree) -> Result<Option<String>, Failure> {
    let history = History::open(&session.directory)?;
    let fleet = Unchecked::of(files);
    match head {
        Head::Staged => history.commit_id("HEAD").map(Some),
        Head::WorkTree => history.merge_base(fleet.trunk(), fleet.remote()).map(Some),
        Head::Revision(revision) => {
            let base = history.merge_base_of(revision, fleet.trunk(), fleet.remote())?;
            match history.commit_id(revision)? == base {
                true => history.first_parent(revision),
                false => Ok(Some(base)),
            }
        }
    }
}
