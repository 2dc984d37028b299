//! Follows the lines of a YAML text just far enough to tell comments and block scalars from everything else.
//!
//! A template is cut into expressions and statement lines before it is YAML, yet an expression in a comment must not
//! be evaluated and one in a block scalar must. It must not judge the text: what is wrong with it, the reader of YAML
//! says later.

/// Where a scan along a line stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// At `${{`.
    Expression,
    /// At `${{` that would be the value of a merge key.
    Merge,
    /// At the `#` of a comment.
    Comment,
    /// At the line's end.
    LineEnd,
}

/// What is known at the beginning of a line.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    block: Option<Block>,
    quote: Option<u8>,
    /// Nesting of `[` and `{`.
    flow: usize,
    line: Line,
}

/// A block scalar that is open.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// Column of what the scalar belongs to; −1 for a document that is one.
    parent: i64,
    /// Column of its text, as soon as it is known.
    column: Option<i64>,
}

/// What is known inside a line.
#[derive(Clone, Debug, Default)]
struct Line {
    start: usize,
    /// Column where the key or value began that the scan is in.
    begin: Option<i64>,
    /// Column of the key or dash whose value is being read.
    parent: i64,
    token: Token,
    /// The last character was a blank, or there was none.
    after_blank: bool,
    /// The key just read is `<<`.
    merge: bool,
    /// A block scalar's header was seen; with the column its text has if it says so.
    header: Option<Option<i64>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Token {
    /// A key or value may begin here.
    #[default]
    Begins,
    /// Inside or behind one.
    Goes,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { block: None, quote: None, flow: 0, line: Line::default() }
    }

    /// Returns whether `line` belongs to an open block scalar, which ends otherwise.
    pub(super) fn in_block_scalar(&mut self, line: &str) -> bool {
        let Some(block) = &mut self.block else { return false };
        let text = line.trim_start_matches(' ');
        if text.trim_end().is_empty() {
            return true;
        }
        let column = column(line.len() - text.len());
        let least = block.column.unwrap_or(block.parent + 1);
        if column >= least && !(block.parent < 0 && is_separator(line)) {
            block.column.get_or_insert(column);
            return true;
        }
        self.block = None;
        false
    }

    /// Returns whether `line` separates two documents; what was open then is not.
    pub(super) fn separates(&mut self, line: &str) -> bool {
        let separates = is_separator(line);
        if separates {
            *self = Self::new();
        }
        separates
    }

    /// Begins a line that is in no block scalar, at byte `start` of the text.
    pub(super) fn begin(&mut self, start: usize) {
        self.line = Line { start, parent: -1, after_blank: true, ..Line::default() };
    }

    /// Goes on along the line from byte `at` of the text; returns where and why the scan stopped.
    pub(super) fn scan(&mut self, text: &str, mut at: usize) -> (usize, Stop) {
        let bytes = text.as_bytes();
        loop {
            let rest = &bytes[at.min(bytes.len())..];
            match rest.first() {
                None | Some(b'\n') => return (at, Stop::LineEnd),
                Some(b'$') if rest.starts_with(b"${{") => {
                    let merges = self.line.merge && self.line.token == Token::Begins && self.quote.is_none();
                    self.token_goes(at);
                    return (at, if merges { Stop::Merge } else { Stop::Expression });
                }
                Some(b'#') if self.quote.is_none() && self.line.after_blank => return (at, Stop::Comment),
                Some(_) => at += self.step(rest, at, text),
            }
        }
    }

    /// Ends the line: the next one may begin a block scalar.
    pub(super) fn end(&mut self) {
        if let Some(column) = self.line.header.take() {
            self.block = Some(Block { parent: self.line.parent, column });
        }
    }

    /// Takes one character or token; returns its bytes.
    fn step(&mut self, rest: &[u8], at: usize, text: &str) -> usize {
        if let Some(quote) = self.quote {
            return self.quoted(rest, quote);
        }
        if matches!(rest[0], b' ' | b'\t') {
            self.line.after_blank = true;
            return 1;
        }
        self.line.after_blank = false;
        match self.line.token {
            Token::Begins => self.token_begins(rest, at),
            Token::Goes => self.token_continues(rest, at, text),
        }
    }

    fn quoted(&mut self, rest: &[u8], quote: u8) -> usize {
        self.line.after_blank = false;
        match (quote, rest) {
            (b'"', [b'\\', next, ..]) if *next != b'\n' => 2,
            (b'\'', [b'\'', b'\'', ..]) => 2,
            (_, [first, ..]) if *first == quote => {
                self.quote = None;
                1
            }
            _ => 1,
        }
    }

    fn token_begins(&mut self, rest: &[u8], at: usize) -> usize {
        let here = column(at - self.line.start);
        let begin = *self.line.begin.get_or_insert(here);
        let indicator = self.flow == 0 && ends_token(rest.get(1));
        match rest[0] {
            b'-' | b'?' | b':' if indicator => {
                self.line.parent = begin;
                self.line.begin = None;
            }
            quote @ (b'"' | b'\'') => {
                self.quote = Some(quote);
                self.line.token = Token::Goes;
            }
            b'[' | b'{' => self.flow += 1,
            b']' | b'}' => self.close_flow(),
            b',' if self.flow > 0 => {}
            b'&' | b'!' | b'*' => {
                return rest.iter().position(|byte| byte.is_ascii_whitespace()).unwrap_or(rest.len());
            }
            b'|' | b'>' if self.flow == 0 => match header(&rest[1..]) {
                Some((length, digit)) => {
                    self.line.header = Some(digit.map(|digit| self.line.parent.max(0) + digit));
                    return length + 1;
                }
                None => self.line.token = Token::Goes,
            },
            _ => self.line.token = Token::Goes,
        }
        1
    }

