//! Where a symlink of a repository leads, by the same rules in a worktree and in a git tree.
//!
//! A link may lead to another file or folder of the same repository, through further links if need be. It must
//! not leave the repository on the way, not even to come back, and must not reach into git's own folder: a pull
//! request from a fork could otherwise have the files of the machine that renders it printed.

use std::collections::VecDeque;

use crate::diagnostic::Diagnostic;

/// How many links may lie on one way, as in Linux.
pub(super) const MOST_LINKS: usize = 40;

/// What stands at a path that no link was followed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing.
    Nothing,
    /// A folder.
    Folder,
    /// A file.
    File,
    /// Something else, as a message calls it: `a FIFO`.
    Other(&'static str),
    /// What bears a name that git never writes.
    Forged,
    /// A link to this text.
    Link(Vec<u8>),
}

/// Why a link is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is an absolute path, which means something else on every machine.
    Absolute,
    /// It goes above the root.
    Leaves,
    /// Nothing is where it leads.
    Dangling,
    /// It leads back, or through more than [`MOST_LINKS`] links.
    Circular,
    /// It leads into git's own folder.
    EntersGit,
    /// It is no UTF-8.
    NotText,
}

/// Returns the path without links of what `target`, written in a link that lies in `folder`, leads to.
///
/// `look` tells what stands at a path; every folder of the paths it is asked for is a folder without links.
///
/// # Errors
/// Returns the refusal, or what `look` refused.
pub(super) fn resolve<E>(
    folder: &str,
    target: &[u8],
    look: impl Fn(&str) -> Result<Standing, E>,
) -> Result<Result<String, Refusal>, E> {
    let mut at: Vec<String> = parts(folder).map(str::to_owned).collect();
    let mut ahead = match steps(target) {
        Ok(steps) => steps,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut links = 1;
    while let Some(part) = ahead.pop_front() {
        if part == ".." {
            if at.pop().is_none() {
                return Ok(Err(Refusal::Leaves));
            }
            continue;
        }
        if part.eq_ignore_ascii_case(".git") {
            return Ok(Err(Refusal::EntersGit));
        }
        at.push(part);
        match look(&at.join("/"))? {
            Standing::Folder => {}
            Standing::File | Standing::Other(_) if ahead.is_empty() => {}
            Standing::File | Standing::Other(_) | Standing::Nothing | Standing::Forged => {
                return Ok(Err(Refusal::Dangling));
            }
            Standing::Link(_) if links == MOST_LINKS => return Ok(Err(Refusal::Circular)),
            Standing::Link(next) => {
                links += 1;
                at.pop();
                match steps(&next) {
                    Ok(steps) => ahead = steps.into_iter().chain(ahead).collect(),
                    Err(refusal) => return Ok(Err(refusal)),
                }
            }
        }
    }
    Ok(Ok(at.join("/")))
}

/// Splits a link's text into the parts to walk.
fn steps(target: &[u8]) -> Result<VecDeque<String>, Refusal> {
    let target = std::str::from_utf8(target).map_err(|_| Refusal::NotText)?;
    if target.starts_with('/') {
        Err(Refusal::Absolute)
    } else {
        Ok(parts(target).map(str::to_owned).collect())
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !matches!(*part, "" | "."))
}

impl Refusal {
    /// Says why the link `path`, which reads `target`, is not followed.
    pub fn finding(self, path: &str, target: &[u8]) -> Diagnostic {
        let target = String::from_utf8_lossy(target);
        let why = match self {
            Self::Absolute => "an absolute path",
            Self::Leaves => "which leaves the repository",
            Self::Dangling => "where nothing is",
            Self::Circular => "which leads back to itself, or on through too many links",
            Self::EntersGit => "which is git's own",
            Self::NotText => "which is not UTF-8",
        };
        let hint = match self {
            Self::Absolute => "write the link relative to its own folder",
            Self::Dangling | Self::Circular => "remove the link, or let it lead to a file of this repository",
            Self::Leaves | Self::EntersGit | Self::NotText => "put a copy of the file in the link's place",
        };
        Diagnostic::error_nowhere("path-not-confined", format!("`{path}` is a link to `{target}`, {why}"))
            .hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;

    fn resolved(links: &[(&str, &str)], from: &str) -> Result<String, Refusal> {
        let links: BTreeMap<&str, &str> = links.iter().copied().collect();
        let look = |path: &str| -> Result<Standing, Infallible> {
            Ok(match (path, links.get(path)) {
                (_, Some(target)) => Standing::Link(target.as_bytes().to_vec()),
                ("a" | "a/b" | "c", None) => Standing::Folder,
                ("a/file" | "c/file" | "a/b/file", None) => Standing::File,
                _ => Standing::Nothing,
            })
        };
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        match resolve(folder, links[from].as_bytes(), look) {
            Ok(resolved) => resolved,
        }
    }

    #[test]
    fn links_lead_to_files_and_folders_through_other_links() {
        let cases = [
            (vec![("a/link", "file")], "a/link", "a/file"),
            (vec![("a/link", "../c/./file")], "a/link", "c/file"),
            (vec![("a/link", "b//")], "a/link", "a/b"),
            (vec![("a/link", "../c/next"), ("c/next", "../a/b/file")], "a/link", "a/b/file"),
            (vec![("a/link", "../to/file"), ("to", "a/b")], "a/link", "a/b/file"),
            (vec![("a/link", "../to/../file"), ("to", "a/b")], "a/link", "a/file"),
            (vec![("a/link", "..")], "a/link", ""),
        ];
        for (links, from, expected) in cases {
            assert_eq!(resolved(&links, from), Ok(expected.to_owned()), "{links:?}");
        }
    }

    #[test]
    fn links_that_leave_the_repository_or_lead_nowhere_are_refused() {
        let cases = [
            (vec![("a/link", "../../etc/passwd")], Refusal::Leaves),
            (vec![("a/link", "../../repository/a/file")], Refusal::Leaves),
            (vec![("a/link", "../out"), ("out", "../x")], Refusal::Leaves),
            (vec![("a/link", "/etc/passwd")], Refusal::Absolute),
            (vec![("a/link", "../out"), ("out", "/etc")], Refusal::Absolute),
            (vec![("a/link", "missing")], Refusal::Dangling),
            (vec![("a/link", "file/beneath")], Refusal::Dangling),
            (vec![("a/link", "link")], Refusal::Circular),
            (vec![("a/link", "../c/back"), ("c/back", "../a/link")], Refusal::Circular),
            (vec![("a/link", "../.git/config")], Refusal::EntersGit),
            (vec![("a/link", "../.GIT/config")], Refusal::EntersGit),
        ];
        for (links, expected) in cases {
            assert_eq!(resolved(&links, "a/link"), Err(expected), "{links:?}");
        }
    }
}
