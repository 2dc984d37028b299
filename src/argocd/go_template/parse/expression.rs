//! Pipelines, commands and their words.

use std::sync::Arc;

use super::super::builtin::builtin;
use super::super::function::{Found, find};
use super::super::lex::{Kind, Token};
use super::super::tree::{Callee, Command, Operand, Pipe, Span, Term, Variable};
use super::{Parser, Wrong, number, span};

/// How many parentheses may stand within each other. Go takes 10,000; each takes a piece of our stack.
const MOST_PARENTHESES: usize = 200;

impl<'t> Parser<'t> {
    /// Parses a pipeline and what ends it.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Result<Pipe, Wrong> {
        let at = span(self.peek_word());
        let mut pipe = Pipe { at, variables: Vec::new(), assigns: false, commands: Vec::new() };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.next_word();
            if token.kind == end {
                pipe.at.end = pipe.commands.last().map_or(pipe.at.end, |command| command.at.end);
                check(&pipe, context)?;
                return Ok(pipe);
            }
            if !starts_operand(token.kind) {
                return Err(self.unexpected(token, context));
            }
            self.at -= 1;
            pipe.commands.push(self.command()?);
        }
    }

    /// Reads the variables before `=` or `:=`; a variable that is followed by neither is a word of the first command.
    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<(), Wrong> {
        while self.peek_word().kind == Kind::Variable {
            let start = self.at;
            let variable = self.next();
            let next = self.next_word();
            let is_comma = next.kind == Kind::Other && self.of(next) == ",";
            if !is_comma && next.kind != Kind::Assign && next.kind != Kind::Declare {
                self.at = start;
                return Ok(());
            }
            let id = self.variable(self.of(variable));
            pipe.variables.push(id);
            self.variables.push(id);
            if !is_comma {
                pipe.assigns = next.kind == Kind::Assign;
                return Ok(());
            }
            if context != "range" || pipe.variables.len() > 1 {
                return Err(format!("too many declarations in {context}"));
            }
            if !matches!(
                self.peek_word().kind,
                Kind::Variable | Kind::RightDelimiter | Kind::RightParenthesis
            ) {
                return Err("range can only initialize variables".to_owned());
            }
        }
        Ok(())
    }

    fn variable(&mut self, name: &'t str) -> Variable {
        let known = self.names.iter().position(|known| *known == name);
        Variable(known.unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        }))
    }

    /// Parses words up to a pipe, which is passed, or the end, which is not.
    fn command(&mut self) -> Result<Command, Wrong> {
        let start = self.peek_word().start;
        let mut words = Vec::new();
        loop {
            self.peek_word();
            words.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelimiter | Kind::RightParenthesis => self.at -= 1,
                Kind::Pipe => {}
                _ => return Err(self.unexpected(token, "operand")),
            }
            let mut words = words.into_iter();
            let word: Operand = words.next().ok_or("empty command")?;
            let arguments: Vec<Operand> = words.collect();
            let end = arguments.last().unwrap_or(&word).at.end;
            return Ok(Command { at: Span { start, end, place: start }, word, arguments });
        }
    }

    /// Parses a term and the fields behind it; `None` where the next token begins none.
    fn operand(&mut self) -> Result<Option<Operand>, Wrong> {
        let Some(mut operand) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(operand));
        }
        let term = &self.text[operand.at.start..operand.at.end];
        let mut fields: Vec<Arc<str>> = Vec::new();
        operand.at.place = self.peek().start;
        while self.peek().kind == Kind::Field {
            let token = self.next();
            fields.push(self.of(token)[1..].into());
            operand.at.end = token.end;
        }
        match &mut operand.term {
            Term::Field(known) | Term::Variable(_, known) => known.append(&mut fields),
            Term::Function(_) | Term::Pipe(_) => {
                let at = operand.at;
                operand = Operand { at, term: Term::Chain(Box::new(operand), fields) };
            }
            Term::Bool(_) | Term::Text(_) | Term::Number(_) | Term::Nil | Term::Dot | Term::Chain(..) => {
                return Err(format!("unexpected . after term {term:?}"));
            }
        }
        Ok(Some(operand))
    }

    fn term(&mut self) -> Result<Option<Operand>, Wrong> {
        let token = self.next_word();
        let word = self.of(token);
        let term = match token.kind {
            Kind::Identifier => Term::Function(self.callee(word)?),
            Kind::Dot => Term::Dot,
            Kind::Nil => Term::Nil,
            Kind::Variable => Term::Variable(self.known_variable(word)?, Vec::new()),
            Kind::Field => Term::Field(vec![word[1..].into()]),
            Kind::Bool => Term::Bool(word == "true"),
            Kind::Rune => Term::Number(number::rune(word)?),
            Kind::Number => self.number(word)?,
            Kind::Complex => self.complex(),
            Kind::LeftParenthesis => return self.parentheses(token).map(Some),
            Kind::Quoted | Kind::RawQuoted => Term::Text(self.unquoted(token)?),
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Operand { at: span(token), term }))
    }

    fn parentheses(&mut self, open: Token) -> Result<Operand, Wrong> {
        if self.depth >= MOST_PARENTHESES {
            return Err(format!(
                "max expression depth exceeded: {MOST_PARENTHESES} parentheses within each other"
            ));
        }
        self.depth += 1;
        let pipe = self.pipeline("parenthesized pipeline", Kind::RightParenthesis)?;
        self.depth -= 1;
        let end = self.tokens.list[self.at - 1].end;
        Ok(Operand { at: Span { end, ..span(open) }, term: Term::Pipe(pipe) })
    }

    fn known_variable(&mut self, name: &'t str) -> Result<Variable, Wrong> {
        let id = self.variable(name);
        self.variables.contains(&id).then_some(id).ok_or_else(|| format!("undefined variable {name:?}"))
    }

    /// Finds a function. Argo CD's own come first: sprig's `slice` stands for Go's.
    ///
    /// One that is refused is noted, and the rest of the text is held against the rules all the same.
    fn callee(&mut self, name: &str) -> Result<Callee, Wrong> {
        match find(name) {
            Found::Function(function) => Ok(Callee::Function(function)),
            Found::Refused(why) => {
                self.refuse(format!("the function `{name}` is not supported: {why}"));
                Ok(Callee::Or)
            }
            Found::Unknown => match name {
                "and" => Ok(Callee::And),
                "or" => Ok(Callee::Or),
                _ => builtin(name)
                    .map(Callee::Function)
                    .ok_or_else(|| format!("function {name:?} not defined")),
            },
        }
    }

    fn number(&mut self, word: &str) -> Result<Term, Wrong> {
        Ok(match number::number(word)? {
            number::Read::Number(number) => Term::Number(number),
            number::Read::Imaginary => self.complex(),
        })
    }

    fn complex(&mut self) -> Term {
        self.refuse("a complex number is not supported".to_owned());
        Term::Nil
    }

    fn refuse(&mut self, what: String) {
        self.refused.get_or_insert(what);
    }
}

fn starts_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Bool
            | Kind::Rune
            | Kind::Complex
            | Kind::Dot
            | Kind::Field
            | Kind::Identifier
            | Kind::Number
            | Kind::Nil
            | Kind::RawQuoted
            | Kind::Quoted
            | Kind::Variable
            | Kind::LeftParenthesis
    )
}

/// Holds a pipeline against what can be said before it runs.
fn check(pipe: &Pipe, context: &str) -> Result<(), Wrong> {
    if pipe.commands.is_empty() {
        return Err(format!("missing value for {context}"));
    }
    let is_constant = |command: &Command| {
        matches!(command.word.term, Term::Bool(_) | Term::Dot | Term::Nil | Term::Number(_) | Term::Text(_))
    };
    match pipe.commands.iter().skip(1).position(is_constant) {
        Some(index) => Err(format!("non executable command in pipeline stage {}", index + 2)),
        None => Ok(()),
    }
}
