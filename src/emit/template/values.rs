//! Data of a spec whose strings hold expressions: an addon's `values`, the objects and names of others.
//!
//! The data is YAML already, so only its strings are rendered, all of them in one go, each with variables of its own.
//! The rules of filling are those of templates. It must not read the spec's text.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::blame;
use super::context::{self, Misses};
use super::engine::Engine;
use super::fill::{Fault, Filler};
use super::hole;
use super::read::{self, Kind, Read};
use super::shape::{self, Emptied, LeafText, Plan, Scalar};
use super::syntax::Origins;
use super::{Value, place::Places};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::yaml::{Node, Style};

/// Data with expressions, compiled.
#[derive(Debug)]
pub struct Values {
    /// `None` where nothing remains of the data, whatever the variables are.
    shape: Option<(Json, Plan)>,
    /// `None` where no string holds an expression.
    engine: Option<Engine>,
    places: Places,
    reads: BTreeSet<String>,
}

impl Values {
    /// Compiles `node`: strings that hold `${{`, keys included, and block scalars that hold statement lines.
    ///
    /// # Errors
    /// Reports every statement and expression that cannot be read, each at its string.
    pub fn compile(node: &Node) -> Result<Self, Report> {
        let mut read = Read::default();
        let mut texts = 0;
        let shape = shape::build(node, Emptied::Goes, &mut |scalar: &Scalar<'_>| {
            let kind = if scalar.style == Style::Block { Kind::Block } else { Kind::Scalar };
            if !read::is_template(scalar.text, kind) {
                return None;
            }
            read.scalar(scalar.text, kind, scalar.at);
            texts += 1;
            Some(LeafText::Rendered(texts - 1, scalar.style))
        });
        if !read.report.is_empty() {
            return Err(read.report);
        }
        if texts == 0 {
            return Ok(Self { shape, engine: None, places: Places::default(), reads: BTreeSet::new() });
        }
        match Engine::new(&read, Origins::Silent) {
            Ok((engine, reads)) => Ok(Self { shape, engine: Some(engine), places: read.places, reads }),
            Err(problems) => Err(blame::problems(problems, &read.places)),
        }
    }

    /// Returns the dotted paths of what the expressions may read: `cluster.name`, `cluster.nodePools`; `cluster`
    /// itself where it is used as a whole or by a computed key. Empty where the data depends on nothing.
    pub fn reads(&self) -> &BTreeSet<String> {
        &self.reads
    }

    /// Fills the data with `variables`; an empty map where nothing remains.
    ///
    /// `spec` is what is being rendered, for messages.
    ///
    /// # Errors
    /// Reports the first expression that has no value, or every value that cannot stand where its expression does;
    /// each at its string and at `spec`.
    pub fn fill(&self, variables: &Value, spec: Location) -> Result<Json, Report> {
        let Some((prototype, plan)) = &self.shape else { return Ok(Json::Object(Map::new())) };
        let Some(engine) = &self.engine else { return Ok(prototype.clone()) };
        let rendered = engine.render(variables.clone()).map_err(|error| {
            let misses = Misses::default();
            let again = engine.render(context::watched(variables.clone(), &misses));
            blame::rendering(&again.err().unwrap_or(error), &self.places, &misses, spec)
        })?;
        let texts: Vec<&str> = rendered.text.split(hole::BETWEEN).skip(1).collect();
        let mut filler = Filler::new(&rendered.holes, &texts);
        let filled = filler.fill(prototype, plan);
        if filler.faults.is_empty() {
            return Ok(filled.unwrap_or_else(|| Json::Object(Map::new())));
        }
        Err(Report { diagnostics: filler.faults.iter().map(|fault| diagnostic(fault, spec)).collect() })
    }
}

fn diagnostic(fault: &Fault, spec: Location) -> Diagnostic {
    let diagnostic = blame::refused(&fault.refusal, fault.at);
    let diagnostic = match fault.related {
        Some(other) => diagnostic.related(other, "the other one"),
        None => diagnostic,
    };
    diagnostic.related(spec, "while this was rendered")
}
