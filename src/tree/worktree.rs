//! A folder on disk becomes a [`FileTree`].
//!
//! Listing comes first, on one thread; reading comes second, on all of them. This module must not know what any
//! file means, and must not open anything that is no plain file beneath the root.

use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use rustix::fs::{AtFlags, FileType, fstat, readlinkat, statat};
use rustix::io::Errno;
use walkdir::WalkDir;

use super::beneath::{Mounts, Root};
use super::link::Standing;
use super::listing::{self, Store};
use super::selection::{self, Limits, Selection};
use super::{FileTree, RepoPath};
use crate::error::{Error, Failure};

/// Reads the files of `selection` beneath the folder `root`.
///
/// Hidden files and those whose names end in `~` are left out. A link is read as what it leads to, which must lie
/// beneath `root`, too.
///
/// # Errors
/// Reports every link that leads elsewhere, every name that is no UTF-8 or holds control characters, everything
/// that is neither a file nor a folder, and the limit of size or number that was exceeded. An [`Error::Io`] is the
/// first file, in path order, that cannot be read.
pub fn read_worktree(root: &Path, selection: Selection<'_>) -> Result<FileTree, Failure> {
    read_within(root, selection, Limits::READING)
}

fn read_within(root: &Path, selection: Selection<'_>, limits: Limits) -> Result<FileTree, Failure> {
    let path = std::fs::canonicalize(root).map_err(|source| Error::io("read", root, source))?;
    let folder = Root::open(&path, Mounts::Cross).map_err(|source| Error::io("read", root, source))?;
    let worktree = Worktree { path, folder };
    let (mut files, mut report) = listing::list(&worktree, selection, limits)?;
    if files.len() > limits.entries {
        return Err(selection::in_order(report).into());
    }
    files.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    let total = AtomicU64::new(0);
    let read = |found: listing::Found| (found.path, worktree.read(&found.real, limits, &total));
    let read: Vec<(RepoPath, io::Result<Content>)> = files.into_par_iter().map(read).collect();
    let mut tree = FileTree::default();
    for (file, content) in read {
        match content.map_err(|source| Error::io("read", worktree.path.join(file.as_str()), source))? {
            Content::Bytes(bytes) => _ = tree.0.insert(file, bytes),
            Content::TooLarge(found) => report.push(limits.file_finding(&file, found)),
            Content::BeyondTotal => report.push(limits.total_finding()),
            Content::NoFile => report.push(selection::kind_finding(file.as_str(), "no plain file", "a file")),
        }
    }
    Ok(selection::in_order(report).or(tree)?)
}

/// A folder on disk.
struct Worktree {
    /// Its path, without links.
    path: PathBuf,
    folder: Root,
}

/// What reading a file came to.
enum Content {
    Bytes(Arc<[u8]>),
    TooLarge(u64),
    BeyondTotal,
    NoFile,
}

impl Store for Worktree {
    fn look(&self, path: &str) -> Result<Standing, Error> {
        let refused = |source: Errno| Error::io("read", self.path.join(path), source.into());
        let status = match statat(&self.folder, path, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(status) => status,
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(Standing::Nothing),
            Err(refusal) => return Err(refused(refusal)),
        };
        Ok(match FileType::from_raw_mode(status.st_mode) {
            FileType::Directory => Standing::Folder,
            FileType::RegularFile => Standing::File,
            FileType::Symlink => {
                Standing::Link(readlinkat(&self.folder, path, Vec::new()).map_err(refused)?.into_bytes())
            }
            FileType::Fifo => Standing::Other("a FIFO"),
            FileType::Socket => Standing::Other("a socket"),
            FileType::CharacterDevice | FileType::BlockDevice => Standing::Other("a device"),
            FileType::Unknown => Standing::Other("of an unknown kind"),
        })
    }

    fn entries(&self, folder: &str) -> Result<Vec<(Vec<u8>, Standing)>, Error> {
        let start = self.path.join(folder);
        let mut entries = Vec::new();
        for entry in WalkDir::new(&start).min_depth(1).max_depth(1) {
            let entry = entry.map_err(|error| walk_error(error, &start))?;
            let name = entry.file_name().as_bytes().to_vec();
            let standing = match entry.file_type() {
                kind if kind.is_dir() => Standing::Folder,
                kind if kind.is_file() => Standing::File,
                // Whoever looks for these needs a name that can be written down.
                _ => match entry.file_name().to_str() {
                    Some(name) => self.look(&format!("{folder}/{name}"))?,
                    None => Standing::File,
                },
            };
            entries.push((name, standing));
        }
        Ok(entries)
    }
}

