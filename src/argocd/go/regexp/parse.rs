//! Reading an expression: RE2's syntax, and Go's refusals.

mod escape;

use super::class::{MOST, Set};
use crate::argocd::Fault;

/// A part of an expression.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Empty,
    Char(char),
    Set(Set),
    Assertion(Assertion),
    /// A group with its number, which counts from 1.
    Group(usize, Box<Node>),
    Concatenation(Vec<Node>),
    Alternation(Vec<Node>),
    Repetition(Box<Repetition>),
}

/// A part that is repeated.
#[derive(Clone, Debug)]
pub(super) struct Repetition {
    pub(super) node: Node,
    pub(super) least: u32,
    /// `None` for any number.
    pub(super) most: Option<u32>,
    pub(super) is_greedy: bool,
    /// Whether it was written in braces.
    counts: bool,
}

/// What matches between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assertion {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordBoundary,
    NoWordBoundary,
}

/// An expression and the names of its groups.
pub(super) struct Parsed {
    pub(super) node: Node,
    /// By number from 1; a group without a name has an empty one.
    pub(super) names: Vec<String>,
}

/// No more levels of groups are read; Go reads 1,000.
const DEPTH: usize = 250;

/// Why an expression is none.
enum Failure {
    /// Go's reason and the text it quotes.
    Wrong(&'static str, String),
    Depth,
}

type Outcome<T> = Result<T, Failure>;

/// Reads an expression.
///
/// # Errors
/// Says what Go says.
pub(super) fn parse(text: &str) -> Result<Parsed, Fault> {
    let mut parser = Parser {
        rest: text,
        flags: Flags::default(),
        open: Vec::new(),
        level: Level::default(),
        names: Vec::new(),
    };
    match parser.expression(text) {
        Ok(node) => Ok(Parsed { node, names: parser.names }),
        Err(Failure::Wrong(why, quoted)) => {
            Err(Fault::wrong(format!("error parsing regexp: {why}: `{quoted}`")))
        }
        Err(Failure::Depth) => Err(Fault::refused(format!(
            "an expression with more than {DEPTH} levels of groups is not supported"
        ))),
    }
}

fn wrong<T>(why: &'static str, quoted: &str) -> Outcome<T> {
    Err(Failure::Wrong(why, quoted.to_owned()))
}

#[derive(Clone, Copy, Default)]
struct Flags {
    folds_case: bool,
    of_lines: bool,
    dot_takes_breaks: bool,
    is_lazy: bool,
}

/// What has been read between two parentheses.
#[derive(Default)]
struct Level {
    alternatives: Vec<Node>,
    nodes: Vec<Node>,
}

impl Level {
    fn concatenation(&mut self) -> Node {
        let mut nodes = std::mem::take(&mut self.nodes);
        match nodes.len() {
            0 => Node::Empty,
            1 => nodes.remove(0),
            _ => Node::Concatenation(nodes),
        }
    }

    fn node(mut self) -> Node {
        let last = self.concatenation();
        if self.alternatives.is_empty() {
            return last;
        }
        self.alternatives.push(last);
        Node::Alternation(self.alternatives)
    }
}

/// An open parenthesis.
struct Open {
    outer: Level,
    flags: Flags,
    /// `None` for `(?:`.
    number: Option<usize>,
}

struct Parser<'a> {
    rest: &'a str,
    flags: Flags,
    open: Vec<Open>,
    level: Level,
    names: Vec<String>,
}

impl<'a> Parser<'a> {
    fn expression(&mut self, text: &str) -> Outcome<Node> {
        let mut repetition: Option<&str> = None;
        while let Some(char) = self.rest.chars().next() {
            let before = self.rest;
            let mut is_repetition = false;
            self.rest = &self.rest[char.len_utf8()..];
            match char {
                '(' => self.open()?,
                '|' => {
                    let alternative = self.level.concatenation();
                    self.level.alternatives.push(alternative);
                }
                ')' => self.close(text)?,
                '^' if self.flags.of_lines => self.push(Node::Assertion(Assertion::LineStart)),
                '^' => self.push(Node::Assertion(Assertion::TextStart)),
                '$' if self.flags.of_lines => self.push(Node::Assertion(Assertion::LineEnd)),
                '$' => self.push(Node::Assertion(Assertion::TextEnd)),
                '.' if self.flags.dot_takes_breaks => self.push(Node::Set(Set::range(0, MOST))),
                '.' => self.push(Node::Set(Set::range('\n'.into(), '\n'.into()).negated())),
                '[' => {
                    let set = self.class(before)?;
                    self.push(Node::Set(set));
                }
                '*' | '+' | '?' | '{' => is_repetition = self.repetition(char, before, repetition)?,
                '\\' => self.escape(before)?,
                _ => self.literal(char),
            }
            repetition = is_repetition.then_some(before);
        }
        if !self.open.is_empty() {
            return wrong("missing closing )", text);
        }
        Ok(std::mem::take(&mut self.level).node())
    }

    fn push(&mut self, node: Node) {
        self.level.nodes.push(node);
    }

    fn literal(&mut self, char: char) {
        let node = match self.flags.folds_case {
            true => Node::Set(Set::range(char.into(), char.into()).folded()),
            false => Node::Char(char),
        };
        self.push(node);
    }

    fn open(&mut self) -> Outcome<()> {
        match self.rest.strip_prefix('?') {
            None => self.open_group(Some(String::new())),
            Some(rest) => self.open_special(rest),
        }
    }

