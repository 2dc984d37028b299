//! Walks the nodes of a template and writes what they give.
//!
//! Blocks and templates in execution are frames on a list, so that no template exhausts the stack.

mod turns;

use self::turns::Turns;
use super::Options;
use super::cut::Cuts;
use super::parse::MAIN;
use super::tree::{Branch, ListId, Node, Pipe, Span, Tree, Variable};
use crate::argocd::Fault;
use crate::argocd::go::print;
use crate::argocd::go::value::Value;

/// What an expression comes to: Go's `reflect.Value`. `None` is its zero, where there is nothing, not even a nil;
/// [`Value::Nil`] is the nil that a map or a list holds.
pub(super) type Evaluated = Option<Value>;

/// How many templates may be in execution within each other, as in Go.
const MOST_TEMPLATES: usize = 100_000;

/// How much a template may write, in bytes.
const MOST_OUTPUT: usize = 16 << 20;

/// How many steps a template may take; a step is a node, a word, or sixteen bytes that a function made.
const MOST_STEPS: u64 = 20_000_000;

/// The place of what has none.
pub(super) const START: Span = Span { start: 0, end: 0, place: 0 };

/// Fills a template.
///
/// # Errors
/// Says what Go says, and which bound was exceeded.
pub(super) fn run(tree: &Tree, options: Options, parameters: &Value) -> Result<String, Fault> {
    let mut run = Run {
        tree,
        options,
        output: String::with_capacity(tree.text.len()),
        variables: Vec::new(),
        base: 0,
        name: MAIN,
        templates: 0,
        frames: Vec::new(),
        steps: 0,
        cuts: Cuts::default(),
    };
    let main = tree.templates.get(MAIN).copied().unwrap_or(ListId(0));
    run.call(MAIN, main, Some(parameters.clone()))?;
    run.walk()?;
    Ok(run.output)
}

/// A template in execution.
pub(super) struct Run<'t> {
    pub tree: &'t Tree,
    pub options: Options,
    output: String,
    /// The variables that are there, of all templates in execution, the newest last.
    variables: Vec<(Variable, Evaluated)>,
    /// Where those of the current template begin.
    base: usize,
    /// The name of the current template.
    name: &'t str,
    templates: usize,
    frames: Vec<Frame<'t>>,
    steps: u64,
    pub cuts: Cuts,
}

/// A list of nodes in execution.
struct Frame<'t> {
    list: &'t [Node],
    next: usize,
    dot: Evaluated,
    /// How many variables there were before.
    mark: usize,
    kind: Kind<'t>,
}

enum Kind<'t> {
    Block,
    Template {
        base: usize,
        name: &'t str,
    },
    Loop {
        turns: Turns,
        /// How many variables there are before the body of the loop makes some.
        mark: usize,
        pipe: &'t Pipe,
    },
}

impl<'t> Run<'t> {
    fn walk(&mut self) -> Result<(), Fault> {
        while let Some(frame) = self.frames.last_mut() {
            self.steps += 1;
            let Some(node) = frame.list.get(frame.next) else {
                self.finish()?;
                continue;
            };
            frame.next += 1;
            match node {
                Node::Text(span) => self.write(&self.tree.text[span.start..span.end])?,
                Node::Break => self.leave_loop(),
                Node::Continue => self.continue_loop(),
                Node::Action(pipe) => {
                    let dot = frame.dot.clone();
                    let value = self.pipe(&dot, pipe)?;
                    if pipe.variables.is_empty() {
                        self.print(value)?;
                    }
                }
                Node::If(branch) => self.branch(branch, Scope::Same)?,
                Node::With(branch) => self.branch(branch, Scope::Value)?,
                Node::Range(branch) => self.range(branch)?,
                Node::Template { at, name, pipe } => self.template(*at, name, pipe.as_ref())?,
            }
        }
        Ok(())
    }

    fn dot(&self) -> Evaluated {
        self.frames.last().and_then(|frame| frame.dot.clone())
    }

