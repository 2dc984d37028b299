//! Two changes of one text, line by line.
//!
//! What git merges cleanly is merged cleanly, to the same bytes. A conflict is shown with what both sides started from
//! (`diff3`). This module must not know of files or trees.

use std::ops::Range;

use super::lines::{Hunk, diff, split};

/// What two changes give together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ThreeWay {
    /// The text.
    Clean(Vec<u8>),
    /// The text with markers, and the lines of the base that the sides do not agree on.
    Conflict { marked: Vec<u8>, lines: Vec<Range<usize>> },
}

/// What stands in the markers.
pub(super) struct Markers<'a> {
    /// The names of base, ours and theirs.
    pub(super) labels: [&'a str; 3],
    /// How many characters a marker has.
    pub(super) size: usize,
}

/// Merges what two sides made of `base`.
pub(super) fn three_way(base: &[u8], ours: &[u8], theirs: &[u8], markers: &Markers<'_>) -> ThreeWay {
    let texts = Texts { base: split(base), ours: split(ours), theirs: split(theirs) };
    let (by_ours, by_theirs) = (diff(&texts.base, &texts.ours), diff(&texts.base, &texts.theirs));
    if by_ours.is_empty() {
        return ThreeWay::Clean(theirs.to_vec());
    }
    if by_theirs.is_empty() {
        return ThreeWay::Clean(ours.to_vec());
    }
    let pieces = texts.align(&by_ours, &by_theirs);
    let refined: Vec<Piece> = pieces.iter().flat_map(|piece| texts.refine(piece)).collect();
    if refined.iter().all(|piece| piece.taken != Taken::Conflict) {
        return ThreeWay::Clean(texts.written(&refined, markers));
    }
    let conflicts = pieces.iter().filter(|piece| piece.taken == Taken::Conflict);
    let lines = conflicts.map(|piece| piece.base.clone()).collect();
    ThreeWay::Conflict { marked: texts.written(&pieces, markers), lines }
}

/// Whose lines a piece takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Ours,
    Theirs,
    /// Both have the same.
    Same,
    Conflict,
}

/// Lines of the three texts that stand for each other.
#[derive(Clone, Debug)]
struct Piece {
    taken: Taken,
    base: Range<usize>,
    ours: Range<usize>,
    theirs: Range<usize>,
}

struct Texts<'a> {
    base: Vec<&'a [u8]>,
    ours: Vec<&'a [u8]>,
    theirs: Vec<&'a [u8]>,
}

/// Moves a place of one text to another, in which `from` stands where `to` stands in the first.
fn shifted(place: usize, from: usize, to: usize) -> usize {
    (place + to).saturating_sub(from)
}

