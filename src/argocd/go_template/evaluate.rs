//! What pipelines, commands and their words come to.

use std::sync::Arc;

use super::function::{Function, Type, in_other_order};
use super::run::{Evaluated, Run, START, is_true};
use super::tree::{Callee, Command, Operand, Pipe, Span, Term, Variable};
use super::{Missing, Order};
use crate::argocd::Fault;
use crate::argocd::go::value::Value;

/// What a function or a method is given: the words behind it and the result of the command before it, if there is one.
struct Given<'t> {
    words: &'t [Operand],
    last: Option<Evaluated>,
    /// The command.
    at: Span,
}

impl Given<'_> {
    const NOTHING: Self = Self::nothing(START);

    const fn nothing(at: Span) -> Self {
        Self { words: &[], last: None, at }
    }

    fn count(&self) -> usize {
        self.words.len() + usize::from(self.last.is_some())
    }
}

/// A field that is taken of a value.
struct Access<'t> {
    receiver: Evaluated,
    /// Whether all that is known of the value's type is that a map holds it.
    is_held: bool,
    name: &'t str,
}

impl<'t> Run<'t> {
    /// Evaluates a pipeline and gives its variables their value.
    pub(super) fn pipe(&mut self, dot: &Evaluated, pipe: &'t Pipe) -> Result<Evaluated, Fault> {
        let mut last = None;
        for command in &pipe.commands {
            // What an interface holds comes out of it, so that a nil is nothing.
            last = Some(self.command(dot, command, last)?.filter(|value| !matches!(value, Value::Nil)));
        }
        let value = last.flatten();
        for variable in &pipe.variables {
            if !pipe.assigns {
                self.declare(*variable, value.clone());
            } else if !self.set(*variable, value.clone()) {
                return Err(self.undefined(*variable, pipe.last_word()));
            }
        }
        Ok(value)
    }

    /// Says that a variable is not there: what declares it never ran.
    fn undefined(&self, variable: Variable, at: Span) -> Fault {
        self.wrong(at, &format!("undefined variable: {}", self.tree.names[variable.0]))
    }

    fn command(
        &mut self,
        dot: &Evaluated,
        command: &'t Command,
        last: Option<Evaluated>,
    ) -> Result<Evaluated, Fault> {
        let given = Given { words: &command.arguments, last, at: command.at };
        let word = &command.word;
        match &word.term {
            Term::Field(names) => return self.fields(dot, (dot.clone(), names), given, word.at),
            Term::Chain(base, names) => {
                let receiver = self.base(dot, base)?;
                return self.fields(dot, (receiver, names), given, word.last_word());
            }
            Term::Function(callee) => return self.function(dot, *callee, given, word.at),
            Term::Variable(variable, names) if !names.is_empty() => {
                let receiver = self.variable(*variable, word.at)?;
                return self.fields(dot, (receiver, names), given, word.at);
            }
            Term::Pipe(_) | Term::Variable(..) | Term::Bool(_) | Term::Dot | Term::Nil => {}
            Term::Number(_) | Term::Text(_) => {}
        }
        if given.count() > 0 {
            let word = &self.tree.text[word.at.start..word.at.end];
            return Err(self.wrong(command.word.at, &format!("can't give argument to non-function {word}")));
        }
        match &word.term {
            Term::Pipe(pipe) => self.pipe(dot, pipe),
            Term::Variable(variable, _) => self.variable(*variable, word.at),
            Term::Nil => Err(self.wrong(word.at, "nil is not a command")),
            Term::Dot => Ok(dot.clone()),
            _ => self.argument(dot, word, Type::Any).map(Some),
        }
    }

    /// Evaluates what stands before the fields of a chain.
    fn base(&mut self, dot: &Evaluated, base: &'t Operand) -> Result<Evaluated, Fault> {
        match &base.term {
            Term::Function(callee) => self.function(dot, *callee, Given::nothing(base.at), base.at),
            Term::Pipe(pipe) => self.pipe(dot, pipe),
            _ => self.argument(dot, base, Type::Any).map(Some),
        }
    }

    fn variable(&self, variable: Variable, at: Span) -> Result<Evaluated, Fault> {
        self.get(variable).cloned().ok_or_else(|| self.undefined(variable, at))
    }