    /// Ends a list: a loop goes on with its next item.
    fn finish(&mut self) -> Result<(), Fault> {
        self.check_steps()?;
        if self.next_item() {
            return Ok(());
        }
        if let Some(frame) = self.frames.pop() {
            self.variables.truncate(frame.mark);
            if let Kind::Template { base, name } = frame.kind {
                self.base = base;
                self.name = name;
                self.templates -= 1;
            }
        }
        Ok(())
    }

    /// Begins the next turn of the loop that is the newest frame, if it is one and there is a further item.
    fn next_item(&mut self) -> bool {
        let Some(frame) = self.frames.last_mut() else { return false };
        let Kind::Loop { turns, mark, pipe } = &mut frame.kind else { return false };
        let Some((index, item)) = turns.next() else { return false };
        let (mark, pipe) = (*mark, *pipe);
        frame.next = 0;
        frame.dot = Some(item.clone());
        self.variables.truncate(mark);
        let declared = mark.saturating_sub(pipe.variables.len());
        let mut give = |place: usize, variable: Variable, value: Evaluated| {
            if pipe.assigns {
                self.set(variable, value);
            } else {
                self.variables[declared + place].1 = value;
            }
        };
        match pipe.variables[..] {
            [] => {}
            [variable] => give(0, variable, Some(item)),
            [first, second, ..] => {
                give(0, first, index);
                give(1, second, Some(item));
            }
        }
        true
    }

    fn leave_loop(&mut self) {
        while let Some(frame) = self.frames.pop() {
            if let Kind::Loop { .. } = frame.kind {
                self.variables.truncate(frame.mark);
                return;
            }
        }
    }

    fn continue_loop(&mut self) {
        while let Some(frame) = self.frames.last_mut() {
            if let Kind::Loop { .. } = frame.kind {
                frame.next = frame.list.len();
                return;
            }
            self.frames.pop();
        }
    }

    fn branch(&mut self, branch: &'t Branch, scope: Scope) -> Result<(), Fault> {
        let mark = self.variables.len();
        let dot = self.dot();
        let value = self.pipe(&dot, &branch.pipe)?;
        let holds = is_true(value.as_ref());
        let list = if holds { Some(branch.then) } else { branch.otherwise };
        let dot = if holds && scope == Scope::Value { value } else { dot };
        self.enter(list, dot, mark);
        Ok(())
    }

    /// Begins a list that is no loop, or undoes what was made for it where there is none.
    fn enter(&mut self, list: Option<ListId>, dot: Evaluated, mark: usize) {
        match list {
            Some(list) => {
                let list = self.list(list);
                self.frames.push(Frame { list, next: 0, dot, mark, kind: Kind::Block });
            }
            None => self.variables.truncate(mark),
        }
    }