impl Texts<'_> {
    /// Goes through both changes at once. Changes that touch are one piece.
    fn align(&self, by_ours: &[Hunk], by_theirs: &[Hunk]) -> Vec<Piece> {
        let (mut ours, mut theirs) = (by_ours.iter().peekable(), by_theirs.iter().peekable());
        let mut pieces = Vec::new();
        loop {
            match (ours.peek(), theirs.peek()) {
                (None, None) => return pieces,
                (Some(our), their) if their.is_none_or(|their| our.before.end < their.before.start) => {
                    let (from, to) = match their {
                        Some(their) => (their.before.start, their.after.start),
                        None => (self.base.len(), self.theirs.len()),
                    };
                    let theirs = shifted(our.before.start, from, to)..shifted(our.before.end, from, to);
                    let piece = Piece {
                        taken: Taken::Ours,
                        base: our.before.clone(),
                        ours: our.after.clone(),
                        theirs,
                    };
                    append(&mut pieces, piece);
                    ours.next();
                }
                (our, Some(their)) if our.is_none_or(|our| their.before.end < our.before.start) => {
                    let (from, to) = match our {
                        Some(our) => (our.before.start, our.after.start),
                        None => (self.base.len(), self.ours.len()),
                    };
                    let ours = shifted(their.before.start, from, to)..shifted(their.before.end, from, to);
                    let piece = Piece {
                        taken: Taken::Theirs,
                        base: their.before.clone(),
                        ours,
                        theirs: their.after.clone(),
                    };
                    append(&mut pieces, piece);
                    theirs.next();
                }
                (Some(our), Some(their)) => {
                    if !self.is_same(our, their) {
                        append(&mut pieces, meeting(our, their));
                    }
                    let (our_end, their_end) = (our.before.end, their.before.end);
                    if our_end >= their_end {
                        theirs.next();
                    }
                    if their_end >= our_end {
                        ours.next();
                    }
                }
                // The guards above leave nothing.
                (Some(_), None) | (None, Some(_)) => return pieces,
            }
        }
    }

    /// Returns whether both sides made the same change.
    fn is_same(&self, our: &Hunk, their: &Hunk) -> bool {
        our.before == their.before && self.ours[our.after.clone()] == self.theirs[their.after.clone()]
    }

    /// Looks within a conflict for what the sides have in common.
    fn refine(&self, piece: &Piece) -> Vec<Piece> {
        if piece.taken != Taken::Conflict || piece.ours.is_empty() || piece.theirs.is_empty() {
            return vec![piece.clone()];
        }
        let hunks = diff(&self.ours[piece.ours.clone()], &self.theirs[piece.theirs.clone()]);
        if hunks.is_empty() {
            return vec![Piece { taken: Taken::Same, ..piece.clone() }];
        }
        let moved = |range: &Range<usize>, by: usize| range.start + by..range.end + by;
        let conflict = |hunk: &Hunk| Piece {
            taken: Taken::Conflict,
            base: piece.base.clone(),
            ours: moved(&hunk.before, piece.ours.start),
            theirs: moved(&hunk.after, piece.theirs.start),
        };
        hunks.iter().map(conflict).collect()
    }

    fn written(&self, pieces: &[Piece], markers: &Markers<'_>) -> Vec<u8> {
        let mut text = Vec::new();
        let mut done = 0;
        for piece in pieces {
            match piece.taken {
                Taken::Same => continue,
                Taken::Ours => {
                    copy(&mut text, &self.ours[done..piece.ours.start]);
                    copy(&mut text, &self.ours[piece.ours.clone()]);
                }
                Taken::Theirs => {
                    copy(&mut text, &self.ours[done..piece.ours.start]);
                    copy(&mut text, &self.theirs[piece.theirs.clone()]);
                }
                Taken::Conflict => {
                    copy(&mut text, &self.ours[done..piece.ours.start]);
                    self.mark(&mut text, piece, markers);
                }
            }
            done = piece.ours.end;
        }
        copy(&mut text, &self.ours[done..]);
        text
    }

    fn mark(&self, text: &mut Vec<u8>, piece: &Piece, markers: &Markers<'_>) {
        let end: &[u8] = if self.has_carriage_returns(piece) { b"\r\n" } else { b"\n" };
        let [base, ours, theirs] = markers.labels;
        let marker = |text: &mut Vec<u8>, character: u8, label: &str| {
            text.extend(std::iter::repeat_n(character, markers.size));
            if !label.is_empty() {
                text.push(b' ');
                text.extend_from_slice(label.as_bytes());
            }
            text.extend_from_slice(end);
        };
        marker(text, b'<', ours);
        copy_ended(text, &self.ours[piece.ours.clone()], end);
        marker(text, b'|', base);
        copy_ended(text, &self.base[piece.base.clone()], end);
        marker(text, b'=', "");
        copy_ended(text, &self.theirs[piece.theirs.clone()], end);
        marker(text, b'>', theirs);
    }

    /// Returns whether markers end as lines around them do, with a carriage return.
    fn has_carriage_returns(&self, piece: &Piece) -> bool {
        let sides = [(&self.ours, piece.ours.start), (&self.theirs, piece.theirs.start)];
        let has_none = |(lines, start): &(&Vec<&[u8]>, usize)| {
            ends_with_return(lines, start.saturating_sub(1)) == Some(false)
        };
        !sides.iter().any(has_none) && ends_with_return(&self.base, 0) == Some(true)
    }
}