    /// Takes fields of fields; what is given goes to the last one, which must be a method then.
    fn fields(
        &mut self,
        dot: &Evaluated,
        (mut receiver, names): (Evaluated, &'t [Arc<str>]),
        given: Given<'t>,
        at: Span,
    ) -> Result<Evaluated, Fault> {
        let Some((last, names)) = names.split_last() else { return Ok(receiver) };
        let mut is_held = false;
        for name in names {
            let holds = matches!(receiver, Some(Value::Map(_)));
            receiver = self.field(dot, Access { receiver, is_held, name }, Given::NOTHING, at)?;
            is_held = holds;
        }
        self.field(dot, Access { receiver, is_held, name: last }, given, at)
    }

    fn field(
        &mut self,
        dot: &Evaluated,
        access: Access<'t>,
        given: Given<'t>,
        at: Span,
    ) -> Result<Evaluated, Fault> {
        let name = access.name;
        let found = match &access.receiver {
            None if self.options.missing == Missing::Error => {
                return Err(self.wrong(at, &format!("nil data; no entry for key {name:?}")));
            }
            None => return Ok(None),
            Some(Value::Nil) => {
                return Err(self.wrong(at, &format!("nil pointer evaluating interface {{}}.{name}")));
            }
            Some(Value::Map(map)) => map.get(name).ok_or(Value::Nil),
            Some(Value::Texts(texts)) => {
                texts.get(name).map(|text| Value::Text(text.clone())).ok_or_else(|| Value::text(""))
            }
            Some(Value::Object(object)) => {
                let arguments = self.arguments(dot, (&[], Some(Type::Any)), given)?;
                match object.call(name, &arguments) {
                    Some(result) => return self.called(name, result, at).map(Some),
                    None => return Err(self.no_field(&access, at)),
                }
            }
            Some(_) => return Err(self.no_field(&access, at)),
        };
        if given.count() > 0 {
            return Err(self.wrong(at, &format!("{name} is not a method but has arguments")));
        }
        match (found, self.options.missing) {
            (Ok(value), _) => Ok(Some(value)),
            (Err(zero), Missing::Zero) => Ok(Some(zero)),
            (Err(_), Missing::Nothing) => Ok(None),
            (Err(_), Missing::Error) => Err(self.wrong(at, &format!("map has no entry for key {name:?}"))),
        }
    }

    fn no_field(&self, access: &Access<'_>, at: Span) -> Fault {
        let Access { receiver, is_held, name } = access;
        let kind = receiver.as_ref().filter(|_| !is_held).map_or("interface {}", Value::type_name);
        self.wrong(at, &format!("can't evaluate field {name} in type {kind}"))
    }

    fn function(
        &mut self,
        dot: &Evaluated,
        callee: Callee,
        given: Given<'t>,
        at: Span,
    ) -> Result<Evaluated, Fault> {
        match callee {
            Callee::And => self.choose(dot, ("and", false), given, at),
            Callee::Or => self.choose(dot, ("or", true), given, at),
            Callee::Function(function) => {
                let command = given.at;
                self.check_count(function, &given, at)?;
                let arguments = self.arguments(dot, (function.fixed, function.variadic), given)?;
                self.cuts.check(function.name, &arguments)?;
                let result = match self.options.order {
                    Order::Sorted => (function.call)(&arguments),
                    Order::Shifted => in_other_order(function, &arguments),
                };
                if let Ok(made) = &result {
                    self.cuts.note(&arguments, made);
                }
                self.called(function.name, result, command).map(Some)
            }
        }
    }

    /// Gives the first argument whose truth is the wanted one, or else the last; evaluates no more than it must.
    fn choose(
        &mut self,
        dot: &Evaluated,
        (name, wanted): (&str, bool),
        given: Given<'t>,
        at: Span,
    ) -> Result<Evaluated, Fault> {
        if given.count() == 0 {
            return Err(self.wrong(at, &format!("wrong number of args for {name}: want at least 1 got 0")));
        }
        let mut value = None;
        for word in given.words {
            value = Some(self.argument(dot, word, Type::Any)?);
            if is_true(value.as_ref()) == wanted {
                return Ok(value);
            }
        }
        Ok(given.last.unwrap_or(value))
    }

    fn check_count(&self, function: &Function, given: &Given<'_>, at: Span) -> Result<(), Fault> {
        let (wanted, count) = (function.fixed.len(), given.count());
        let name = function.name;
        if function.variadic.is_some() && count < wanted {
            let got = given.words.len();
            let what = format!("wrong number of args for {name}: want at least {wanted} got {got}");
            return Err(self.wrong(at, &what));
        }
        if function.variadic.is_none() && count != wanted {
            return Err(
                self.wrong(at, &format!("wrong number of args for {name}: want {wanted} got {count}"))
            );
        }
        Ok(())
    }

    /// Evaluates what is given as the types of the parameters want it.
    fn arguments(
        &mut self,
        dot: &Evaluated,
        (fixed, variadic): (&[Type], Option<Type>),
        given: Given<'t>,
    ) -> Result<Vec<Value>, Fault> {
        let type_of = |index: usize| fixed.get(index).copied().or(variadic).unwrap_or(Type::Any);
        let mut values = Vec::with_capacity(given.count());
        for (index, word) in given.words.iter().enumerate() {
            values.push(self.argument(dot, word, type_of(index))?);
        }
        if let Some(last) = given.last {
            let at = given.words.last().map_or(given.at, |word| word.at);
            values.push(self.fitting(last, type_of(given.words.len()), at)?);
        }
        Ok(values)
    }

    /// Evaluates one word as the type of a parameter wants it.
    pub(super) fn argument(
        &mut self,
        dot: &Evaluated,
        word: &'t Operand,
        wanted: Type,
    ) -> Result<Value, Fault> {
        let at = word.at;
        let value = match &word.term {
            Term::Dot => dot.clone(),
            Term::Field(names) => self.fields(dot, (dot.clone(), names), Given::NOTHING, at)?,
            Term::Variable(variable, names) => {
                let receiver = self.variable(*variable, at)?;
                self.fields(dot, (receiver, names), Given::NOTHING, at)?
            }
            Term::Pipe(pipe) => self.pipe(dot, pipe)?,
            Term::Function(callee) => self.function(dot, *callee, Given::nothing(at), at)?,
            Term::Chain(base, names) => {
                let receiver = self.base(dot, base)?;
                self.fields(dot, (receiver, names), Given::NOTHING, word.last_word())?
            }
            Term::Nil | Term::Bool(_) | Term::Number(_) | Term::Text(_) => {
                return self.constant(word, wanted);
            }
        };
        self.fitting(value, wanted, word.last_word())
    }

    /// Takes what a function or a method gave.
    fn called(&mut self, name: &str, result: Result<Value, Fault>, at: Span) -> Result<Value, Fault> {
        match result {
            Ok(value) => {
                self.weigh(&value)?;
                Ok(value)
            }
            Err(Fault::Wrong(wrong)) => Err(self.wrong(at, &format!("error calling {name}: {wrong}"))),
            Err(refused @ Fault::Refused(_)) => Err(refused),
        }
    }
}
