//! A folder with a copy of a tree, in which a program is run.
//!
//! The program gets nothing but the tree: no variable but a path, no input, and the folder as its home. What it prints is
//! not shown but where it fails. The copy is made so that no link of the tree is ever written through.
#![expect(clippy::disallowed_methods, reason = "the program works on files, and is started here")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path as FilePath, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use git2::{Oid, Repository};
use rustix::process::{Pid, Signal, kill_process_group};
use walkdir::WalkDir;

use super::{Made, Source};
use crate::branch::merge::{Entry, Path, blob, changes, text};
use crate::credential::Masks;
use crate::error::Error;

/// How often a program is looked after, and how often at most: five minutes in all.
const PAUSE: Duration = Duration::from_millis(10);
const MOST_PAUSES: u32 = 30_000;

/// Bytes that are kept of what a program prints.
const MOST_PRINTED: u64 = 4096;

/// Bytes of a file at most, as everywhere.
const MOST_BYTES: u64 = 16 << 20;

/// Runs a program in a copy of the tree and takes the files that it was run for.
pub(super) fn run(source: &Source<'_>, command: &[String]) -> Result<Made, Error> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(source.failed("the command is empty".to_owned()));
    };
    let folder = Folder::make()?;
    let files = list(source)?;
    for (path, entry) in &files {
        if let Err(refusal) = folder.put(source.repository, path, *entry)? {
            let path = text(path);
            return Ok(Made::Failed { reason: format!("cannot copy the tree: {refusal}"), path });
        }
    }
    let printed = folder.printed()?;
    let status =
        start(&folder, source, (program, arguments), &printed).and_then(|mut child| wait(&mut child));
    match status {
        Ok(Some(status)) if status.success() => {}
        Ok(status) => return Ok(source.failed(why(program, status, printed))),
        Err(refusal) => return Ok(source.failed(format!("cannot run `{program}`: {refusal}"))),
    }
    take(source, &folder, &files)
}

fn list(source: &Source<'_>) -> Result<BTreeMap<Path, Entry>, Error> {
    let files = changes(source.repository, None, Some(source.tree))?;
    Ok(files.into_iter().filter_map(|file| Some((file.path, file.after?))).collect())
}

fn start(
    folder: &Folder,
    source: &Source<'_>,
    (program, arguments): (&str, &[String]),
    printed: &fs::File,
) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder.tree()).process_group(0).env_clear();
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.env("HOME", folder.tree()).env("LC_ALL", "C").env("TZ", "UTC");
    command.env("YOSHINO_MINOR", source.generation.minor.to_string());
    command.stdin(Stdio::null()).stdout(printed.try_clone()?).stderr(printed.try_clone()?);
    command.spawn()
}

