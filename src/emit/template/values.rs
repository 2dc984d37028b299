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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::location::FileId;
    use crate::spec::yaml;

    fn compile(text: &str) -> Result<Values, Report> {
        let documents = yaml::parse(FileId(0), text.as_bytes(), yaml::Options::SPEC)?;
        Values::compile(&documents[0].root)
    }

    fn fill(text: &str) -> Result<Json, Report> {
        let cluster =
            json!({"name": "web", "replicas": 3, "labels": {"a": "x"}, "nothing": null, "zones": ["a"]});
        let variables = context::root([("cluster", context::plain(&cluster))]);
        compile(text)?.fill(&variables, Location::new(FileId(1), 0, 1))
    }

    #[test]
    fn strings_of_data_are_filled_by_the_rules_of_templates() -> Result<(), Report> {
        for (text, expected) in [
            ("a: ${{ cluster.replicas }}", json!({"a": 3})),
            ("a: \"${{ cluster.replicas }}\"", json!({"a": "3"})),
            (
                "a: ${{ cluster.name }}-x\nb: {c: ['${{ cluster.name }}', 1]}",
                json!({"a": "web-x", "b": {"c": ["web", 1]}}),
            ),
            ("a: ${{ cluster.labels }}", json!({"a": {"a": "x"}})),
            ("a:\n  b: ${{ cluster.nothing }}\nc: null\nd: []", json!({"d": []})),
            ("a: ${{ cluster.nothing }}", json!({})),
            ("${{ cluster.name }}: 1", json!({"web": 1})),
            (
                "a: |\n  #% for z in cluster.zones\n  - ${{ z }}\n  #% endfor\n  end\n",
                json!({"a": "- a\nend\n"}),
            ),
            ("a: |\n  #%% if\n  # ${{ cluster.name }}\n", json!({"a": "#% if\n# web\n"})),
            ("a: \"#% if\"\nb: '#%% x'", json!({"a": "#% if", "b": "#%% x"})),
            ("a: \"x\\n#% if ${{ cluster.name }}\"", json!({"a": "x\n#% if web"})),
        ] {
            assert_eq!(fill(text)?, expected, "{text}");
        }
        Ok(())
    }

    #[test]
    fn each_string_has_variables_and_statements_of_its_own() {
        let leaks = "a: |\n  #% set x = 1\n  y\nb: ${{ x }}";
        let opens = "a: |\n  #% if true\n  y\nb: |\n  #% endif\n";

        let leaks = fill(leaks).expect_err("because `x` is set elsewhere").diagnostics;
        let opens = fill(opens).expect_err("because statements do not cross strings").diagnostics;

        assert_eq!(leaks[0].message, "`x` is not defined");
        assert_eq!(leaks[0].location.map(|at| at.start), Some(27));
        let messages: Vec<_> = opens.iter().map(|found| &found.message[..]).collect();
        assert_eq!(messages, ["`#% if` is never closed", "`#% endif` closes nothing"]);
    }

    #[test]
    fn a_mistake_points_at_its_string_and_at_what_is_rendered() {
        for (text, rule, start) in [
            ("a: 1\nb: ${{ cluster.nam }}", "template-undefined", 8),
            ("a: 1\nb: x${{ cluster.labels }}", "template-text", 8),
            ("a: 1\nb: ${{ x y }}", "template-syntax", 8),
            ("${{ cluster.replicas }}: 1", "template-key", 0),
        ] {
            let found = fill(text).expect_err("because it is wrong").diagnostics;
            assert_eq!((found[0].rule, found[0].location.map(|at| at.start)), (rule, Some(start)), "{text}");
        }
    }

    #[test]
    fn data_says_which_variables_it_may_read() -> Result<(), Report> {
        for (text, expected) in [
            ("a: 1", &[][..]),
            ("a: ${{ 1 + 1 }}", &[]),
            ("a: ${{ cluster.name }}-${{ tenant.name }}", &["cluster.name", "tenant.name"]),
            ("a: ${{ cluster.kubernetes.minor | upper }}", &["cluster.kubernetes.minor"]),
            ("a: ${{ cluster['name'] }}", &["cluster"]),
            ("a: ${{ cluster.labels[fleet.key] }}", &["cluster.labels", "fleet.key"]),
            (
                "a: |\n  #% for p in cluster.nodePools\n  ${{ p.name }}${{ loop.index }}\n  #% endfor\n",
                &["cluster.nodePools"],
            ),
            ("a: |\n  #% set x = cluster\n  ${{ x.name }}\n", &["cluster"]),
            (
                "a: |\n  #% if cluster.a\n  #% set tenant = 1\n  #% endif\n  ${{ tenant }}\n",
                &["cluster.a", "tenant"],
            ),
            (
                "a: |\n  #% macro m(cluster)\n  ${{ cluster.name }}\n  #% endmacro\n  ${{ m(1) }}${{ range(2) }}\n",
                &[],
            ),
        ] {
            let values = compile(text)?;
            let reads: Vec<&str> = values.reads().iter().map(|path| &**path).collect();
            assert_eq!(reads, expected, "{text}");
        }
        Ok(())
    }

    #[test]
    fn statement_lines_outside_block_scalars_are_found_in_the_source() {
        let text =
            "a: |\n  #% if x\n  y\n  #% endif\n# a comment\n#% for x in y\nb: \"${{ '#' }}\"\n  #% endfor\n";

        let report = super::super::stray_statements(FileId(0), text, 100);

        let starts: Vec<_> =
            report.diagnostics.iter().filter_map(|found| found.location).map(|at| at.start).collect();
        assert_eq!(starts, [142, 174]);
    }
}
