//! Which lines differ between two texts: the answer that git's merges start from.
//!
//! Lines are matched by the histogram algorithm, and where that has no hold, by Myers' with git's heuristics; then
//! groups of changed lines slide as git slides them. Whoever matches lines otherwise merges otherwise: every rule here
//! decides somewhere whether two changes meet. This module must not know what texts are for.

mod classic;
mod histogram;

use std::collections::BTreeMap;
use std::ops::Range;

/// Lines that stand in place of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::branch) struct Hunk {
    /// The lines that go, by index.
    pub(in crate::branch) before: Range<usize>,
    /// The lines that come.
    pub(in crate::branch) after: Range<usize>,
}

/// Splits a text into lines, each with its end; the last may have none.
pub(in crate::branch) fn split(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Returns what differs, from the first line to the last.
pub(in crate::branch) fn diff(before: &[&[u8]], after: &[&[u8]]) -> Vec<Hunk> {
    let mut numbers = BTreeMap::new();
    let mut numbered = before.iter().chain(after).map(|line| number(&mut numbers, line));
    let before: Vec<u32> = numbered.by_ref().take(before.len()).collect();
    let after: Vec<u32> = numbered.collect();
    let mut changed = [vec![false; before.len()], vec![false; after.len()]];
    histogram::mark(&before, &after, &mut changed);
    let [one, other] = changed;
    let (mut one, mut other) = (Side::new(&before, one), Side::new(&after, other));
    slide(&mut one, &other);
    slide(&mut other, &one);
    hunks(&one, &other)
}

/// Equal lines have equal numbers.
fn number<'a>(numbers: &mut BTreeMap<&'a [u8], u32>, line: &'a [u8]) -> u32 {
    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    *numbers.entry(line).or_insert(next)
}

/// A text with its changed lines marked.
struct Side<'a> {
    lines: &'a [u32],
    changed: Vec<bool>,
}

/// Changed lines that stand together; empty between two lines that stay.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

impl<'a> Side<'a> {
    fn new(lines: &'a [u32], changed: Vec<bool>) -> Self {
        Self { lines, changed }
    }

    fn is_changed(&self, line: usize) -> bool {
        self.changed.get(line).copied().unwrap_or(false)
    }

    fn first(&self) -> Group {
        let mut group = Group { start: 0, end: 0 };
        while self.is_changed(group.end) {
            group.end += 1;
        }
        group
    }

    /// Goes to the next group; `false` at the end.
    fn next(&self, group: &mut Group) -> bool {
        if group.end == self.lines.len() {
            return false;
        }
        group.start = group.end + 1;
        group.end = group.start;
        while self.is_changed(group.end) {
            group.end += 1;
        }
        true
    }

    fn previous(&self, group: &mut Group) {
        if group.start == 0 {
            return;
        }
        group.end = group.start - 1;
        group.start = group.end;
        while group.start > 0 && self.is_changed(group.start - 1) {
            group.start -= 1;
        }
    }

    /// Moves a group one line down if what it says stays the same; it takes in a group that it meets.
    fn slide_down(&mut self, group: &mut Group) -> bool {
        if group.end >= self.lines.len() || self.lines[group.start] != self.lines[group.end] {
            return false;
        }
        self.changed[group.start] = false;
        self.changed[group.end] = true;
        group.start += 1;
        group.end += 1;
        while self.is_changed(group.end) {
            group.end += 1;
        }
        true
    }

    fn slide_up(&mut self, group: &mut Group) -> bool {
        if group.start == 0 || self.lines[group.start - 1] != self.lines[group.end - 1] {
            return false;
        }
        group.start -= 1;
        group.end -= 1;
        self.changed[group.start] = true;
        self.changed[group.end] = false;
        while group.start > 0 && self.is_changed(group.start - 1) {
            group.start -= 1;
        }
        true
    }
}

/// Slides every group as far down as it goes, or to the last place where it faces a group of the other text.
fn slide(side: &mut Side<'_>, other: &Side<'_>) {
    let (mut group, mut facing) = (side.first(), other.first());
    loop {
        if group.end > group.start {
            slide_group(side, &mut group, other, &mut facing);
        }
        if !side.next(&mut group) {
            return;
        }
        other.next(&mut facing);
    }
}

fn slide_group(side: &mut Side<'_>, group: &mut Group, other: &Side<'_>, facing: &mut Group) {
    let (earliest_end, faces) = loop {
        let size = group.end - group.start;
        while side.slide_up(group) {
            other.previous(facing);
        }
        let earliest_end = group.end;
        let mut faces = facing.end > facing.start;
        while side.slide_down(group) {
            other.next(facing);
            faces |= facing.end > facing.start;
        }
        if size == group.end - group.start {
            break (earliest_end, faces);
        }
    };
    if group.end == earliest_end || !faces {
        return;
    }
    while facing.end == facing.start && side.slide_up(group) {
        other.previous(facing);
    }
}

/// Reads the marks of both texts together.
fn hunks(before: &Side<'_>, after: &Side<'_>) -> Vec<Hunk> {
    let (mut hunks, mut one, mut other) = (Vec::new(), 0, 0);
    while one < before.lines.len() || other < after.lines.len() {
        let (first_one, first_other) = (one, other);
        while before.is_changed(one) {
            one += 1;
        }
        while after.is_changed(other) {
            other += 1;
        }
        if one > first_one || other > first_other {
            hunks.push(Hunk { before: first_one..one, after: first_other..other });
        }
        if one >= before.lines.len() && other >= after.lines.len() {
            break;
        }
        one += 1;
        other += 1;
    }
    hunks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(before: &str, after: &str) -> String {
        let hunks = diff(&split(before.as_bytes()), &split(after.as_bytes()));
        let range = |range: &Range<usize>| format!("{},{}", range.start + 1, range.len());
        let hunks = hunks.iter().map(|hunk| format!("-{} +{}", range(&hunk.before), range(&hunk.after)));
        hunks.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_block_that_repeats_is_added_behind_the_first() {
        assert_eq!(drawn("a\nb\n", "a\nb\na\nb\n"), "-3,0 +3,2");
        assert_eq!(drawn("a\nb\nc\n", "a\nx\nc\n"), "-2,1 +2,1");
        assert_eq!(drawn("", "a\n"), "-1,0 +1,1");
        assert_eq!(drawn("a\n", ""), "-1,1 +1,0");
        assert_eq!(drawn("a", "a\n"), "-1,1 +1,1");
        assert_eq!(drawn("a\n", "a\n"), "");
    }

    #[test]
    fn texts_without_rare_lines_are_matched_all_the_same() {
        let before = "x\n".repeat(70) + "a\n" + &"x\n".repeat(70);
        let after = "x\n".repeat(70) + &"x\n".repeat(70);

        assert_eq!(drawn(&before, &after), "-71,1 +71,0");
    }
}
