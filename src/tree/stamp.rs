//! Remembers that an output was what its inputs render to, so that a run in which nothing changed need not render.
//!
//! The record lies in git's own folder, for each output one. It holds a digest of everything the rendering depended
//! on, and a digest of what the file system said about every file and folder of the output: names, sizes, inodes,
//! dates. Whoever touches a file changes a date; the one thing that dates cannot tell is two changes within one tick
//! of the clock, so nothing is remembered that is not a whole tick old (`clock`), or that somebody else may have
//! touched between comparing and remembering.
//!
//! One thing escapes it: a file that a run carries over unchanged and that somebody rewrites in place, its date set
//! back, within the milliseconds of the swap.
//!
//! A record can spare a rendering, and nothing else: where there is none, or it cannot be read, the fleet is rendered.
//! This module must not fail.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid, Repository};
use rayon::prelude::*;
use rustix::fs::{AtFlags, Mode, OFlags, fstat, mkdirat, openat, renameat, unlinkat};

use super::FileTree;
use super::beneath::{Mounts, Root};
use super::clock::Moment;
use super::output::{Change, History, Moved, OutputPath, Summary};
use super::raw_path::{join, lies_in};
use super::scan::{self, Dated, Folder, Kind};

/// The first line of a record; another layout needs another one.
const FORMAT: &[u8] = b"yoshino stamp 1";

/// The folder in git's own folder.
const FOLDER: &str = "yoshino";

/// Everything that a rendering depends on.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Which yoshino renders: its version. That the binary itself has been replaced is noticed besides.
    pub program: &'a str,
    /// Whatever the output depends on beside files: where the tags of releases and the branches of minors stand.
    pub arguments: &'a [String],
    /// The files.
    pub files: &'a FileTree,
}

/// Where the record of one output lies, and what it must say of the inputs.
#[derive(Debug)]
pub struct Stamp {
    /// Git's own folder.
    git: PathBuf,
    /// The record's name.
    name: String,
    inputs: Oid,
}

/// What a record says of an output that needs no rendering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// How many generated files it holds.
    pub files: usize,
    /// What is not ours, in path order. Paths begin in the output.
    pub foreign: Vec<PathBuf>,
}

impl Stamp {
    /// Finds the place of the record for an output of the fleet at `root`; nothing outside of git repositories.
    pub fn find(root: &Path, place: &OutputPath, inputs: Inputs<'_>) -> Option<Self> {
        let repository = Repository::discover(root).ok()?;
        let name = digest(place.path().as_os_str().as_bytes())?.to_string();
        Some(Self { git: repository.path().to_owned(), name, inputs: inputs.digest()? })
    }

    /// Returns what the record says if the output is what these inputs render to, untouched since.
    pub fn fresh(&self, place: &OutputPath) -> Option<Fresh> {
        let record = Record::parse(&self.read()?)?;
        if record.inputs != self.inputs || place.has_leftovers() {
            return None;
        }
        let folders = scan::list_dated(&place.open().ok()?).ok()?;
        (digest_folders(&folders)? == record.output).then_some(record.fresh)
    }

    /// Remembers the output as a run left it, if it is certain that nobody else has touched it since it was compared.
    pub fn record(&self, place: &OutputPath, summary: &Summary) {
        // What was written or moved until now is older than the next tick; what somebody changes later is not.
        let since = Moment::after_all_until_now();
        // Without a record, or with an older one, which speaks of another state, the next run renders.
        _ = self.try_record(place, summary, since);
    }

    fn try_record(&self, place: &OutputPath, summary: &Summary, since: Moment) -> io::Result<()> {
        let git = Root::open(&self.git, Mounts::Cross)?;
        match mkdirat(&git, FOLDER, Mode::from_raw_mode(0o755)) {
            Err(rustix::io::Errno::EXIST) => {}
            made => made?,
        }
        let folder = git.folder(FOLDER.as_bytes())?;
        let output = place.open()?;
        let draft = format!("{}.new", self.name);
        _ = unlinkat(&folder, &draft, AtFlags::empty());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let opened = openat(&folder, &draft, flags, Mode::from_raw_mode(0o644))?;
        // The dates mean something only where the file system takes them from this machine's clock, and finely.
        let dated = Moment::written(&fstat(&opened)?);
        let is_same_clock = since <= dated && dated <= Moment::exact();
        let is_same_system = fstat(&folder)?.st_dev == fstat(&output)?.st_dev;
        let record =
            scan::list_dated(&output).ok().and_then(|folders| self.describe(&folders, summary, since));
        match record.filter(|_| is_same_clock && is_same_system) {
            Some(record) => {
                std::fs::File::from(opened).write_all(&record.print())?;
                Ok(renameat(&folder, &draft, &folder, &self.name)?)
            }
            None => Ok(unlinkat(&folder, &draft, AtFlags::empty())?),
        }
    }

    /// Returns what to remember of an output, if it holds what the run left and nothing in it is too new.
    fn describe(&self, folders: &[Folder], summary: &Summary, since: Moment) -> Option<Record> {
        let is_old = folders.iter().flat_map(|folder| &folder.entries).all(|entry| entry.changed < since);
        if !is_old || !is_as_left(folders, summary) {
            return None;
        }
        let fresh = Fresh {
            files: summary.files.len() - summary.count(Change::Stale),
            foreign: summary.foreign.clone(),
        };
        Some(Record { inputs: self.inputs, output: digest_folders(folders)?, fresh })
    }