/// Returns whether a line ends with a carriage return; of a last line without an end, the line before it.
fn ends_with_return(lines: &[&[u8]], index: usize) -> Option<bool> {
    let line = lines.get(index)?;
    if line.ends_with(b"\n") {
        return Some(line.ends_with(b"\r\n"));
    }
    lines.get(index.checked_sub(1)?).map(|line| line.ends_with(b"\r\n"))
}

/// Makes one piece of two changes that meet, over all lines that either has changed.
fn meeting(our: &Hunk, their: &Hunk) -> Piece {
    let start = our.before.start.min(their.before.start);
    let end = our.before.end.max(their.before.end);
    // Where the other change reaches over several of this side's, the start may lie before the text; the piece is then
    // joined to the last one, whose start counts.
    let widened = |hunk: &Hunk| {
        let start = hunk.after.start.saturating_sub(hunk.before.start - start);
        start..hunk.after.end + (end - hunk.before.end)
    };
    Piece { taken: Taken::Conflict, base: start..end, ours: widened(our), theirs: widened(their) }
}

/// Adds a piece, or makes one of it and the last if they touch in either text.
fn append(pieces: &mut Vec<Piece>, piece: Piece) {
    match pieces.last_mut() {
        Some(last) if piece.ours.start <= last.ours.end || piece.theirs.start <= last.theirs.end => {
            if last.taken != piece.taken {
                last.taken = Taken::Conflict;
            }
            last.base.end = piece.base.end;
            last.ours.end = piece.ours.end;
            last.theirs.end = piece.theirs.end;
        }
        _ => pieces.push(piece),
    }
}

fn copy(text: &mut Vec<u8>, lines: &[&[u8]]) {
    lines.iter().for_each(|line| text.extend_from_slice(line));
}

/// Copies lines of which the last gets an end if it has none.
fn copy_ended(text: &mut Vec<u8>, lines: &[&[u8]], end: &[u8]) {
    copy(text, lines);
    if lines.last().is_some_and(|line| !line.ends_with(b"\n")) {
        text.extend_from_slice(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &str, ours: &str, theirs: &str) -> String {
        let markers = Markers { labels: ["base", "ours", "theirs"], size: 7 };
        match three_way(base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), &markers) {
            ThreeWay::Clean(text) => String::from_utf8_lossy(&text).into_owned(),
            ThreeWay::Conflict { marked, lines } => {
                format!("{lines:?}\n{}", String::from_utf8_lossy(&marked))
            }
        }
    }

    #[test]
    fn changes_with_a_line_between_them_are_both_made() {
        assert_eq!(merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n"), "A\nb\nC\n");
    }

    #[test]
    fn changes_that_touch_are_a_conflict() {
        let marked = "[0..2]\n<<<<<<< ours\nA\nb\n||||||| base\na\nb\n=======\na\nB\n>>>>>>> theirs\n";
        assert_eq!(merged("a\nb\n", "A\nb\n", "a\nB\n"), marked);
    }

    #[test]
    fn the_same_change_on_both_sides_is_made_once() {
        assert_eq!(merged("a\nb\nc\n", "a\nx\nc\n", "a\nx\nc\nd\n"), "a\nx\nc\nd\n");
    }

    #[test]
    fn markers_end_as_the_lines_around_them() {
        let marked = "[0..1]\n<<<<<<< ours\r\nb\r\n||||||| base\r\na\r\n=======\r\nc\r\n>>>>>>> theirs\r\n";
        assert_eq!(merged("a\r\n", "b\r\n", "c"), marked);
    }
}
