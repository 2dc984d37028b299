//! A parsed template.
//!
//! Lists of nodes lie side by side and refer to each other by number, so that neither walking nor dropping them nests,
//! however deep a template's blocks do. Expressions nest no deeper than the parser lets them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::function::Function;

/// What a text was parsed to.
#[derive(Debug)]
pub(super) struct Tree {
    /// The text; nodes refer to places in it.
    pub text: Arc<str>,
    /// The templates by name; the main one is there under its own.
    pub templates: BTreeMap<Arc<str>, ListId>,
    pub lists: Vec<Vec<Node>>,
    /// The names of the variables.
    pub names: Vec<Arc<str>>,
}

/// A place in [`Tree::lists`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListId(pub usize);

/// The name of a variable; `$` is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Variable(pub usize);

impl Variable {
    /// `$`
    pub const DATA: Self = Self(0);
}

/// A piece of the text, for what is said about it: from which byte to which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
    /// The byte that Go gives as its place: of fields behind fields, where the second begins.
    pub place: usize,
}

#[derive(Debug)]
pub(super) enum Node {
    Text(Span),
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    Break,
    Continue,
    Template { at: Span, name: Arc<str>, pipe: Option<Pipe> },
}

#[derive(Debug)]
pub(super) struct Branch {
    pub pipe: Pipe,
    pub then: ListId,
    pub otherwise: Option<ListId>,
}

/// Commands, each given the result of the one before, and the variables that get the last one's.
#[derive(Debug)]
pub(super) struct Pipe {
    pub at: Span,
    pub variables: Vec<Variable>,
    /// Whether the variables are there already.
    pub assigns: bool,
    pub commands: Vec<Command>,
}

impl Pipe {
    /// Returns the word that Go evaluates last, which it gives as the place of what is wrong with the result.
    pub fn last_word(&self) -> Span {
        let last = self.commands.last();
        last.map_or(self.at, |command| command.arguments.last().unwrap_or(&command.word).last_word())
    }
}

#[derive(Debug)]
pub(super) struct Command {
    pub at: Span,
    pub word: Operand,
    pub arguments: Vec<Operand>,
}

/// A word of a command.
#[derive(Debug)]
pub(super) struct Operand {
    pub at: Span,
    pub term: Term,
}

impl Operand {
    /// Returns the word that Go evaluates last.
    pub fn last_word(&self) -> Span {
        match &self.term {
            Term::Pipe(pipe) => pipe.last_word(),
            Term::Chain(base, _) => base.last_word(),
            _ => self.at,
        }
    }
}

#[derive(Debug)]
pub(super) enum Term {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    /// Fields of dot, at least one.
    Field(Vec<Arc<str>>),
    /// A variable and fields of it.
    Variable(Variable, Vec<Arc<str>>),
    /// Fields of what a function or a pipeline in parentheses gives, at least one.
    Chain(Box<Operand>, Vec<Arc<str>>),
    Function(Callee),
    Pipe(Pipe),
}

/// What a name of a function stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Callee {
    /// `and`: takes no further argument once one is false.
    And,
    /// `or`: takes no further argument once one is true.
    Or,
    Function(&'static Function),
}

/// A number is each of what it can be; whoever takes it says which.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// Its value as a whole number.
    pub int: Option<i64>,
    /// Its value as a `float64`.
    pub float: f64,
    /// Whether it is a `float64` where nothing says what it should be.
    pub is_float: bool,
}
