//! Which files of a repository are read, and how many and how large they may be.
//!
//! A worktree and a git revision are read by the same rules; this is where they stand. It must not read anything.

use super::RepoPath;
use crate::diagnostic::{Diagnostic, Report};

/// Which of a repository's files to read: everything beneath some folders, and single files. Absent ones are no
/// error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection<'a> {
    /// Folders, as paths from the root.
    pub folders: &'a [&'a str],
    /// Files, as paths from the root.
    pub files: &'a [&'a str],
}

impl Selection<'static> {
    /// What a rendering reads, and the schemas that `check` does.
    pub const FLEET: Self = Self {
        folders: &["clusters", "tenants", "addons", "templates", "schemas"],
        files: &["fleet.yaml", "picks.yaml"],
    };

    /// The fleet's own file: it says where trunk is, and how branches and tags are called.
    pub const FLEET_FILE: Self = Self { folders: &[], files: &["fleet.yaml"] };

    /// What of a release's tree is rendered from.
    pub const RELEASE: Self = Self { folders: &["addons", "templates"], files: &[] };

    /// The fleet's own tests.
    pub const GOLDEN: Self = Self { folders: &["golden"], files: &[] };

    /// The same, and the fleet's own tests.
    pub const FLEET_AND_GOLDEN: Self = Self {
        folders: &["clusters", "tenants", "addons", "templates", "schemas", "golden"],
        files: Self::FLEET.files,
    };
}

/// How much may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of all files.
    pub total_bytes: u64,
    /// Files, and folders walked to find them.
    pub entries: usize,
    /// Folders in each other.
    pub depth: usize,
}

impl Limits {
    /// The limits in use, far above what a fleet of 10,000 clusters needs.
    pub const READING: Self =
        Self { file_bytes: 16 << 20, total_bytes: 512 << 20, entries: 200_000, depth: 256 };

    /// Says that file `path` is too large.
    pub fn file_finding(self, path: &RepoPath, found: u64) -> Diagnostic {
        let message = format!("`{path}` holds {found} bytes; one file may hold {}", self.file_bytes);
        Diagnostic::error_nowhere("input-too-large", message)
    }

    /// Says that the files together are too large.
    pub fn total_finding(self) -> Diagnostic {
        let message = format!("the fleet's files hold more than {} bytes together", self.total_bytes);
        Diagnostic::error_nowhere("input-too-large", message)
    }

    /// Says that folders lie too deep in each other.
    pub fn depth_finding(self) -> Diagnostic {
        let message = format!("more than {} folders lie in each other", self.depth);
        Diagnostic::error_nowhere("input-too-large", message)
    }

    /// Says that there are too many files.
    pub fn entries_finding(self) -> Diagnostic {
        let message = format!("the fleet has more than {} files and folders", self.entries);
        Diagnostic::error_nowhere("input-too-large", message)
    }
}

/// Returns whether a file or folder of this name is nobody's input: hidden ones and what editors leave behind.
pub(super) fn is_left_out(name: &[u8]) -> bool {
    name.starts_with(b".") || name.ends_with(b"~")
}

/// Says that a name cannot be used, readably whatever it holds.
pub(super) fn name_finding(path: &str) -> Diagnostic {
    let message = format!("`{}` is no usable file name", path.escape_debug());
    Diagnostic::error_nowhere("file-name", message)
        .hint("names are UTF-8, without control characters and backslashes")
}

/// Says that `path` is something else than what is read there.
pub(super) fn kind_finding(path: &str, found: &str, expected: &str) -> Diagnostic {
    Diagnostic::error_nowhere("file-kind", format!("`{path}` is {found}; expected {expected}"))
}

/// Puts findings into an order that does not depend on the order of directories.
pub(super) fn in_order(mut report: Report) -> Report {
    report.diagnostics.sort_by(|left, right| left.message.cmp(&right.message));
    report.diagnostics.dedup();
    report
}
