//! An expression as instructions, laid out as Go lays them out, so that the same match is preferred.

use super::class::Set;
use super::parse::{Assertion, Node, Repetition};
use crate::argocd::Fault;

/// An instruction; those that go on name where.
#[derive(Clone, Copy, Debug)]
pub(super) enum Instruction {
    /// Takes a character.
    Char(char, usize),
    /// Takes a character of a set, by the number of the set.
    Set(usize, usize),
    /// Holds between two characters.
    Assertion(Assertion, usize),
    /// Notes the place in a slot.
    Note(usize, usize),
    /// Tries the first way before the second.
    Split(usize, usize),
    Match,
}

/// Instructions; the first to run is the last of them.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) instructions: Vec<Instruction>,
    pub(super) sets: Vec<Set>,
    pub(super) start: usize,
    /// Slots in which places are noted: two for each group and for all.
    pub(super) slots: usize,
    /// Whether only the beginning of the text can match.
    pub(super) is_anchored: bool,
}

/// No expression may have more instructions than this; Go takes three million.
const MOST: usize = 200_000;

/// Compiles an expression with so many groups.
///
/// # Errors
/// Refuses what takes too many instructions.
pub(super) fn compile(node: &Node, groups: usize) -> Result<Program, Fault> {
    let mut compiler = Compiler { instructions: vec![Instruction::Match], sets: Vec::new() };
    let start = compiler.node(node, 0)?;
    Ok(Program {
        instructions: compiler.instructions,
        sets: compiler.sets,
        start,
        slots: 2 * (groups + 1),
        is_anchored: begins_text(node),
    })
}

fn begins_text(node: &Node) -> bool {
    match node {
        Node::Assertion(assertion) => *assertion == Assertion::TextStart,
        Node::Group(_, node) => begins_text(node),
        Node::Concatenation(nodes) => nodes.first().is_some_and(begins_text),
        Node::Alternation(nodes) => nodes.iter().all(begins_text),
        Node::Repetition(repetition) => repetition.least > 0 && begins_text(&repetition.node),
        Node::Empty | Node::Char(_) | Node::Set(_) => false,
    }
}

/// Returns whether a node can match nothing.
fn is_nullable(node: &Node) -> bool {
    match node {
        Node::Empty | Node::Assertion(_) => true,
        Node::Char(_) | Node::Set(_) => false,
        Node::Group(_, node) => is_nullable(node),
        Node::Concatenation(nodes) => nodes.iter().all(is_nullable),
        Node::Alternation(nodes) => nodes.iter().any(is_nullable),
        Node::Repetition(repetition) => repetition.least == 0 || is_nullable(&repetition.node),
    }
}

struct Compiler {
    instructions: Vec<Instruction>,
    sets: Vec<Set>,
}

impl Compiler {
    fn add(&mut self, instruction: Instruction) -> Result<usize, Fault> {
        if self.instructions.len() == MOST {
            return Err(Fault::refused("an expression of that size is not supported"));
        }
        self.instructions.push(instruction);
        Ok(self.instructions.len() - 1)
    }

    /// Adds what matches `node` and goes on at `next`; returns where it begins.
    fn node(&mut self, node: &Node, next: usize) -> Result<usize, Fault> {
        match node {
            Node::Empty => Ok(next),
            Node::Char(char) => self.add(Instruction::Char(*char, next)),
            Node::Set(set) => {
                let number = self.sets.iter().position(|known| known == set).unwrap_or(self.sets.len());
                if number == self.sets.len() {
                    self.sets.push(set.clone());
                }
                self.add(Instruction::Set(number, next))
            }
            Node::Assertion(assertion) => self.add(Instruction::Assertion(*assertion, next)),
            Node::Group(number, node) => {
                let end = self.add(Instruction::Note(2 * number + 1, next))?;
                let inside = self.node(node, end)?;
                self.add(Instruction::Note(2 * number, inside))
            }
            Node::Concatenation(nodes) => {
                nodes.iter().rev().try_fold(next, |next, node| self.node(node, next))
            }
            Node::Alternation(nodes) => {
                let mut ways = nodes.iter().rev();
                let last = ways.next().map_or(Ok(next), |node| self.node(node, next))?;
                ways.try_fold(last, |others, node| {
                    let first = self.node(node, next)?;
                    self.add(Instruction::Split(first, others))
                })
            }
            Node::Repetition(repetition) => self.repetition(repetition, next),
        }
    }

    /// `x{2,4}` is `xx(x(x)?)?`, `x{2,}` is `xx+`.
    fn repetition(&mut self, repetition: &Repetition, next: usize) -> Result<usize, Fault> {
        let Repetition { node, least, most, is_greedy, .. } = repetition;
        let (mut start, copies) = match most {
            None if *least == 0 => (self.star(node, *is_greedy, next)?, 0),
            None => (self.plus(node, *is_greedy, next)?, least - 1),
            Some(most) => {
                let mut start = next;
                for _ in *least..*most {
                    let inside = self.node(node, start)?;
                    start = self.split(inside, next, *is_greedy)?;
                }
                (start, *least)
            }
        };
        for _ in 0..copies {
            start = self.node(node, start)?;
        }
        Ok(start)
    }

    fn split(&mut self, inside: usize, next: usize, is_greedy: bool) -> Result<usize, Fault> {
        self.add(if is_greedy { Instruction::Split(inside, next) } else { Instruction::Split(next, inside) })
    }

    /// What can match nothing is `(x+)?`: its one empty match is preferred where it should be.
    fn star(&mut self, node: &Node, is_greedy: bool, next: usize) -> Result<usize, Fault> {
        if is_nullable(node) {
            let inside = self.plus(node, is_greedy, next)?;
            return self.split(inside, next, is_greedy);
        }
        let turn = self.add(Instruction::Split(next, next))?;
        let inside = self.node(node, turn)?;
        self.turn(turn, inside, next, is_greedy);
        Ok(turn)
    }

    fn plus(&mut self, node: &Node, is_greedy: bool, next: usize) -> Result<usize, Fault> {
        let turn = self.add(Instruction::Split(next, next))?;
        let inside = self.node(node, turn)?;
        self.turn(turn, inside, next, is_greedy);
        Ok(inside)
    }

    fn turn(&mut self, turn: usize, inside: usize, next: usize, is_greedy: bool) {
        self.instructions[turn] =
            if is_greedy { Instruction::Split(inside, next) } else { Instruction::Split(next, inside) };
    }
}