/// Waits until a program ends; one that takes too long is ended with all that it started, and has no status.
fn wait(child: &mut Child) -> io::Result<Option<ExitStatus>> {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let mut status = None;
    for _ in 0..MOST_PAUSES {
        status = child.try_wait()?;
        if status.is_some() {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    // What it left running would go on writing into a folder that is about to go.
    if let Some(group) = group {
        _ = kill_process_group(group, Signal::KILL);
    }
    if status.is_none() {
        child.wait()?;
    }
    Ok(status)
}

/// Says how a program failed, with the last that it printed.
fn why(program: &str, status: Option<ExitStatus>, mut printed: fs::File) -> String {
    let how = match status {
        Some(status) => match status.code() {
            Some(code) => format!("`{program}` exits with {code}"),
            None => format!("`{program}` was killed"),
        },
        None => format!("`{program}` takes more than five minutes"),
    };
    let mut bytes = Vec::new();
    let length = printed.metadata().map_or(0, |metadata| metadata.len());
    let from = SeekFrom::Start(length.saturating_sub(MOST_PRINTED));
    _ = printed.seek(from).and_then(|_| printed.take(MOST_PRINTED).read_to_end(&mut bytes));
    let said = String::from_utf8_lossy(&bytes).into_owned();
    let said = Masks::default().hide(&said);
    match said.lines().rev().map(str::trim).find(|line| !line.is_empty()) {
        Some(line) => format!("{how}: {}", line.escape_debug()),
        None => how,
    }
}

/// Takes what the program made of the paths that it was run for; any other change is a failure.
fn take(source: &Source<'_>, folder: &Folder, files: &BTreeMap<Path, Entry>) -> Result<Made, Error> {
    let (mut made, mut gone) = (BTreeMap::new(), files.clone());
    for found in WalkDir::new(folder.tree()).sort_by_file_name() {
        let found = match found {
            Ok(found) => found,
            Err(refusal) => return Ok(source.failed(format!("what it left cannot be read: {refusal}"))),
        };
        if found.file_type().is_dir() {
            continue;
        }
        let relative = found.path().strip_prefix(folder.tree()).unwrap_or(found.path());
        let path: Path = relative.as_os_str().as_bytes().to_vec();
        let before = gone.remove(&path);
        let after = match folder.read(source.repository, found.path(), before)? {
            Ok(after) => after,
            Err(refusal) => return Ok(Made::Failed { path: text(&path), reason: refusal }),
        };
        if before != Some(after) {
            made.insert(path, Some(after));
        }
    }
    // A submodule is in no copy.
    gone.retain(|_, entry| !entry.is_submodule());
    made.extend(gone.into_keys().map(|path| (path, None)));
    match made.keys().map(|path| text(path)).find(|path| !source.makes(path)) {
        Some(path) => {
            let reason = format!("the command changes `{path}`, which it was not run for");
            Ok(Made::Failed { path, reason })
        }
        None => Ok(Made::Changes(made)),
    }
}

/// A folder that is gone when the work is done.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left of it lies where such things are cleared away.
        _ = fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    fn make() -> Result<Self, Error> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = std::env::temp_dir();
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("yoshino-regenerate-{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => {
                    // A name without links, which programs get to see.
                    let path = fs::canonicalize(&path).map_err(|source| Error::io("read", &path, source))?;
                    let made = Self(path);
                    fs::create_dir(made.tree()).map_err(|source| Error::io("create", made.tree(), source))?;
                    return Ok(made);
                }
                // Another's, or what a killed run left.
                Err(refusal) if refusal.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(Error::io("create", path, source)),
            }
        }
    }

    /// Returns where the copy of the tree lies.
    fn tree(&self) -> PathBuf {
        self.0.join("tree")
    }

    /// Makes the file that takes what the program prints.
    fn printed(&self) -> Result<fs::File, Error> {
        let path = self.0.join("printed");
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        file.map_err(|source| Error::io("create", path, source))
    }

    /// Copies one file; a name that would lead elsewhere is refused in words.
    fn put(&self, repository: &Repository, path: &[u8], entry: Entry) -> Result<Result<(), String>, Error> {
        let is_plain = |part: &[u8]| !matches!(part, b"" | b"." | b"..") && !part.contains(&0);
        let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
        if !parts.iter().all(|part| is_plain(part)) {
            return Ok(Err(format!("`{}` is no usable file name", text(path).escape_debug())));
        }
        if entry.is_submodule() {
            return Ok(Ok(()));
        }
        let bytes = blob(repository, entry.id)?;
        let mut place = self.tree();
        for part in &parts[..parts.len() - 1] {
            place.push(OsStr::from_bytes(part));
            match fs::symlink_metadata(&place) {
                Ok(found) if found.is_dir() => {}
                // A link or a file of that name: a tree that was made to do harm.
                Ok(_) => return Ok(Err(format!("`{}` lies in something that is no folder", text(path)))),
                Err(_) => fs::create_dir(&place).map_err(|source| Error::io("create", &place, source))?,
            }
        }
        place.push(OsStr::from_bytes(parts.last().copied().unwrap_or_default()));
        let done = match entry.is_file() {
            true => write_new(&place, &bytes, entry.mode),
            false => symlink(OsStr::from_bytes(&bytes), &place),
        };
        match done {
            Err(refusal) if refusal.kind() == io::ErrorKind::AlreadyExists => {
                Ok(Err(format!("`{}` is there twice", text(path))))
            }
            done => done.map(Ok).map_err(|source| Error::io("write", place, source)),
        }
    }

    /// Reads a file as git would take it in; what is neither a file nor a link is refused in words.
    fn read(
        &self,
        repository: &Repository,
        place: &FilePath,
        before: Option<Entry>,
    ) -> Result<Result<Entry, String>, Error> {
        let refused = |source| Error::io("read", place, source);
        let found = fs::symlink_metadata(place).map_err(refused)?;
        let kind = found.file_type();
        let bytes = if kind.is_symlink() {
            fs::read_link(place).map_err(refused)?.as_os_str().as_bytes().to_vec()
        } else if kind.is_file() && found.len() <= MOST_BYTES {
            fs::read(place).map_err(refused)?
        } else {
            let what = if kind.is_file() { "is larger than 16 MiB" } else { "is neither a file nor a link" };
            return Ok(Err(format!("it {what}")));
        };
        let mode = match (kind.is_symlink(), found.permissions().mode() & 0o100 != 0) {
            (true, _) => 0o120_000,
            (false, true) => 0o100_755,
            (false, false) => 0o100_644,
        };
        let unchanged = Oid::hash_object(git2::ObjectType::Blob, &bytes).ok();
        if let Some(before) = before.filter(|before| Some(before.id) == unchanged && before.mode == mode) {
            return Ok(Ok(before));
        }
        let id = repository.blob(&bytes);
        let id = id.map_err(|source| Error::Git { doing: "write a generated file".to_owned(), source })?;
        Ok(Ok(Entry { id, mode }))
    }
}

fn write_new(place: &FilePath, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode & 0o777).open(place)?;
    file.write_all(bytes)
}