    fn token_continues(&mut self, rest: &[u8], at: usize, text: &str) -> usize {
        let in_flow = self.flow > 0;
        match rest[0] {
            b':' if ends_token(rest.get(1))
                || (in_flow && matches!(rest.get(1), Some(b'[' | b'{' | b','))) =>
            {
                self.line.token = Token::Begins;
                if let (false, Some(begin)) = (in_flow, self.line.begin.take()) {
                    self.line.parent = begin;
                    let key =
                        usize::try_from(begin).ok().and_then(|begin| text.get(self.line.start + begin..at));
                    self.line.merge = key == Some("<<");
                }
            }
            b',' if in_flow => self.line.token = Token::Begins,
            b'[' | b'{' if in_flow => {
                self.flow += 1;
                self.line.token = Token::Begins;
            }
            b']' | b'}' if in_flow => self.close_flow(),
            _ => {}
        }
        1
    }

    fn token_goes(&mut self, at: usize) {
        self.line.begin.get_or_insert(column(at - self.line.start));
        self.line.token = Token::Goes;
        self.line.after_blank = false;
    }

    fn close_flow(&mut self) {
        self.flow = self.flow.saturating_sub(1);
        self.line.token = Token::Goes;
    }
}

/// Returns whether a line is `---`, alone or with something behind it.
fn is_separator(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| ends_token(rest.as_bytes().first()))
}

fn ends_token(next: Option<&u8>) -> bool {
    matches!(next, None | Some(b' ' | b'\t' | b'\n'))
}

/// Reads what stands behind `|` or `>` if it makes a block scalar's header; returns its bytes and its digit.
fn header(rest: &[u8]) -> Option<(usize, Option<i64>)> {
    let length = rest.iter().take_while(|byte| matches!(byte, b'+' | b'-' | b'1'..=b'9')).count();
    let behind = &rest[length..];
    let blanks = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let ends = match behind.get(blanks) {
        None | Some(b'\n') => true,
        Some(b'#') => blanks > 0,
        Some(_) => false,
    };
    let digit = rest[..length].iter().find(|byte| byte.is_ascii_digit());
    ends.then(|| (length, digit.map(|digit| i64::from(digit - b'0'))))
}

fn column(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says of each line what it is and where its expressions and comment stand.
    fn outline(text: &str) -> Vec<String> {
        let mut lines = Lines::new();
        let mut start = 0;
        let mut outline = Vec::new();
        for line in text.split('\n') {
            if lines.in_block_scalar(line) {
                outline.push("block".to_owned());
            } else if lines.separates(line) {
                outline.push("separator".to_owned());
            } else {
                lines.begin(start);
                outline.push(stops(&mut lines, text, start));
                lines.end();
            }
            start += line.len() + 1;
        }
        outline
    }

    fn stops(lines: &mut Lines, text: &str, start: usize) -> String {
        let mut found = Vec::new();
        let mut at = start;
        loop {
            let (stop, why) = lines.scan(text, at);
            match why {
                Stop::Expression => found.push(format!("expression@{}", stop - start)),
                Stop::Merge => found.push(format!("merge@{}", stop - start)),
                Stop::Comment => found.push(format!("comment@{}", stop - start)),
                Stop::LineEnd => {}
            }
            if matches!(why, Stop::Comment | Stop::LineEnd) {
                return found.join(" ");
            }
            at = stop + text[stop..].find("}}").map_or(3, |end| end + 2);
        }
    }

    #[test]
    fn comments_block_scalars_and_expressions_are_told_apart() {
        let cases: &[(&str, &[&str])] = &[
            ("# ${{ a }}\na: ${{ b }} # ${{ c }}", &["comment@0", "expression@3 comment@12"]),
            ("a: it's # ${{ c }}", &["comment@8"]),
            ("a: \"x # ${{ y }}\" # z", &["expression@8 comment@18"]),
            ("a: 'it''s # ${{ y }}'", &["expression@12"]),
            (
                "a: \"one\n  # ${{ x }}\n  two\" # c\nb: c # d",
                &["", "expression@4", "comment@7", "comment@5"],
            ),
            ("a: x#${{ y }}", &["expression@5"]),
            ("a: |\n  # ${{ x }}\n\n  y\n# c\nb: 1", &["", "block", "block", "block", "comment@0", ""]),
            ("- a: >-\n    x\n  b: # c", &["", "block", "comment@5"]),
            ("- |\n x\n- y", &["", "block", ""]),
            ("a: foo |\n  # c", &["", "comment@2"]),
            ("a: | # c\n x\nb: 1", &["comment@5", "block", ""]),
            ("a: &x !!str |2\n   x\n  y\n z", &["", "block", "block", ""]),
            ("--- |\nx\n---\n# c", &["separator", "", "separator", "comment@0"]),
            ("<<: ${{ x }}", &["merge@4"]),
            ("<<: *x # c", &["comment@7"]),
            ("a: {b: \"${{ x }} #\", c: 'd'} # e", &["expression@8 comment@29"]),
            ("${{ k }}: |\n  x\nb: # c", &["expression@0", "block", "comment@3"]),
            ("\"k # x\": |\n  x", &["", "block"]),
            ("a: [x, 'y\n # ${{ z }}']\nb: # c", &["", "expression@3", "comment@3"]),
        ];
        for (text, expected) in cases {
            assert_eq!(outline(text), *expected, "{text}");
        }
    }
}
