//! Addresses in source files.
//!
//! A [`Location`] is a file and a byte range; it becomes a line and a column only when somebody prints it.
//! It must not know what the file means.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::harmless::harmless;
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

/// How messages name a file: its path from the root of the repository, or what the user called one elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceName {
    text: Arc<str>,
    /// Whether it is of another revision than the tree at hand.
    is_of_revision: bool,
}

impl SourceName {
    /// Takes what the user called a file; what would move a terminal's cursor gives way to U+FFFD.
    pub fn of_user(name: &str) -> Self {
        Self { text: harmless(name).into(), is_of_revision: false }
    }

    /// Names a file of the tree at hand, or as `<revision>:<path>` one of another revision.
    pub fn at(revision: Option<&str>, path: &RepoPath) -> Self {
        match revision {
            Some(revision) => Self { text: format!("{revision}:{path}").into(), is_of_revision: true },
            None => path.clone().into(),
        }
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether it is of another revision than the tree at hand, where no editor finds it.
    pub fn is_of_revision(&self) -> bool {
        self.is_of_revision
    }
}

impl From<RepoPath> for SourceName {
    fn from(path: RepoPath) -> Self {
        Self { text: path.as_str().into(), is_of_revision: false }
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// One source file: how it is named, and its bytes.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's name.
    pub name: SourceName,
    /// The file's bytes, as read.
    pub bytes: Arc<[u8]>,
    /// Whether its lines must not be shown: it may hold Secrets.
    pub is_hidden: bool,
    /// Where each line begins, once anybody asks.
    lines: OnceLock<Vec<usize>>,
}

/// A part of a file around a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt<'a> {
    /// The text: whole lines, unless the location's own is very long.
    pub text: Cow<'a, str>,
    /// The line of the file that the text begins with, from 1.
    pub first_line: usize,
    /// Characters of that line that are left out.
    pub left_out: usize,
}

impl Source {
    /// Returns where each line begins.
    fn lines(&self) -> &[usize] {
        let ends = || self.bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        self.lines.get_or_init(|| std::iter::once(0).chain(ends().map(|(at, _)| at + 1)).collect())
    }

    /// Returns the index among [`Source::lines`] of the line that byte `at` belongs to.
    fn line_of(&self, at: usize) -> usize {
        self.lines().partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// Returns the text of some bytes, without the mark that a file may begin with.
    fn text(&self, from: usize, to: usize) -> Cow<'_, str> {
        let text = String::from_utf8_lossy(&self.bytes[from..to]);
        match text.strip_prefix('\u{feff}') {
            Some(rest) if from == 0 => Cow::Owned(rest.to_owned()),
            _ => text,
        }
    }
}

/// Every file that locations may point into, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file and returns the name under which locations know it.
    pub fn add(&mut self, name: impl Into<SourceName>, bytes: Arc<[u8]>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { name: name.into(), bytes, is_hidden: false, lines: OnceLock::new() });
        id
    }

    /// Keeps messages from showing any line of a file.
    pub fn hide(&mut self, file: FileId) {
        self.files[file.0 as usize].is_hidden = true;
    }

    /// Returns the file that `file` names.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// Returns the file at `path`, the first of them; `None` where none was added.
    pub fn find(&self, path: &RepoPath) -> Option<FileId> {
        self.find_named(&path.clone().into())
    }

    /// Returns the file that is called so, the first of them; `None` where none was added.
    pub fn find_named(&self, name: &SourceName) -> Option<FileId> {
        let index = self.files.iter().position(|source| source.name == *name)?;
        u32::try_from(index).ok().map(FileId)
    }

    /// Returns where `location` begins.
    pub fn position(&self, location: Location) -> Position {
        let source = self.get(location.file);
        let start = (location.start as usize).min(source.bytes.len());
        let line = source.line_of(start);
        let before = source.text(source.lines()[line], start);
        Position { line: line + 1, column: 1 + before.chars().count() }
    }

    /// Returns the text around `location`: its lines, some above and the one below; of very long lines the part near
    /// it. So what is said about a place costs the same in a file of any size.
    pub fn excerpt(&self, location: Location, lines_above: usize) -> Excerpt<'_> {
        const MOST: usize = 8 << 10;
        let source = self.get(location.file);
        let lines = source.lines();
        let start = (location.start as usize).min(source.bytes.len());
        let own = source.line_of(start);
        let least = start.saturating_sub(MOST);
        let first = (own.saturating_sub(lines_above)..=own).find(|line| lines[*line] >= least);
        let from = first.map_or_else(|| self.character(location.file, least), |line| lines[line]);
        let below = source.line_of(location.end as usize) + 2;
        let end = lines.get(below).copied().unwrap_or(source.bytes.len());
        let to = self.character(location.file, end.min(start + MOST)).max(start);
        let left_out = if first.is_some() { 0 } else { source.text(lines[own], from).chars().count() };
        Excerpt { text: source.text(from, to), first_line: first.unwrap_or(own) + 1, left_out }
    }

    /// Returns the first byte from `at` on with which a character begins.
    fn character(&self, file: FileId, at: usize) -> usize {
        let bytes = &self.get(file).bytes;
        (at..bytes.len()).find(|at| bytes[*at] & 0xc0 != 0x80).unwrap_or(bytes.len())
    }

    /// Returns the text at `location`.
    pub fn text(&self, location: Location) -> String {
        let bytes = &self.get(location.file).bytes;
        let range = (location.start as usize).min(bytes.len())..(location.end as usize).min(bytes.len());
        String::from_utf8_lossy(bytes.get(range).unwrap_or_default()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::FileTree;

    fn sources(text: &str) -> Sources {
        let mut sources = Sources::default();
        for (path, bytes) in FileTree::literal(&[("a.yaml", text)]).0 {
            sources.add(path, bytes);
        }
        sources
    }

    #[test]
    fn lines_and_columns_are_counted_as_editors_count_them() {
        let sources = sources("\u{feff}äb\r\nc\n\nd");
        let position = |at: usize| {
            let Position { line, column } = sources.position(Location::new(FileId(0), at, at));
            (line, column)
        };
        assert_eq!(
            [3, 5, 6, 8, 9, 10, 11, 12, 99].map(position),
            [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (3, 1), (4, 1), (4, 2), (4, 2)]
        );
    }

    #[test]
    fn an_excerpt_has_the_lines_around_and_of_long_ones_what_is_near() {
        let short = sources("a\nb\nc\nd\ne\n");
        let excerpt = short.excerpt(Location::new(FileId(0), 4, 5), 1);
        assert_eq!((&*excerpt.text, excerpt.first_line, excerpt.left_out), ("b\nc\nd\n", 2, 0));

        let long = sources(&format!("a\n{}", "ä".repeat(100_000)));
        let excerpt = long.excerpt(Location::new(FileId(0), 100_000, 100_001), 1);
        assert_eq!((excerpt.first_line, excerpt.left_out), (2, 45_903));
        assert!(excerpt.text.chars().all(|character| character == 'ä'));
        assert!(excerpt.text.len() < 17_000);
    }
}