    /// Opens a group, numbered if there is a name, which may be empty.
    fn open_group(&mut self, name: Option<String>) -> Outcome<()> {
        if self.open.len() == DEPTH {
            return Err(Failure::Depth);
        }
        let number = name.map(|name| {
            self.names.push(name);
            self.names.len()
        });
        let outer = std::mem::take(&mut self.level);
        self.open.push(Open { outer, flags: self.flags, number });
        Ok(())
    }

    /// Reads what stands behind `(?`: a name, flags, or nothing but `:`.
    fn open_special(&mut self, rest: &'a str) -> Outcome<()> {
        let whole = format!("(?{rest}");
        let named = rest.strip_prefix("P<").or_else(|| rest.strip_prefix('<'));
        // Go looks at the letters only where enough follow.
        if let Some(named) = named.filter(|named| !named.is_empty()) {
            let Some((name, rest)) = named.split_once('>') else {
                return wrong("invalid named capture", &whole);
            };
            let is_good = |char: char| char == '_' || char.is_ascii_alphanumeric();
            if name.is_empty() || !name.chars().all(is_good) {
                return wrong("invalid named capture", &whole);
            }
            self.rest = rest;
            return self.open_group(Some(name.to_owned()));
        }
        let mut flags = self.flags;
        let (mut is_on, mut is_empty) = (true, false);
        for (at, char) in rest.char_indices() {
            match char {
                'i' => flags.folds_case = is_on,
                'm' => flags.of_lines = is_on,
                's' => flags.dot_takes_breaks = is_on,
                'U' => flags.is_lazy = is_on,
                '-' if is_on => is_on = false,
                ':' | ')' if !is_empty => {
                    self.rest = &rest[at + 1..];
                    if char == ':' {
                        self.open_group(None)?;
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            is_empty = char == '-';
        }
        wrong("invalid or unsupported Perl syntax", &whole)
    }

    fn close(&mut self, text: &str) -> Outcome<()> {
        let Some(open) = self.open.pop() else { return wrong("unexpected )", text) };
        let node = std::mem::replace(&mut self.level, open.outer).node();
        self.flags = open.flags;
        self.push(match open.number {
            None => node,
            Some(number) => Node::Group(number, Box::new(node)),
        });
        Ok(())
    }

    /// Reads a repetition and returns whether it is one: braces that count nothing are text.
    fn repetition(&mut self, sign: char, before: &'a str, last: Option<&str>) -> Outcome<bool> {
        const WRONG_COUNT: &str = "invalid repeat count";
        let quoted = |rest: &str| before[..before.len() - rest.len()].to_owned();
        let (least, most) = match sign {
            '*' => (0, None),
            '+' => (1, None),
            '?' => (0, Some(1)),
            _ => match counts(self.rest) {
                None => {
                    self.literal(sign);
                    return Ok(false);
                }
                Some((least, most, rest)) => {
                    self.rest = rest;
                    if least > 1000 || most.is_some_and(|most| most > 1000 || most < least) {
                        return wrong(WRONG_COUNT, &quoted(rest));
                    }
                    (least, most)
                }
            },
        };
        let lazy = self.rest.strip_prefix('?');
        self.rest = lazy.unwrap_or(self.rest);
        if let Some(last) = last {
            return wrong("invalid nested repetition operator", &last[..last.len() - self.rest.len()]);
        }
        let Some(node) = self.level.nodes.pop() else {
            return wrong("missing argument to repetition operator", &quoted(self.rest));
        };
        let is_greedy = self.flags.is_lazy == lazy.is_some();
        let node =
            Node::Repetition(Box::new(Repetition { node, least, most, is_greedy, counts: sign == '{' }));
        if sign == '{' && (least >= 2 || most.is_some_and(|most| most >= 2)) && !repeats_at_most(&node, 1000)
        {
            return wrong(WRONG_COUNT, &quoted(self.rest));
        }
        self.push(node);
        Ok(true)
    }
}

/// Reads `3}`, `3,}` or `3,5}`, and returns the numbers and what follows; a number that is too large is a million.
fn counts(text: &str) -> Option<(u32, Option<u32>, &str)> {
    let (least, rest) = count(text)?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((least, Some(least), rest));
    }
    let rest = rest.strip_prefix(',')?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((least, None, rest));
    }
    let (most, rest) = count(rest)?;
    Some((least, Some(most), rest.strip_prefix('}')?))
}

fn count(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    Some((digits.parse().unwrap_or(1_000_000), rest))
}

/// Returns whether counted repetitions within each other come to no more than `most` copies.
fn repeats_at_most(node: &Node, most: u32) -> bool {
    match node {
        Node::Repetition(repetition) if repetition.counts => {
            let copies = repetition.most.unwrap_or(repetition.least);
            match copies {
                0 if repetition.most == Some(0) => true,
                0 => repeats_at_most(&repetition.node, most),
                _ => copies <= most && repeats_at_most(&repetition.node, most / copies),
            }
        }
        Node::Repetition(repetition) => repeats_at_most(&repetition.node, most),
        Node::Group(_, node) => repeats_at_most(node, most),
        Node::Concatenation(nodes) | Node::Alternation(nodes) => {
            nodes.iter().all(|node| repeats_at_most(node, most))
        }
        Node::Empty | Node::Char(_) | Node::Set(_) | Node::Assertion(_) => true,
    }
}
