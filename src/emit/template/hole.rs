//! The private-use characters that stand for values in a rendered text.

use std::fmt;

/// Begins a hole; its number and [`CLOSE`] follow.
pub(super) const OPEN: char = '\u{e000}';
/// Ends a hole.
pub(super) const CLOSE: char = '\u{e001}';
/// Begins a note on where a document begins in its template.
const NOTE: char = '\u{e002}';
/// Begins and ends a note on where text comes from, in renderings that look for a mistake.
pub(super) const ORIGIN: char = '\u{e003}';
/// Stands before each text of a rendering of several.
pub(super) const BETWEEN: &str = "\u{e004}";

/// Part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// As it is.
    Text(&'a str),
    /// The value of this number.
    Hole(usize),
}

/// Returns whether Unicode leaves the meaning of `character` to private agreement.
pub(super) fn is_private(character: char) -> bool {
    matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// Returns whether `text` has any hole.
pub(super) fn has_any(text: &str) -> bool {
    text.contains(OPEN)
}

/// Writes hole `number`.
pub(super) fn write(output: &mut impl fmt::Write, number: usize) -> fmt::Result {
    let mut digits = [0u8; 20];
    let mut first = digits.len();
    let mut rest = number;
    loop {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    output.write_char(OPEN)?;
    output.write_str(std::str::from_utf8(&digits[first..]).unwrap_or_default())?;
    output.write_char(CLOSE)
}

/// Splits a text at its holes.
pub(super) fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (part, behind) = match rest.strip_prefix(OPEN) {
            None if rest.is_empty() => return None,
            None => {
                let (before, behind) = rest.split_at(rest.find(OPEN).unwrap_or(rest.len()));
                (Part::Text(before), behind)
            }
            Some(hole) => {
                let (number, behind) = hole.split_once(CLOSE)?;
                (Part::Hole(number.parse().ok()?), behind)
            }
        };
        rest = behind;
        Some(part)
    })
}

/// Returns the number of the hole that `text` consists of; `None` where there is anything else.
pub(super) fn only(text: &str) -> Option<usize> {
    let mut parts = parts(text);
    match (parts.next(), parts.next()) {
        (Some(Part::Hole(number)), None) => Some(number),
        _ => None,
    }
}

/// Returns `text` with what it shows for holes to people.
pub(super) fn printable(text: &str) -> String {
    let part = |part| match part {
        Part::Text(text) => text,
        Part::Hole(_) => "${{ … }}",
    };
    parts(text).map(part).collect()
}

/// Notes that a document begins at byte `offset` of the template's file.
pub(super) fn note(offset: u32) -> String {
    format!("{NOTE}{offset}{NOTE}")
}

/// Returns the last note in `text`.
pub(super) fn last_note(text: &str) -> Option<u32> {
    let (before, _) = text.rsplit_once(NOTE)?;
    before.rsplit_once(NOTE)?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_at_its_holes() {
        let text = "a\u{e000}12\u{e001}\u{e000}3\u{e001}b";
        let mut written = String::new();
        for number in [0, 7, 12, 900, usize::MAX] {
            assert!(write(&mut written, number).is_ok());
        }

        let numbers: Vec<_> = parts(&written).collect();
        let found: Vec<_> = parts(text).collect();

        assert_eq!(found, [Part::Text("a"), Part::Hole(12), Part::Hole(3), Part::Text("b")]);
        assert_eq!(numbers, [0, 7, 12, 900, usize::MAX].map(Part::Hole));
        assert_eq!(only("\u{e000}7\u{e001}"), Some(7));
        assert_eq!((only(text), only("x"), only("")), (None, None, None));
        assert_eq!(printable(text), "a${{ … }}${{ … }}b");
    }
}
