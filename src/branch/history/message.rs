//! What a commit's message says about picks: trailers, provenance, reverts; and the message of a pick.
//!
//! Messages are bytes. Which lines are trailers is decided as git 2.39 decides it (`trailer.c`), and a block is
//! appended as `git cherry-pick -x` does it (`sequencer.c`), so that git and we always see the same last paragraph.

use std::ops::Range;

use git2::Oid;

/// What stands before the id in a line of provenance.
const PICKED: &[u8] = b"(cherry picked from commit ";

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

/// Returns the values of the trailers with a key, in any spelling of its case, in order; lines that go on are joined.
pub fn trailers(message: &[u8], key: &str) -> Vec<String> {
    let mut found: Vec<(bool, String)> = Vec::new();
    for range in lines(&message[trailer_block(message)]) {
        let line = &message[trailer_block(message)][range];
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes.trim_ascii()).into_owned();
        match (is_space(line.first()), separator(line)) {
            (true, _) => {
                if let Some((_, value)) = found.last_mut() {
                    value.push(' ');
                    value.push_str(&text(line));
                }
            }
            (false, Some(at)) if at > 0 && line[0] != b'#' => {
                found.push((text(&line[..at]).eq_ignore_ascii_case(key), text(&line[at + 1..])));
            }
            // What is no trailer cannot be gone on with.
            (false, _) => found.push((false, String::new())),
        }
    }
    found.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, value)| value).collect()
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

/// Returns the ranges of lines, their newlines left out.
fn lines(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let range = start..start + length;
        start = range.end + 1;
        Some(range)
    })
}

/// Returns where a message has its trailers; an empty range where it has none.
fn trailer_block(message: &[u8]) -> Range<usize> {
    let end = trailer_end(message);
    let all: Vec<Range<usize>> = lines(&message[..end]).collect();
    let line = |range: &Range<usize>| &message[range.clone()];
    let is_blank = |range: &Range<usize>| line(range).trim_ascii().is_empty();
    let is_comment = |range: &Range<usize>| line(range).first() == Some(&b'#');
    // The first paragraph is the title, and never trailers.
    let title = all.iter().position(|range| !is_comment(range) && is_blank(range)).unwrap_or(all.len());
    let mut count = Count::default();
    for (index, range) in all.iter().enumerate().skip(title).rev() {
        if is_comment(range) {
            count.break_off();
        } else if is_blank(range) {
            if count.has_begun {
                count.break_off();
                let start = all.get(index + 1).map_or(end, |next| next.start);
                return if count.are_trailers() { start..end } else { end..end };
            }
        } else {
            count.add(line(range));
        }
    }
    end..end
}

/// What the lines of a paragraph are, from its last line on.
#[derive(Default)]
struct Count {
    has_begun: bool,
    /// One line is such as git itself writes.
    is_recognized: bool,
    trailers: usize,
    others: usize,
    /// Lines that go on something that has not been seen yet.
    pending: usize,
}

impl Count {
    fn add(&mut self, line: &[u8]) {
        self.has_begun = true;
        if line.starts_with(b"Signed-off-by: ") || line.starts_with(PICKED) {
            self.trailers += 1;
            self.pending = 0;
            self.is_recognized = true;
        } else if is_space(line.first()) {
            self.pending += 1;
        } else if separator(line).is_some_and(|at| at > 0) {
            self.trailers += 1;
            self.pending = 0;
        } else {
            self.others += 1;
            self.break_off();
        }
    }

    fn break_off(&mut self) {
        self.others += self.pending;
        self.pending = 0;
    }

    fn are_trailers(&self) -> bool {
        (self.is_recognized && self.trailers * 3 >= self.others) || (self.trailers > 0 && self.others == 0)
    }
}

/// Returns where what git ignores at the end of a message begins: comments and the list of conflicts it once wrote.
fn trailer_end(message: &[u8]) -> usize {
    let (mut ignored, mut in_conflicts) = (None, false);
    for range in lines(message) {
        let line = &message[range.clone()];
        let goes_on = match line.first() {
            None | Some(b'#') => true,
            Some(b'\t') => in_conflicts,
            Some(_) if line == b"Conflicts:" => {
                in_conflicts = true;
                true
            }
            Some(_) => false,
        };
        match goes_on {
            true => _ = ignored.get_or_insert(range.start),
            false => (ignored, in_conflicts) = (None, false),
        }
    }
    ignored.unwrap_or(message.len())
}

/// Returns where the colon behind a key stands.
fn separator(line: &[u8]) -> Option<usize> {
    let mut has_blank = false;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b':' => return Some(at),
            b' ' | b'\t' if at > 0 => has_blank = true,
            b'-' if !has_blank => {}
            byte if !has_blank && byte.is_ascii_alphanumeric() => {}
            _ => return None,
        }
    }
    None
}

fn is_space(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
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
    fn trailers_are_read_as_git_reads_them() {
        let table: [(&str, &[&str]); 7] = [
            ("fix\n\nPick-To: 1.36\npick-to: 1.37\n", &["1.36", "1.37"]),
            ("fix\n\nPick-To: 1.36\n\nSigned-off-by: A <a@b>\n", &[]),
            ("fix\n\nPick-To: 1.36,\n  1.37\nSigned-off-by: A <a@b>\n", &["1.36, 1.37"]),
            ("Pick-To: 1.36\n", &[]),
            ("fix\n\nprose\nPick-To: 1.36\n", &[]),
            ("fix\n\nPick-To: 1.36\n(cherry picked from commit x)\n", &["1.36"]),
            ("fix\n\nPick-To:1.36\n---\n", &[]),
        ];
        for (message, expected) in table {
            assert_eq!(trailers(message.as_bytes(), "Pick-To"), expected, "{message:?}");
        }
    }

    #[test]
    fn a_path_stays_on_its_line() {
        for (path, expected) in
            [("a b/é", "a b/é"), ("a\nb", "\"a\\nb\""), ("a\"b", "\"a\\\"b\""), ("\u{1b}", "\"\\033\"")]
        {
            assert_eq!(quoted(path), expected);
        }
    }
}
