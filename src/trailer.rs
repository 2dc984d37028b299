//! Trailers of commit messages: which lines are such, and what they say.
//!
//! Messages are bytes. Which lines are trailers is decided as git 2.39 decides it (`trailer.c`), so that git and we always
//! see the same last paragraph. This module must not know what any trailer is for.

use std::ops::Range;

/// What stands before the id in a line of provenance.
pub const PICKED: &[u8] = b"(cherry picked from commit ";

/// Returns the values of the trailers with a key, in any spelling of its case, in order; lines that go on are joined.
pub fn trailers(message: &[u8], key: &str) -> Vec<String> {
    let mut found: Vec<(bool, String)> = Vec::new();
    let block = &message[trailer_block(message)];
    for range in lines(block) {
        let line = &block[range];
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

/// Returns where a message has its trailers; an empty range where it has none.
pub fn trailer_block(message: &[u8]) -> Range<usize> {
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

/// Returns the ranges of lines, their newlines left out.
pub fn lines(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let range = start..start + length;
        start = range.end + 1;
        Some(range)
    })
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

    #[test]
    fn trailers_are_read_as_git_reads_them() {
        let table: [(&str, &[&str]); 9] = [
            ("fix\n\nPick-To: 1.36\npick-to: 1.37\n", &["1.36", "1.37"]),
            ("fix\n\nPick-To: 1.36\n\nSigned-off-by: A <a@b>\n", &[]),
            ("fix\n\nPick-To: 1.36,\n  1.37\nSigned-off-by: A <a@b>\n", &["1.36, 1.37"]),
            ("fix\n\nPick-To: 1.36,\n\t1.37\n", &["1.36, 1.37"]),
            ("fix\n\nPick-To:\nSigned-off-by: A <a@b>\n", &[""]),
            ("Pick-To: 1.36\n", &[]),
            ("fix\n\nprose\nPick-To: 1.36\n", &[]),
            ("fix\n\nPick-To: 1.36\n(cherry picked from commit x)\n", &["1.36"]),
            ("fix\n\nPick-To:1.36\n---\n", &[]),
        ];
        for (message, expected) in table {
            assert_eq!(trailers(message.as_bytes(), "Pick-To"), expected, "{message:?}");
        }
    }
}