impl Worktree {
    fn read(&self, path: &str, limits: Limits, total: &AtomicU64) -> io::Result<Content> {
        use std::io::Read as _;

        let opened = self.folder.file(path.as_bytes())?;
        let status = fstat(&opened)?;
        if !FileType::from_raw_mode(status.st_mode).is_file() {
            return Ok(Content::NoFile);
        }
        let size = u64::try_from(status.st_size).unwrap_or(u64::MAX);
        if size > limits.file_bytes {
            return Ok(Content::TooLarge(size));
        }
        if total.fetch_add(size, Ordering::Relaxed) + size > limits.total_bytes {
            return Ok(Content::BeyondTotal);
        }
        // One byte more than there should be, so that a file that grows meanwhile is noticed.
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
        std::fs::File::from(opened).take(limits.file_bytes + 1).read_to_end(&mut bytes)?;
        let read = bytes.len() as u64;
        Ok(if read > limits.file_bytes { Content::TooLarge(read) } else { Content::Bytes(bytes.into()) })
    }
}

/// Keeps the path and the operating system's answer of what stopped a walk.
fn walk_error(error: walkdir::Error, start: &Path) -> Error {
    let path = error.path().unwrap_or(start).to_owned();
    let source = error.into_io_error().unwrap_or_else(|| io::Error::other("the folder holds itself"));
    Error::io("read", path, source)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make files")]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::tree::temp::{TempFolder, TestResult};

    /// Reads a fleet that must be wrong, and returns the findings as `rule: message`.
    fn findings(folder: &TempFolder, limits: Limits) -> Vec<String> {
        match read_within(folder.path(), Selection::FLEET, limits) {
            Err(Failure::Report(report)) => {
                report.diagnostics.iter().map(|found| format!("{}: {}", found.rule, found.message)).collect()
            }
            other => vec![format!("unexpected: {other:?}")],
        }
    }

    #[test]
    fn a_fleet_is_read_without_what_belongs_to_nobody() -> TestResult {
        let folder = TempFolder::with(&[
            ("fleet.yaml", "fleet"),
            ("README.md", "no input"),
            ("rendered/management/root.yaml", "no input"),
            ("golden/case/fleet.yaml", "no input"),
            ("clusters/a.yaml", "a"),
            ("clusters/tokyo/b.yaml", "b"),
            ("clusters/tokyo/b.yaml~", "no input"),
            ("clusters/.b.yaml.swp", "no input"),
            ("clusters/.git/config", "no input"),
            ("addons/empty", ""),
        ])?;

        let tree = read_worktree(folder.path(), Selection::FLEET);

        let expected = [
            ("addons/empty", ""),
            ("clusters/a.yaml", "a"),
            ("clusters/tokyo/b.yaml", "b"),
            ("fleet.yaml", "fleet"),
        ];
        assert_eq!(tree.ok(), Some(FileTree::literal(&expected)));
        Ok(())
    }

    #[test]
    fn links_within_the_repository_are_read_as_what_they_lead_to() -> TestResult {
        let folder =
            TempFolder::with(&[("shared/addons/cilium/addon.yaml", "cilium"), ("shared/a.yaml", "a")])?;
        folder.link("addons", "shared/addons")?;
        folder.link("clusters/a.yaml", "../shared/a.yaml")?;
        folder.link("clusters/again", "../shared/addons")?;
        folder.link("shared/addons/too", "cilium")?;

        let tree = read_worktree(folder.path(), Selection::FLEET);

        let expected = [
            ("addons/cilium/addon.yaml", "cilium"),
            ("addons/too/addon.yaml", "cilium"),
            ("clusters/a.yaml", "a"),
            ("clusters/again/cilium/addon.yaml", "cilium"),
            ("clusters/again/too/addon.yaml", "cilium"),
        ];
        assert_eq!(tree.ok(), Some(FileTree::literal(&expected)));
        Ok(())
    }

    #[test]
    fn a_root_reached_through_a_link_is_a_root_like_any_other() -> TestResult {
        let folder = TempFolder::with(&[("real/fleet/clusters/a.yaml", "a")])?;
        folder.link("real/fleet/clusters/b.yaml", "a.yaml")?;
        folder.link("way", "real")?;

        let tree = read_worktree(&folder.join("way/fleet"), Selection::FLEET);

        let expected = [("clusters/a.yaml", "a"), ("clusters/b.yaml", "a")];
        assert_eq!(tree.ok(), Some(FileTree::literal(&expected)));
        Ok(())
    }

    #[test]
    fn links_that_lead_elsewhere_are_all_reported() -> TestResult {
        let folder = TempFolder::with(&[("clusters/a/a.yaml", "a")])?;
        folder.link("clusters/absolute", "/etc/passwd")?;
        folder.link("clusters/a/back", "..")?;
        folder.link("clusters/dangling", "nothing")?;
        folder.link("clusters/out", "../../etc")?;
        folder.link("tenants", "tenants")?;

        let expected = [
            "path-not-confined: `clusters/a/back` is a link to `..`, which leads back to itself, or on through too many links",
            "path-not-confined: `clusters/absolute` is a link to `/etc/passwd`, an absolute path",
            "path-not-confined: `clusters/dangling` is a link to `nothing`, where nothing is",
            "path-not-confined: `clusters/out` is a link to `../../etc`, which leaves the repository",
            "path-not-confined: `tenants` is a link to `tenants`, which leads back to itself, or on through too many links",
        ];
        assert_eq!(findings(&folder, Limits::READING), expected);
        Ok(())
    }

    #[test]
    fn a_long_chain_of_folder_links_ends() -> TestResult {
        let folder = TempFolder::new()?;
        for number in 0..60 {
            folder.link(&format!("clusters/{number}/next"), &format!("../{}", number + 1))?;
        }
        folder.write("clusters/60/a.yaml", "a")?;

        let found = findings(&folder, Limits::READING);

        assert!(found.iter().all(|finding| finding.ends_with("too many links")), "{found:?}");
        Ok(())
    }

    #[test]
    fn names_that_cannot_be_used_and_what_is_no_file_are_reported() -> TestResult {
        let folder =
            TempFolder::with(&[("clusters/line\nbreak.yaml", ""), ("clusters/back\\slash/a.yaml", "")])?;
        let latin = Path::new(OsStr::from_bytes(b"clusters/caf\xe9.yaml"));
        std::fs::write(folder.path().join(latin), "")?;
        rustix::fs::mkfifoat(rustix::fs::CWD, folder.join("clusters/fifo"), 0o644.into())?;
        rustix::fs::mkfifoat(rustix::fs::CWD, folder.join("fleet.yaml"), 0o644.into())?;
        std::fs::create_dir(folder.join("picks.yaml"))?;
        folder.write("tenants", "")?;

        let expected = [
            "file-name: `clusters/back\\\\slash` is no usable file name",
            "file-name: `clusters/caf\u{fffd}.yaml` is no usable file name",
            "file-kind: `clusters/fifo` is a FIFO; expected a file or a folder",
            "file-name: `clusters/line\\nbreak.yaml` is no usable file name",
            "file-kind: `fleet.yaml` is a FIFO; expected a file",
            "file-kind: `picks.yaml` is a folder; expected a file",
            "file-kind: `tenants` is a file; expected a folder",
        ];
        assert_eq!(findings(&folder, Limits::READING), expected);
        Ok(())
    }

    #[test]
    fn limits_are_named() -> TestResult {
        let folder = TempFolder::with(&[
            ("clusters/a.yaml", "12345"),
            ("clusters/b.yaml", "1234"),
            ("clusters/c.yaml", ""),
        ])?;

        let by_file = findings(&folder, Limits { file_bytes: 4, ..Limits::READING });
        let in_total = findings(&folder, Limits { total_bytes: 8, ..Limits::READING });
        let by_number = findings(&folder, Limits { entries: 2, ..Limits::READING });

        assert_eq!(by_file, ["input-too-large: `clusters/a.yaml` holds 5 bytes; one file may hold 4"]);
        assert_eq!(in_total, ["input-too-large: the fleet's files hold more than 8 bytes together"]);
        assert_eq!(by_number, ["input-too-large: the fleet has more than 2 files and folders"]);
        Ok(())
    }

    #[test]
    fn links_cannot_multiply_files_without_end() -> TestResult {
        let folder = TempFolder::with(&[("clusters/9/a.yaml", "a")])?;
        for number in 0..9 {
            for link in ["a", "b", "c", "d"] {
                folder.link(&format!("clusters/{number}/{link}"), &format!("../{}", number + 1))?;
            }
        }

        let found = findings(&folder, Limits { entries: 5000, ..Limits::READING });

        assert_eq!(found, ["input-too-large: the fleet has more than 5000 files and folders"]);
        Ok(())
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_with_its_path() -> TestResult {
        let folder = TempFolder::with(&[("clusters/a.yaml", "a")])?;
        let path = folder.join("clusters/a.yaml");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000))?;
        if std::fs::read(&path).is_ok() {
            eprintln!("not run: this user may read every file");
            return Ok(());
        }

        let read = read_worktree(folder.path(), Selection::FLEET);

        assert!(matches!(read, Err(Failure::Error(Error::Io { path: found, .. })) if found == path));
        Ok(())
    }

    #[test]
    fn a_root_that_is_not_there_is_an_error() -> TestResult {
        let folder = TempFolder::new()?;

        let read = read_worktree(&folder.join("missing"), Selection::FLEET);

        assert!(matches!(read, Err(Failure::Error(Error::Io { .. }))));
        Ok(())
    }
}
