//! Runs templates: the one place that minijinja's machine is driven from.
//!
//! What an expression prints is kept aside as it is, and a numbered hole is written in its place. Text that was
//! captured holds such holes already and is written as it is; minijinja marks it "safe", because escaping is on.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use minijinja::machinery::{self, CodeGenerator, Instructions};
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior};
use self_cell::self_cell;

use super::limits::{FUEL, RECURSION};
use super::read::Read;
use super::syntax::{self, Origins, Problem};
use super::{filter, hole};

/// A template ready to run.
pub(super) struct Engine {
    environment: Environment<'static>,
    code: Code,
}

/// What a template rendered to.
pub(super) struct Rendered {
    /// Text with holes.
    pub(super) text: String,
    /// The values of the holes, by number.
    pub(super) holes: Vec<Value>,
}

self_cell! {
    struct Code {
        owner: String,

        #[covariant]
        dependent: Program,
    }
}

struct Program<'a> {
    instructions: Instructions<'a>,
    blocks: BTreeMap<&'a str, Instructions<'a>>,
}

/// The values printed so far.
struct Holes(Vec<Value>);

impl Engine {
    /// Compiles what was read; returns with it the dotted paths that it reads from its variables.
    ///
    /// # Errors
    /// Returns everything that is wrong with the expressions, in the order of the source.
    pub(super) fn new(read: &Read, origins: Origins) -> Result<(Self, BTreeSet<String>), Vec<Problem>> {
        let mut reads = BTreeSet::new();
        let code = Code::try_new(read.source.clone(), |source| {
            let (statement, read) = syntax::weave(source, read.captures, origins)?;
            reads = read;
            let mut generator = CodeGenerator::new("template", source);
            generator.compile_stmt(&statement);
            let (instructions, blocks) = generator.finish();
            Ok::<_, Vec<Problem>>(Program { instructions, blocks })
        })?;
        Ok((Self { environment: environment(), code }, reads))
    }

    /// Renders with `variables`.
    ///
    /// # Errors
    /// Returns what minijinja found, with its place in the source.
    pub(super) fn render(&self, variables: Value) -> Result<Rendered, Error> {
        let program = self.code.borrow_dependent();
        let mut text = String::with_capacity(self.code.borrow_owner().len());
        let mut output = machinery::make_string_output(&mut text);
        let escape = AutoEscape::Custom(Cow::Borrowed("holes"));
        let evaluated = machinery::eval(
            &self.environment,
            &program.instructions,
            variables,
            &program.blocks,
            &mut output,
            escape,
        );
        let (_, mut state) = evaluated?;
        drop(output);
        let holes = state.get_extension_mut::<Holes>().map(|holes| std::mem::take(&mut holes.0));
        drop(state);
        Ok(Rendered { text, holes: holes.unwrap_or_default() })
    }

    /// Returns the source that the places of errors count in.
    pub(super) fn source(&self) -> &str {
        self.code.borrow_owner()
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").field("source", &self.source()).finish_non_exhaustive()
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Undefined values then know the name they were looked up by; nothing else of it is ever printed.
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    environment.set_formatter(keep);
    filter::install(&mut environment);
    environment
}

/// Keeps a value aside and writes its hole.
fn keep(output: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if let Some(captured) = value.as_str().filter(|_| value.is_safe()) {
        return Ok(output.write_str(captured)?);
    }
    let holes = state.get_or_insert_extension_with(|| Holes(Vec::with_capacity(256)));
    let number = holes.0.len();
    holes.0.push(value.clone());
    Ok(hole::write(output, number)?)
}
