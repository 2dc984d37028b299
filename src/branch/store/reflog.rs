//! git's log of where a ref has been.
//!
//! git's files: a line per move in `logs/<ref>`, written under the ref's lock, before the ref is moved. Which refs have a
//! log is `core.logAllRefUpdates` (git-config(1)).

use std::fs::OpenOptions;
use std::io::Write as _;

use git2::{Oid, Repository};

use super::RefMove;
use super::ref_lock::{make_folders, remove_empty_folders};
use crate::branch::configuration::Configuration;
use crate::branch::identity::Identity;
use crate::error::Error;

/// Adds a move to the log of its ref, if it has or is to have one.
pub(super) fn append(repository: &Repository, change: &RefMove, by: &Identity) -> Result<(), Error> {
    let path = repository.commondir().join("logs").join(change.name.as_str());
    let is_made = is_logged(repository, &Configuration::of(repository)?, change);
    if !is_made && !path.is_file() {
        return Ok(());
    }
    let from = change.from.unwrap_or(Oid::ZERO_SHA1);
    let mut line = format!("{from} {} ", change.to).into_bytes();
    line.extend_from_slice(&by.to_bytes());
    line.push(b'\t');
    line.extend(change.log.bytes().map(|byte| if byte.is_ascii_control() { b' ' } else { byte }));
    line.push(b'\n');
    let refused = |source| Error::io("write", &path, source);
    path.parent().map_or(Ok(()), make_folders).map_err(refused)?;
    remove_empty_folders(&path).map_err(refused)?;
    let mut log = OpenOptions::new().append(true).create(true).open(&path).map_err(refused)?;
    log.write_all(&line).and_then(|()| log.sync_all()).map_err(refused)
}

fn is_logged(repository: &Repository, configuration: &Configuration, change: &RefMove) -> bool {
    let configured = configuration.find("core.logallrefupdates").map(<[u8]>::to_ascii_lowercase);
    match configured.as_deref() {
        Some(b"always") => true,
        Some(b"false" | b"no" | b"off" | b"0") => false,
        Some(_) => change.name.is_branch(),
        None => change.name.is_branch() && !repository.is_bare(),
    }
}