    fn read(&self) -> Option<Vec<u8>> {
        let folder = Root::open(&self.git, Mounts::Cross).ok()?.folder(FOLDER.as_bytes()).ok()?;
        let mut bytes = Vec::new();
        std::fs::File::from(folder.file(self.name.as_bytes()).ok()?).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

impl Inputs<'_> {
    fn digest(&self) -> Option<Oid> {
        let mut text = Vec::new();
        let mut field = |bytes: &[u8]| {
            text.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            text.extend_from_slice(bytes);
        };
        field(self.program.as_bytes());
        field(&identify_binary()?);
        field(&(self.arguments.len() as u64).to_le_bytes());
        for argument in self.arguments {
            field(argument.as_bytes());
        }
        let files: Vec<_> = self.files.0.iter().collect();
        let digests: Option<Vec<Oid>> = files.par_iter().map(|(_, bytes)| digest(bytes)).collect();
        for ((path, _), id) in files.iter().zip(digests?) {
            field(path.as_str().as_bytes());
            field(id.as_bytes());
        }
        digest(&text)
    }
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Record {
    inputs: Oid,
    output: Oid,
    fresh: Fresh,
}

impl Record {
    /// Prints the fields, each followed by a NUL, which no path holds, and a digest of it all.
    fn print(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut field = |field: &[u8]| bytes.extend([field, b"\0"].concat());
        field(FORMAT);
        field(self.inputs.to_string().as_bytes());
        field(self.output.to_string().as_bytes());
        field(self.fresh.files.to_string().as_bytes());
        for path in &self.fresh.foreign {
            field(path.as_os_str().as_bytes());
        }
        let check = digest(&bytes).map(|id| id.to_string()).unwrap_or_default();
        bytes.extend(check.into_bytes());
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (fields, check) = bytes.split_at(bytes.iter().rposition(|byte| *byte == 0)? + 1);
        if digest(fields)?.to_string().as_bytes() != check {
            return None;
        }
        let mut fields = fields[..fields.len() - 1].split(|byte| *byte == 0);
        if fields.next()? != FORMAT {
            return None;
        }
        let mut text = || std::str::from_utf8(fields.next()?).ok();
        let inputs = Oid::from_str(text()?).ok()?;
        let output = Oid::from_str(text()?).ok()?;
        let files = text()?.parse().ok()?;
        let foreign = fields.map(|path| Path::new(OsStr::from_bytes(path)).to_owned()).collect();
        Some(Self { inputs, output, fresh: Fresh { files, foreign } })
    }
}

/// Returns whether an output holds exactly what a run left in it, and nobody can have changed any of it since it was
/// compared or written.
fn is_as_left(folders: &[Folder], summary: &Summary) -> bool {
    let left = summary.files.iter().filter(|(_, change)| **change != Change::Stale);
    let generated = left.map(|(path, change)| (path.as_str().as_bytes(), Some(*change)));
    let foreign = summary.foreign.iter().map(|path| (path.as_os_str().as_bytes(), None));
    let mut expected: BTreeMap<&[u8], Option<Change>> = generated.chain(foreign).collect();
    for folder in folders {
        for entry in folder.entries.iter().filter(|entry| entry.kind != Kind::Folder) {
            let path = join(&folder.path, &entry.name);
            match expected.remove(path.as_slice()) {
                Some(change) if is_untouched(&path, entry, change, &summary.history) => {}
                Some(_) | None => return false,
            }
        }
    }
    expected.is_empty()
}

fn is_untouched(path: &[u8], entry: &Dated, change: Option<Change>, history: &History) -> bool {
    match &history.moved {
        Moved::Folder { point, at, carried } if lies_in(path, point) => {
            let is_ours = matches!(change, Some(Change::New | Change::Changed));
            // To remove its other name is to change it once more, so only its inode and its content's date tell.
            let is_carried = || carried.get(path) == Some(&entry.inode) && entry.written < history.opened;
            if is_ours { entry.changed < *at } else { is_carried() }
        }
        Moved::Folder { .. } | Moved::Nothing => entry.changed < history.opened,
    }
}

/// Returns a digest of what the file system says about every entry.
fn digest_folders(folders: &[Folder]) -> Option<Oid> {
    // As many as one thread takes at a time; the digest depends on it.
    const PART: usize = 64;
    let parts: Option<Vec<Oid>> = folders.par_chunks(PART).map(|part| digest(&describe(part))).collect();
    let mut digests = Vec::new();
    for id in parts? {
        digests.extend_from_slice(id.as_bytes());
    }
    digest(&digests)
}

fn describe(folders: &[Folder]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for folder in folders {
        // No name holds a NUL, and the rest is of one length, so that nothing reads like something else.
        bytes.extend_from_slice(&folder.path);
        bytes.push(0);
        bytes.extend_from_slice(&(folder.entries.len() as u64).to_le_bytes());
        for entry in &folder.entries {
            bytes.extend_from_slice(&entry.name);
            bytes.push(0);
            bytes.extend_from_slice(&entry.inode.to_le_bytes());
            bytes.extend_from_slice(&entry.mode.to_le_bytes());
            bytes.extend_from_slice(&entry.size.to_le_bytes());
            bytes.extend_from_slice(&entry.written.to_bytes());
            bytes.extend_from_slice(&entry.changed.to_bytes());
        }
    }
    bytes
}

/// Returns SHA-1, with libgit2's guard against made collisions: a fork's files must not pass for others.
fn digest(bytes: &[u8]) -> Option<Oid> {
    Oid::hash_object(ObjectType::Blob, bytes).ok()
}

/// Returns what tells one build of the binary from the next of the same version.
fn identify_binary() -> Option<Vec<u8>> {
    let found = std::env::current_exe().and_then(std::fs::metadata).ok()?;
    let numbers = [found.ino() as i64, found.size() as i64];
    let dates = [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()];
    Some(numbers.into_iter().chain(dates).flat_map(i64::to_le_bytes).collect())
}
