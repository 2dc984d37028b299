//! Searching: the leftmost match, and of those the one that the expression prefers.
//!
//! Ways are tried one after the other, each instruction at each place once, so that a search takes time in proportion
//! to the text and the expression.

use super::parse::Assertion;
use super::program::{Instruction, Program};
use crate::argocd::Fault;

/// Where a match and its groups begin and end, two slots each.
pub(super) type Places = Vec<Option<usize>>;

/// Instructions at places that may be remembered, a bit each.
const MOST: usize = 1 << 30;

/// Something that is still to be tried, or undone before.
enum Task {
    Try(usize, usize),
    Restore(usize, Option<usize>),
}

pub(super) struct Search<'p, 't> {
    program: &'p Program,
    text: &'t str,
    /// Where the search began; nothing before is visited.
    from: usize,
    /// A row of bits for each place from there.
    visited: Vec<u64>,
    row: usize,
    places: Places,
    tasks: Vec<Task>,
}

impl<'p, 't> Search<'p, 't> {
    pub(super) fn new(program: &'p Program, text: &'t str) -> Self {
        Self {
            program,
            text,
            from: 0,
            visited: Vec::new(),
            row: program.instructions.len().div_ceil(64),
            places: vec![None; program.slots],
            tasks: Vec::new(),
        }
    }

    /// Finds the first match from a place on.
    ///
    /// # Errors
    /// Refuses what would take too much memory.
    pub(super) fn find(&mut self, from: usize) -> Result<Option<&Places>, Fault> {
        if (self.text.len() - from).saturating_mul(self.row * 64) > MOST {
            return Err(Fault::refused(
                "an expression of that size on a text of that length is not supported",
            ));
        }
        self.from = from;
        self.visited.clear();
        let mut start = from;
        while !(self.program.is_anchored && start > 0) {
            if self.matches_at(start) {
                return Ok(Some(&self.places));
            }
            let Some(char) = self.text[start..].chars().next() else { break };
            start += char.len_utf8();
        }
        Ok(None)
    }

    fn matches_at(&mut self, start: usize) -> bool {
        self.places.fill(None);
        self.tasks.clear();
        self.tasks.push(Task::Try(self.program.start, start));
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Restore(slot, place) => self.places[slot] = place,
                Task::Try(instruction, at) => {
                    if let Some(end) = self.follow(instruction, at) {
                        (self.places[0], self.places[1]) = (Some(start), Some(end));
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Follows instructions until they match, or fail.
    fn follow(&mut self, mut instruction: usize, mut at: usize) -> Option<usize> {
        loop {
            if self.is_visited(instruction, at) {
                return None;
            }
            let next = match self.program.instructions[instruction] {
                Instruction::Match => return Some(at),
                Instruction::Char(char, next) => {
                    self.char_at(at).filter(|found| *found == char)?;
                    at += char.len_utf8();
                    next
                }
                Instruction::Set(set, next) => {
                    let found = self.char_at(at)?;
                    if !self.program.sets[set].contains(found) {
                        return None;
                    }
                    at += found.len_utf8();
                    next
                }
                Instruction::Assertion(assertion, next) => {
                    if !holds(assertion, self.text, at) {
                        return None;
                    }
                    next
                }
                Instruction::Note(slot, next) => {
                    self.tasks.push(Task::Restore(slot, self.places[slot]));
                    self.places[slot] = Some(at);
                    next
                }
                Instruction::Split(first, second) => {
                    self.tasks.push(Task::Try(second, at));
                    first
                }
            };
            instruction = next;
        }
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    /// Notes that an instruction is tried at a place, and returns whether it has been before.
    fn is_visited(&mut self, instruction: usize, at: usize) -> bool {
        let word = (at - self.from) * self.row + instruction / 64;
        if word >= self.visited.len() {
            self.visited.resize((at - self.from + 1) * self.row, 0);
        }
        let bit = 1 << (instruction % 64);
        let is_visited = self.visited[word] & bit != 0;
        self.visited[word] |= bit;
        is_visited
    }
}

fn holds(assertion: Assertion, text: &str, at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| text.as_bytes()[before]);
    let after = text.as_bytes().get(at).copied();
    let is_word = |byte: Option<u8>| byte.is_some_and(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
    match assertion {
        Assertion::TextStart => before.is_none(),
        Assertion::TextEnd => after.is_none(),
        Assertion::LineStart => before.is_none_or(|byte| byte == b'\n'),
        Assertion::LineEnd => after.is_none_or(|byte| byte == b'\n'),
        Assertion::WordBoundary => is_word(before) != is_word(after),
        Assertion::NoWordBoundary => is_word(before) == is_word(after),
    }
}
