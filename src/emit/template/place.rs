//! The way back from any place in the text that minijinja reads to the file that somebody wrote.

use std::ops::Range;

use crate::location::{FileId, Location};

/// A file's text with its line ends normalised to `\n`, and without byte order mark.
pub(super) struct Text {
    file: FileId,
    /// The normalised text.
    pub(super) text: String,
    /// Offsets in `text` before which a character of the file was left out, ascending.
    removed: Vec<usize>,
    mark: usize,
}

impl Text {
    /// Normalises the text of `file`.
    pub(super) fn new(file: FileId, text: &str) -> Self {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut removed = Vec::new();
        let mut normal = String::with_capacity(body.len());
        for (index, piece) in body.split('\r').enumerate() {
            match (index, piece.starts_with('\n')) {
                (0, _) => {}
                (_, true) => removed.push(normal.len()),
                (_, false) => normal.push('\n'),
            }
            normal.push_str(piece);
        }
        Self { file, text: normal, removed, mark: text.len() - body.len() }
    }

    /// Returns where a range of the normalised text stands in the file.
    pub(super) fn location(&self, range: Range<usize>) -> Location {
        let original = |offset: usize| {
            let skipped = self.removed.partition_point(|removed| *removed < offset);
            offset + skipped + self.mark
        };
        let start = original(range.start);
        let end = if range.end > range.start { original(range.end - 1) + 1 } else { start };
        Location::new(self.file, start, end)
    }
}

/// Which part of a written text came from where, in the order in which it was written.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    runs: Vec<Run>,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    /// First byte of the run in the written text.
    from: usize,
    at: Location,
    way: Way,
}

/// How a run relates to where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Byte by byte.
    Copied,
    /// As a whole: text of ours, or a text whose characters are not those of the file.
    Stands,
}

impl Places {
    /// Says that what is written from byte `from` on comes from `at`.
    pub(super) fn add(&mut self, from: usize, at: Location, way: Way) {
        self.runs.push(Run { from, at, way });
    }

    /// Returns where a range of the written text came from.
    pub(super) fn location(&self, range: Range<usize>) -> Option<Location> {
        let first = self.run(range.start)?;
        let start = first.place(range.start);
        if range.end <= range.start + 1 {
            return Some(start);
        }
        let end = self.run(range.end - 1)?.place(range.end - 1);
        Some(if end.file == start.file { Location { end: end.end.max(start.end), ..start } } else { start })
    }

    fn run(&self, offset: usize) -> Option<&Run> {
        let next = self.runs.partition_point(|run| run.from <= offset);
        self.runs.get(next.saturating_sub(1))
    }
}

impl Run {
    /// Returns where one byte came from.
    fn place(&self, offset: usize) -> Location {
        match self.way {
            Way::Stands => self.at,
            Way::Copied => {
                let start = self.at.start as usize + offset.saturating_sub(self.from);
                let start = start.min(self.at.end as usize);
                Location::new(self.at.file, start, (start + 1).min((self.at.end as usize).max(start)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_normalised_and_every_place_leads_back_to_the_file() {
        let text = Text::new(FileId(3), "\u{feff}a\r\nbc\rd\r\n\ne");

        assert_eq!(text.text, "a\nbc\nd\n\ne");
        let places: Vec<u32> = (0..9).map(|offset| text.location(offset..offset).start).collect();
        assert_eq!(places, [3, 4, 6, 7, 8, 9, 10, 12, 13]);
    }
}
