//! Addresses in source files.
//!
//! A [`Location`] is a file and a byte range; it becomes a line and a column only when somebody prints it.
//! It must not know what the file means.

use std::sync::Arc;

use crate::tree::RepoPath;

/// Names one file of a [`Sources`] table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// Points at a range of bytes in a source file; `start == end` points between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file, as an index of the [`Sources`] the location was made for.
    pub file: FileId,
    /// First byte, counted from 0.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Location {
    /// Points at bytes `start..end` of `file`; offsets past 4 GiB stay at the limit, which no input reaches.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let offset = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        Self { file, start: offset(start), end: offset(end) }
    }

    /// Points at the very beginning of `file`, for what is wrong with the file as a whole.
    pub fn start_of(file: FileId) -> Self {
        Self { file, start: 0, end: 0 }
    }
}

/// A line and a column as editors count them: both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
}

/// One source file: where it lies in the repository, and its bytes.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's path from the root of the repository.
    pub path: RepoPath,
    /// The file's bytes, as read.
    pub bytes: Arc<[u8]>,
}

/// Every file that locations may point into, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file and returns the name under which locations know it.
    pub fn add(&mut self, path: RepoPath, bytes: Arc<[u8]>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { path, bytes });
        id
    }

    /// Returns the file that `file` names.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// Returns the name of the file at `path`, the first of them; `None` where none was added.
    pub fn find(&self, path: &RepoPath) -> Option<FileId> {
        let index = self.files.iter().position(|source| source.path == *path)?;
        u32::try_from(index).ok().map(FileId)
    }

    /// Returns where `location` begins.
    pub fn position(&self, location: Location) -> Position {
        let bytes = &self.get(location.file).bytes;
        let start = (location.start as usize).min(bytes.len());
        let line_start = bytes[..start].iter().rposition(|byte| *byte == b'\n').map_or(0, |index| index + 1);
        let line = 1 + bytes[..line_start].iter().filter(|byte| **byte == b'\n').count();
        let before = String::from_utf8_lossy(&bytes[line_start..start]);
        let before = before.strip_prefix('\u{feff}').unwrap_or(&before);
        Position { line, column: 1 + before.chars().count() }
    }

    /// Returns the text at `location`.
    pub fn text(&self, location: Location) -> String {
        let bytes = &self.get(location.file).bytes;
        let range = (location.start as usize).min(bytes.len())..(location.end as usize).min(bytes.len());
        String::from_utf8_lossy(bytes.get(range).unwrap_or_default()).into_owned()
    }

    /// Returns the text of line `line` (from 1) of `file`, without its line end.
    pub fn line(&self, file: FileId, line: usize) -> String {
        let bytes = &self.get(file).bytes;
        let line = bytes.split(|byte| *byte == b'\n').nth(line.saturating_sub(1)).unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        line.trim_start_matches('\u{feff}').trim_end_matches('\r').to_owned()
    }
}