    fn list(&self, list: ListId) -> &'t [Node] {
        &self.tree.lists[list.0]
    }

    fn range(&mut self, branch: &'t Branch) -> Result<(), Fault> {
        let outer = self.variables.len();
        let dot = self.dot();
        let value = self.pipe(&dot, &branch.pipe)?;
        let mark = self.variables.len();
        let turns = match Turns::over(value, branch.pipe.variables.len()) {
            Ok(turns) => turns,
            Err(what) => return Err(self.wrong(branch.pipe.last_word(), &what)),
        };
        let kind = Kind::Loop { turns, mark, pipe: &branch.pipe };
        self.frames.push(Frame { list: self.list(branch.then), next: 0, dot: None, mark: outer, kind });
        if !self.next_item() {
            self.frames.pop();
            self.enter(branch.otherwise, dot, outer);
        }
        Ok(())
    }

    fn template(&mut self, at: Span, name: &'t str, pipe: Option<&'t Pipe>) -> Result<(), Fault> {
        let Some(list) = self.tree.templates.get(name).copied() else {
            return Err(self.wrong(at, &format!("template {name:?} not defined")));
        };
        if self.templates > MOST_TEMPLATES {
            return Err(self.wrong(at, &format!("exceeded maximum template depth ({MOST_TEMPLATES})")));
        }
        let dot = match pipe {
            Some(pipe) => {
                let dot = self.dot();
                self.pipe(&dot, pipe)?
            }
            None => None,
        };
        self.call(name, list, dot)
    }

    fn call(&mut self, name: &'t str, list: ListId, dot: Evaluated) -> Result<(), Fault> {
        let kind = Kind::Template { base: self.base, name: self.name };
        let mark = self.variables.len();
        self.base = mark;
        self.name = name;
        self.templates += 1;
        self.variables.push((Variable::DATA, dot.clone()));
        self.frames.push(Frame { list: self.list(list), next: 0, dot, mark, kind });
        Ok(())
    }

    /// Declares a variable.
    pub fn declare(&mut self, variable: Variable, value: Evaluated) {
        self.variables.push((variable, value));
    }

    /// Sets a variable that is there, and says whether it is.
    pub fn set(&mut self, variable: Variable, value: Evaluated) -> bool {
        let there = self.variables[self.base..].iter_mut().rev().find(|(known, _)| *known == variable);
        there.map(|there| there.1 = value).is_some()
    }

    /// Returns the value of a variable; `None` where it is not there, because what declares it never ran.
    pub fn get(&self, variable: Variable) -> Option<&Evaluated> {
        let there = self.variables[self.base..].iter().rev().find(|(known, _)| *known == variable);
        there.map(|(_, value)| value)
    }

    fn print(&mut self, value: Evaluated) -> Result<(), Fault> {
        match value {
            None | Some(Value::Nil) => self.write("<no value>"),
            Some(Value::Text(text)) => self.write(&text),
            Some(value) => {
                let text = print::sprint(&[value])?;
                self.write(&text)
            }
        }
    }

    fn write(&mut self, text: &str) -> Result<(), Fault> {
        if self.output.len() + text.len() > MOST_OUTPUT {
            return Err(Fault::refused(format!(
                "a template that writes more than {} MiB is not supported",
                MOST_OUTPUT >> 20
            )));
        }
        self.output.push_str(text);
        Ok(())
    }

    /// Counts work that was done.
    ///
    /// # Errors
    /// Fails where it was too much.
    pub fn spend(&mut self, steps: usize) -> Result<(), Fault> {
        self.steps += u64::try_from(steps).unwrap_or(u64::MAX);
        self.check_steps()
    }

    fn check_steps(&self) -> Result<(), Fault> {
        if self.steps > MOST_STEPS {
            return Err(Fault::refused(format!(
                "a template that takes more than {MOST_STEPS} steps is not supported"
            )));
        }
        Ok(())
    }

    /// Says what is wrong at a place, as Go says it.
    pub fn wrong(&self, at: Span, what: &str) -> Fault {
        let before = &self.tree.text[..at.place];
        let line = before.matches('\n').count() + 1;
        let column = at.place - before.rfind('\n').map_or(0, |newline| newline + 1);
        let context = &self.tree.text[at.start..at.end];
        // Go shows a whole action as it would write it.
        let action = context.strip_prefix("{{").and_then(|inner| inner.strip_suffix("}}"));
        let action = action.map(|inner| format!("{{{{{}}}}}", inner.trim_matches(['-', ' '])));
        let context = action.as_deref().unwrap_or(context);
        Fault::wrong(format!(
            "template: {MAIN}:{line}:{column}: executing {:?} at <{context}>: {what}",
            self.name
        ))
    }
}

/// What dot is within a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Same,
    Value,
}

/// Says whether `if` holds: what is empty, zero or not there is false.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Nil) => false,
        Some(Value::Bool(holds)) => *holds,
        Some(Value::Int(number) | Value::Int64(number)) => *number != 0,
        Some(Value::Byte(byte)) => *byte != 0,
        Some(Value::Uint64(number)) => *number != 0,
        Some(Value::Float(number)) => *number != 0.0,
        Some(Value::Text(text)) => !text.is_empty(),
        Some(Value::List(list)) => !list.items.is_empty(),
        Some(Value::Map(map)) => !map.0.borrow().is_empty(),
        Some(Value::Texts(texts)) => !texts.is_empty(),
        Some(Value::Object(_)) => true,
    }
}
