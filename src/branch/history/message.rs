//! What a commit's message says about picks: provenance, reverts; and the message of a pick.
//!
//! Messages are bytes. A block is appended as `git cherry-pick -x` does it (git 2.39, `sequencer.c`).

use git2::Oid;

pub use crate::trailer::trailers;
use crate::trailer::{PICKED, lines, trailer_block};

/// What stands before the id in the line that git writes into a revert.
const REVERTS: &[u8] = b"This reverts commit ";

/// Digits of a full id.
pub const ID: usize = 40;

/// A line of a message that says which commit is reverted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevertLine {
    /// The commit.
    pub id: Oid,
    /// Where the id stands in the message.
    pub at: usize,
}

/// Returns the commits that a message says it was picked from: `(cherry picked from commit <40 digits>)` in its last
/// paragraph, in order.
pub fn picked_from(message: &[u8]) -> Vec<Oid> {
    let id = |line: &[u8]| full_id(line.strip_prefix(PICKED)?.strip_suffix(b")")?);
    last_paragraph(message).into_iter().filter_map(|line| id(line.trim_ascii_end())).collect()
}

/// Returns the lines `This reverts commit <40 digits>.`, in any paragraph, in order. That of a reverted merge, which
/// ends in `, reversing`, is one, too.
pub fn reverted(message: &[u8]) -> Vec<RevertLine> {
    let mut found = Vec::new();
    for range in lines(message) {
        let line = message[range.clone()].trim_ascii_end();
        let Some((id, behind)) = line.strip_prefix(REVERTS).and_then(|rest| rest.split_at_checked(ID)) else {
            continue;
        };
        if let (Some(id), b"." | b", reversing") = (full_id(id), behind) {
            found.push(RevertLine { id, at: range.start + REVERTS.len() });
        }
    }
    found
}

/// Returns a message with lines at its end: appended to its trailers where it ends in such, else as a paragraph of
/// their own. Everything but newlines at its very end is kept.
pub fn with_block(message: &[u8], block: &[String]) -> Vec<u8> {
    let kept = message.iter().rposition(|byte| *byte != b'\n').map_or(0, |last| last + 1);
    let mut text = message[..kept].to_vec();
    if kept > 0 {
        text.push(b'\n');
        if trailer_block(&text).is_empty() {
            text.push(b'\n');
        }
    }
    for line in block {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    text
}

/// Returns the line of provenance of a pick.
pub fn picked_line(id: Oid) -> String {
    format!("{}{id})", String::from_utf8_lossy(PICKED))
}

/// Returns a path as the value of a trailer: in quotes, as git quotes paths, where it has characters that would end
/// the line.
pub fn quoted(path: &str) -> String {
    if !path.chars().any(|character| character.is_control() || matches!(character, '"' | '\\')) {
        return path.to_owned();
    }
    let mut text = String::from("\"");
    for character in path.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            control if control.is_control() => text.push_str(&format!("\\{:03o}", u32::from(control))),
            plain => text.push(plain),
        }
    }
    text.push('"');
    text
}

/// Returns the path that the value of a trailer stands for: what [`quoted`] made of one, read back.
pub fn unquoted(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let (mut path, mut rest) = (String::new(), inside.chars());
    while let Some(character) = rest.next() {
        let plain = match (character, rest.clone().next()) {
            ('\\', Some('n')) => '\n',
            ('\\', Some('t')) => '\t',
            ('\\', Some(digit)) if digit.is_digit(8) => {
                let digits: String = rest.clone().take_while(|one| one.is_digit(8)).take(3).collect();
                rest.nth(digits.len().saturating_sub(2));
                u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32).unwrap_or('\u{fffd}')
            }
            ('\\', Some(escaped)) => escaped,
            (plain, _) => {
                path.push(plain);
                continue;
            }
        };
        path.push(plain);
        rest.next();
    }
    path
}

/// Reads forty hexadecimal digits.
fn full_id(digits: &[u8]) -> Option<Oid> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.len() == ID)?;
    Oid::from_str(text).ok()
}

