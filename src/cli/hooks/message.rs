//! What `commit-msg` does: the trailers of the message that somebody has just written.
#![expect(clippy::disallowed_methods, reason = "git names a file that holds the message")]

use std::io::Read as _;
use std::path::Path;

use yoshino::branch::commit_message::judge;
use yoshino::branch::configuration::Configuration;
use yoshino::error::{Error, Failure};
use yoshino::location::{SourceName, Sources};
use yoshino::tree::open_repository;

use crate::cli::{Exit, Session};

/// Bytes of a message at most; nobody reads more.
const MOST_BYTES: u64 = 1 << 20;

/// Judges the message in a file.
///
/// # Errors
/// Reports trailers that say nothing; says why the file could not be read.
pub fn run(session: &Session, file: &Path, sources: &mut Sources) -> Result<Exit, Failure> {
    let path = session.path(file);
    let refused = |source| Error::io("read", &path, source);
    let mut message = Vec::new();
    std::fs::File::open(&path)
        .map_err(refused)?
        .take(MOST_BYTES)
        .read_to_end(&mut message)
        .map_err(refused)?;
    let name = SourceName::of_user(&file.file_name().unwrap_or_default().to_string_lossy());
    let report = judge(name, &message, comment(session), sources);
    report.or(Exit::Fine).map_err(Failure::from)
}

/// Returns the character that begins a comment in messages, as git's configuration says.
fn comment(session: &Session) -> u8 {
    let configuration =
        open_repository(&session.directory).and_then(|repository| Configuration::of(&repository));
    let Ok(configuration) = configuration else { return b'#' };
    let written = ["core.commentstring", "core.commentchar"].iter().find_map(|name| configuration.find(name));
    match written {
        Some([character]) => *character,
        // Whichever git then takes, a hook is not told.
        Some(_) | None => b'#',
    }
}