/// Returns the lines of the last paragraph, without newlines.
fn last_paragraph(message: &[u8]) -> Vec<&[u8]> {
    let all: Vec<&[u8]> = lines(message).map(|range| &message[range]).collect();
    let is_blank = |line: &&[u8]| line.trim_ascii().is_empty();
    let end = all.iter().rposition(|line| !is_blank(line)).map_or(0, |last| last + 1);
    let start = all[..end].iter().rposition(is_blank).map_or(0, |blank| blank + 1);
    all[start..end].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn ids(found: &[Oid]) -> Vec<String> {
        found.iter().map(Oid::to_string).collect()
    }

    #[test]
    fn a_block_is_put_where_git_puts_it() {
        let table = [
            ("fix", "fix\n\nBLOCK\n"),
            ("fix\n", "fix\n\nBLOCK\n"),
            ("fix\n\n\n", "fix\n\nBLOCK\n"),
            ("fix: it\n", "fix: it\n\nBLOCK\n"),
            ("fix\n\nbody\n", "fix\n\nbody\n\nBLOCK\n"),
            ("fix\n\nbody: of one line\n", "fix\n\nbody: of one line\nBLOCK\n"),
            ("fix\n\nSigned-off-by: A <a@b>\n", "fix\n\nSigned-off-by: A <a@b>\nBLOCK\n"),
            ("fix\n\nbody\nSigned-off-by: A <a@b>\n", "fix\n\nbody\nSigned-off-by: A <a@b>\nBLOCK\n"),
            (
                "fix\n\na\nb\nc\nd\nSigned-off-by: A <a@b>\n",
                "fix\n\na\nb\nc\nd\nSigned-off-by: A <a@b>\n\nBLOCK\n",
            ),
            ("fix\n\nbody\nReviewed-by: A <a@b>\n", "fix\n\nbody\nReviewed-by: A <a@b>\n\nBLOCK\n"),
            ("fix\n\nNote: long\n  goes on\n", "fix\n\nNote: long\n  goes on\nBLOCK\n"),
            ("fix\n\n\n\nbody  \n", "fix\n\n\n\nbody  \n\nBLOCK\n"),
            ("\n\nfix\n", "\n\nfix\n\nBLOCK\n"),
            ("", "BLOCK\n"),
            ("\n\n", "BLOCK\n"),
        ];
        for (message, expected) in table {
            let found = with_block(message.as_bytes(), &["BLOCK".to_owned()]);
            assert_eq!(String::from_utf8_lossy(&found), expected, "{message:?}");
        }
    }

    #[test]
    fn provenance_counts_in_the_last_paragraph_with_a_full_id_alone() {
        let table: [(String, &[&str]); 8] = [
            (format!("fix\n\n(cherry picked from commit {A})\n"), &[A]),
            (
                format!(
                    "fix\n\n(cherry picked from commit {A})\n(cherry picked from commit {B})\nPick-Rule: x\n"
                ),
                &[A, B],
            ),
            (format!("fix\n\n(cherry picked from commit {A})\n\nbecause\n"), &[]),
            (format!("fix\n\nnot the (cherry picked from commit {A})\n"), &[]),
            ("fix\n\n(cherry picked from commit aaaaaaa)\n".to_owned(), &[]),
            (format!("fix\n\n (cherry picked from commit {A})\n"), &[]),
            (format!("(cherry picked from commit {A})\n"), &[A]),
            (format!("fix\r\n\r\n(cherry picked from commit {A})\r\n"), &[A]),
        ];
        for (message, expected) in table {
            assert_eq!(ids(&picked_from(message.as_bytes())), expected, "{message:?}");
        }
    }

    #[test]
    fn a_revert_is_a_whole_line_in_any_paragraph() {
        let table = [
            (format!("Revert\n\nThis reverts commit {A}.\n\nbecause\n"), vec![A]),
            (format!("Revert\n\nThis reverts commit {A}, reversing\nchanges made to {B}.\n"), vec![A]),
            (format!("Revert\n\nThis reverts commit {A}. Because\n"), vec![]),
            (format!("Revert\n\n> This reverts commit {A}.\n"), vec![]),
            (format!("Revert\n\nThis reverts commit {}.\n", &A[..12]), vec![]),
            (format!("Revert\n\nThis reverts commit {A}.\nThis reverts commit {B}.\n"), vec![A, B]),
        ];
        for (message, expected) in table {
            let found: Vec<Oid> = reverted(message.as_bytes()).into_iter().map(|line| line.id).collect();
            assert_eq!(ids(&found), expected, "{message:?}");
        }
        let message = format!("Revert\n\nThis reverts commit {A}.\n");
        let at = reverted(message.as_bytes())[0].at;
        assert_eq!(&message[at..at + ID], A);
    }

    #[test]
    fn a_path_stays_on_its_line() {
        for (path, expected) in [
            ("a b/é", "a b/é"),
            ("a\nb", "\"a\\nb\""),
            ("a\"b", "\"a\\\"b\""),
            ("\u{1b}7", "\"\\0337\""),
            ("\u{9b}é\t\\n", "\"\\233é\\t\\\\n\""),
        ] {
            assert_eq!(quoted(path), expected);
            assert_eq!(unquoted(expected), path);
        }
    }
}
