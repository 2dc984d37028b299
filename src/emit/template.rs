//! Templates of Kubernetes objects, filled rather than pasted.
//!
//! A template stays a YAML file: expressions are `${{ … }}`, statements stand on lines of their own behind `#% `. It
//! is rendered with a numbered hole for every value, the text with its holes is parsed as YAML once for every shape,
//! and the values are put into the tree. So a value can never become structure, and its type survives.
//!
//! The way of a template: [`read`] cuts the text up, [`syntax`] checks and rewrites its expressions, [`engine`] runs
//! it, [`shape`] parses the result, [`fill`] puts the values in; [`context`] is what expressions see, and [`blame`]
//! says what went wrong. Nothing here knows what the objects mean.

pub mod context;

mod blame;
mod data;
mod engine;
mod fill;
mod filter;
mod hole;
mod limits;
mod place;
mod read;
mod refusal;
mod shape;
mod statement;
mod syntax;
mod values;
mod yaml_line;

use std::collections::BTreeSet;
use std::sync::OnceLock;

pub use minijinja::Value;
pub use read::stray_statements;
pub use shape::Shapes;
pub use values::Values;

use crate::diagnostic::{Diagnostic, Report};
use crate::location::{FileId, Location};
use crate::spec::yaml;
use blame::Origins;
use context::Misses;
use engine::{Engine, Rendered};
use fill::Filler;
use limits::{SKELETON, SKELETON_BYTES};
use read::Read;

/// A template file, compiled.
#[derive(Debug)]
pub struct Template {
    file: FileId,
    engine: Engine,
    read: Read,
    reads: BTreeSet<String>,
    /// Renders with notes on where text came from; made when something is wrong for the first time.
    noted: OnceLock<Option<Engine>>,
}

/// An object that a template made.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// The object.
    pub body: serde_json::Value,
    /// Where it begins in the template.
    pub origin: Location,
}

impl Template {
    /// Compiles the text of `file`.
    ///
    /// # Errors
    /// Reports every statement line and every expression that cannot be read, each at its place.
    pub fn compile(file: FileId, text: &str) -> Result<Self, Report> {
        let read = read::file(file, text);
        if !read.report.is_empty() {
            return Err(read.report);
        }
        match Engine::new(&read, syntax::Origins::Silent) {
            Ok((engine, reads)) => Ok(Self { file, engine, read, reads, noted: OnceLock::new() }),
            Err(problems) => Err(blame::problems(problems, &read.places)),
        }
    }

    /// Renders the template with `variables` and returns its objects, in order; documents left empty make none.
    ///
    /// `spec` is what is being rendered, for messages.
    ///
    /// # Errors
    /// Reports the first expression that has no value, or everything that is wrong with the text as YAML, or every
    /// value that cannot stand where its expression does; each at the template's line and at `spec`.
    pub fn fill(&self, variables: &Value, spec: Location, shapes: &Shapes) -> Result<Vec<Filled>, Report> {
        let rendered = self.render(variables, spec)?;
        let shape = shapes.of(rendered.text).map_err(|report| {
            let origins = self.origins(variables);
            let moved = report.diagnostics.into_iter().map(|diagnostic| origins.relocate(diagnostic, spec));
            Report { diagnostics: moved.collect() }
        })?;
        let mut filler = Filler::new(&rendered.holes, &[]);
        let mut filled = Vec::with_capacity(shape.documents.len());
        for document in &shape.documents {
            if let Some(body) = filler.fill(&document.prototype, &document.plan) {
                filled.push(Filled { body, origin: self.origin(document.begins) });
            }
        }
        if filler.faults.is_empty() {
            return Ok(filled);
        }
        let origins = self.origins(variables);
        let diagnostics = filler.faults.iter().map(|fault| origins.fault(fault, spec)).collect();
        Err(Report { diagnostics })
    }

    /// Returns the dotted paths of what the expressions may read, as [`Values::reads`] does.
    pub fn reads(&self) -> &BTreeSet<String> {
        &self.reads
    }

    /// Returns the template's file.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Returns where the template has a field of the object that is number `wanted` of what [`Template::fill`] returns,
    /// or of what holds it as far as that stands in the template: a value fills the place of its expression.
    ///
    /// `steps` are keys of maps and numbers of items. `None` where the template cannot be filled.
    pub fn locate(&self, variables: &Value, wanted: usize, steps: &[String]) -> Option<Location> {
        let rendered = self.render(variables, Location::start_of(self.file)).ok()?;
        let shape = Shapes::default().of(rendered.text).ok()?;
        let mut filler = Filler::new(&rendered.holes, &[]);
        let mut made = shape.documents.iter().filter(|one| filler.fill(&one.prototype, &one.plan).is_some());
        let starts = made.nth(wanted)?.starts;
        let parsed = yaml::parse(FileId(0), shape.skeleton.as_bytes(), SKELETON).ok()?;
        let root = parsed.into_iter().find(|document| document.root.location.start == starts)?.root;
        let (mut node, mut at) = (&root, root.location);
        for step in steps {
            let found = match &node.kind {
                yaml::Kind::Map { entries, .. } => {
                    let entry = entries.iter().find(|entry| *entry.key == **step);
                    entry.map(|entry| (&entry.value, entry.key_location))
                }
                yaml::Kind::List { items, .. } => step
                    .parse::<usize>()
                    .ok()
                    .and_then(|number| items.get(number))
                    .map(|item| (item, item.location)),
                yaml::Kind::Scalar { .. } => None,
            };
            let Some((next, place)) = found else { break };
            (node, at) = (next, place);
        }
        Some(self.origins(variables).location(at))
    }

    fn render(&self, variables: &Value, spec: Location) -> Result<Rendered, Report> {
        let rendered = self.engine.render(variables.clone()).map_err(|error| {
            let misses = Misses::default();
            // The same error once more, with an eye on what was asked for in vain.
            let again = self.engine.render(context::watched(variables.clone(), &misses));
            blame::rendering(&again.err().unwrap_or(error), &self.read.places, &misses, spec)
        })?;
        if rendered.text.len() > SKELETON_BYTES {
            let message =
                format!("the template renders to more than the limit of {} MiB", SKELETON_BYTES >> 20);
            let diagnostic = Diagnostic::error("template-limit", Location::start_of(self.file), message);
            return Err(diagnostic.related(spec, "while this was rendered").into());
        }
        Ok(rendered)
    }

    fn origins(&self, variables: &Value) -> Origins<'_> {
        let noted = self
            .noted
            .get_or_init(|| Engine::new(&self.read, syntax::Origins::Noted).ok().map(|(engine, _)| engine));
        let rendered = noted.as_ref().and_then(|engine| engine.render(variables.clone()).ok());
        Origins::new(&rendered.map(|rendered| rendered.text).unwrap_or_default(), &self.read.places)
    }

    fn origin(&self, begins: Option<u32>) -> Location {
        let begins = begins.map(|offset| offset as usize).or_else(|| Some(self.read.first?.start as usize));
        begins.map_or(Location::start_of(self.file), |offset| Location::new(self.file, offset, offset))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::location::Sources;
    use crate::tree::RepoPath;

    /// A template as the first file of a repository, and a spec as the second.
    struct Case {
        sources: Sources,
        template: FileId,
        spec: Location,
    }

    impl Case {
        fn of(text: &str) -> Self {
            let mut sources = Sources::default();
            let path = |path| RepoPath::new(path).expect("because the path is confined");
            let template = sources.add(path("templates/x/a.yaml.j2"), Arc::from(text.as_bytes()));
            let spec = sources.add(path("clusters/a.yaml"), Arc::from(&b"name: a\n"[..]));
            Self { sources, template, spec: Location::new(spec, 0, 7) }
        }
    }

    fn variables() -> Json {
        json!({
            "name": "web", "count": 3, "half": 0.5, "yes": true, "no": false, "nothing": null, "empty": "",
            "list": ["a", "b"], "bare": [], "map": {"b": 1, "a": "x"}, "hollow": {}, "deep": {"a": null, "b": [null, 1]},
            "lines": "one\ntwo: 2\n", "evil": "a\nkind: Secret", "flag": "--- # {{ x }} #% if ${{ y }}",
            "pools": [{"name": "p1", "size": 1}, {"name": "p2", "size": null}],
        })
    }

    fn objects(text: &str) -> Result<Json, String> {
        objects_with(text, &variables())
    }

    fn objects_with(text: &str, variables: &Json) -> Result<Json, String> {
        let case = Case::of(text);
        let describe = |report: Report| report.to_text(&case.sources, crate::diagnostic::Color::Never);
        let template = Template::compile(case.template, text).map_err(describe)?;
        let variables = context::plain(variables);
        let filled = template.fill(&variables, case.spec, &Shapes::default()).map_err(describe)?;
        Ok(filled.into_iter().map(|filled| filled.body).collect())
    }

    /// Returns `rule line: message` of every finding, with the lines of what is related in brackets.
    fn findings(text: &str) -> Vec<String> {
        let case = Case::of(text);
        let report = match Template::compile(case.template, text) {
            Err(report) => report,
            Ok(template) => {
                let variables = context::plain(&variables());
                match template.fill(&variables, case.spec, &Shapes::default()) {
                    Err(report) => report,
                    Ok(_) => return Vec::new(),
                }
            }
        };
        let line =
            |at: Location| (at.file == case.template).then(|| case.sources.position(at).line.to_string());
        let finding = |found: &Diagnostic| {
            let at = found.location.and_then(line).unwrap_or_else(|| "spec".to_owned());
            let related: Vec<_> = found.related.iter().filter_map(|(at, _)| line(*at)).collect();
            let related =
                if related.is_empty() { String::new() } else { format!(" [{}]", related.join(",")) };
            format!("{} {at}{related}: {}", found.rule, found.message)
        };
        report.diagnostics.iter().map(finding).collect()
    }

    fn fills(cases: &[(&str, Json)]) {
        for (text, expected) in cases {
            assert_eq!(objects(text), Ok(json!([expected])), "{text}");
        }
    }

    #[test]
    fn a_plain_scalar_that_is_one_expression_keeps_its_type() {
        fills(&[
            ("a: ${{ name }}", json!({"a": "web"})),
            ("a: ${{ count }}", json!({"a": 3})),
            ("a: ${{ half }}", json!({"a": 0.5})),
            ("a: ${{ yes }}", json!({"a": true})),
            ("a: ${{ list }}", json!({"a": ["a", "b"]})),
            ("a: ${{ map }}", json!({"a": {"a": "x", "b": 1}})),
            ("a:\n- ${{ count }}\n- ${{ name }}", json!({"a": [3, "web"]})),
            ("a: ${{ count + 1 }}  # a comment", json!({"a": 4})),
            ("a: ${{\n  count\n  }}\nb: 1", json!({"a": 3, "b": 1})),
            ("a: ${{ '007' }}", json!({"a": "007"})),
            ("a: ${{ \"}}\" }}", json!({"a": "}}"})),
            ("a: ${{ {'b': {'c': 1}} }}", json!({"a": {"b": {"c": 1}}})),
        ]);
    }

    #[test]
    fn in_quotes_in_a_block_scalar_and_among_text_a_value_is_text() {
        fills(&[
            ("a: \"${{ count }}\"", json!({"a": "3"})),
            ("a: '${{ yes }}'", json!({"a": "true"})),
            ("a: ${{ name }}-${{ count }}", json!({"a": "web-3"})),
            ("a: 1${{ count }}", json!({"a": "13"})),
            ("a: |\n  x ${{ no }}\n", json!({"a": "x false\n"})),
            ("a: >-\n  x\n  ${{ half }}\n", json!({"a": "x 0.5"})),
            ("a: ${{ 'x' ~ yes ~ 1 ~ 1.5 }}", json!({"a": "xtrue11.5"})),
            ("a: ${{ [true, 1, 'x'] | join('-') }}", json!({"a": "true-1-x"})),
            ("a: ${{ yes | string }} ${{ '%s' | format(no) }}", json!({"a": "true false"})),
            ("a: ${{ true | replace('t', 'T') }}${{ false | trim }}", json!({"a": "Truefalse"})),
        ]);
        for (text, line) in [
            ("a: 1\nb: x${{ nothing }}", 2),
            ("a: |\n  x\n  ${{ list }}\n", 3),
            ("a: \"${{ map }}\"", 1),
            ("a: x\nb:\n- y ${{ 1 if no }}", 3),
        ] {
            let found = findings(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].starts_with(&format!("template-text {line}: ")), "{text}: {found:?}");
        }
        for text in ["a: ${{ 'x' ~ nothing }}", "a: ${{ [list] | join }}", "a: ${{ nothing | upper }}"] {
            assert!(findings(text)[0].starts_with("template-text 1: "), "{text}");
        }
    }

    #[test]
    fn lists_are_walked_side_by_side_and_rid_of_repeats() {
        fills(&[
            ("a: ${{ list | zip([1, 2]) | map('join', '=') | join(',') }}", json!({"a": "a=1,b=2"})),
            ("a: ${{ (list + ['a']) | unique | list }}", json!({"a": ["a", "b"]})),
        ]);
    }

    #[test]
    fn null_removes_the_key_or_item_wherever_it_comes_from() {
        fills(&[
            ("a: ${{ nothing }}\nb: 1", json!({"b": 1})),
            ("a: null\nb: ~\nc:\nd: 1", json!({"d": 1})),
            ("a:\n- ${{ nothing }}\n- 1\n-\n", json!({"a": [1]})),
            ("a: ${{ deep }}", json!({"a": {"b": [1]}})),
            ("a: {b: null, c: 1}\nd: [null, 2]", json!({"a": {"c": 1}, "d": [2]})),
            ("a: ${{ 1 if no }}\nb: 1", json!({"b": 1})),
        ]);
    }

    #[test]
    fn block_maps_and_lists_left_without_entries_go_too_upwards() {
        fills(&[
            ("a:\n  b:\n    c: ${{ nothing }}\nd: 1", json!({"d": 1})),
            ("a:\n  b:\n  - ${{ nothing }}\nd: 1", json!({"d": 1})),
            (
                "a:\n  labels:\n#% for x in bare\n    - ${{ x }}\n#% endfor\n  e: 1\nd: 1",
                json!({"a": {"e": 1}, "d": 1}),
            ),
            ("a:\n- b: ${{ nothing }}\n- c: 1", json!({"a": [{"c": 1}]})),
            ("a:\n  b: null\nd: 1", json!({"d": 1})),
        ]);
        assert_eq!(
            objects("a: ${{ nothing }}\n---\nb: 1\n---\n#% if no\nc: 1\n#% endif\n"),
            Ok(json!([{"b": 1}]))
        );
    }

    #[test]
    fn literal_braces_stay_and_what_was_filled_in_empty_stays_unless_omitted() {
        fills(&[
            ("a: {}\nb: []", json!({"a": {}, "b": []})),
            ("a:\n  b: {}", json!({"a": {"b": {}}})),
            ("a: ${{ empty }}\nb: ${{ bare }}\nc: ${{ hollow }}", json!({"a": "", "b": [], "c": {}})),
            (
                "a: ${{ empty | omit_empty }}\nb: ${{ bare | omit_empty }}\nc: ${{ hollow | omit_empty }}\nd: ${{ name | omit_empty }}\ne: ${{ count | omit_empty }}",
                json!({"d": "web", "e": 3}),
            ),
            ("a:\n  b: ${{ hollow | omit_empty }}\nc: 1", json!({"c": 1})),
            ("a: {b: null}", json!({"a": {}})),
        ]);
    }

    #[test]
    fn a_value_never_becomes_structure() {
        fills(&[
            ("a: ${{ evil }}\nb: x ${{ evil }}", json!({"a": "a\nkind: Secret", "b": "x a\nkind: Secret"})),
            ("a: ${{ flag }}", json!({"a": "--- # {{ x }} #% if ${{ y }}"})),
            ("a: |\n  ${{ lines }}end\n", json!({"a": "one\ntwo: 2\nend\n"})),
            ("a: >\n  ${{ lines }}\n", json!({"a": "one\ntwo: 2\n\n"})),
            ("${{ evil }}: 1", json!({"a\nkind: Secret": 1})),
        ]);
    }

    #[test]
    fn keys_fill_to_text_and_must_differ() {
        fills(&[
            ("${{ name }}: 1\n${{ name }}-${{ count }}: 2", json!({"web": 1, "web-3": 2})),
            ("\"${{ count }}\": 1", json!({"3": 1})),
            (
                "a:\n#% for key, value in map | items\n  ${{ key }}: ${{ value }}\n#% endfor\n",
                json!({"a": {"a": "x", "b": 1}}),
            ),
            ("${{ name }}: ${{ nothing }}\nb: 1", json!({"b": 1})),
        ]);
        let equal = "a: 1\nb:\n  web: 1\n  x: 2\n  ${{ name }}: 3\n";
        assert_eq!(
            findings(equal),
            ["template-key 5 [3]: two keys of one map are equal once they are filled"]
        );
        assert_eq!(
            findings("a: 1\n${{ count }}: 2"),
            ["template-key 2: a key must be text, and this is a number"]
        );
        assert_eq!(findings("${{ nothing }}: 2"), ["template-key 1: a key must be text, and this is null"]);
        assert!(findings("a: 1\nb: 2\na: 3")[0].starts_with("yaml-duplicate-key 3 [1]: "));
    }

    #[test]
    fn merge_keys_need_a_literal_map_or_an_alias() {
        fills(&[(
            "x: &x\n  a: ${{ count }}\nz:\n  <<: *x\n  b: 1",
            json!({"x": {"a": 3}, "z": {"b": 1, "a": 3}}),
        )]);
        let expected = ["template-structure 2: `<<` needs a map that is written out, or an alias"];
        assert_eq!(findings("a:\n  <<: ${{ map }}"), expected);
    }

    #[test]
    fn bare_expressions_in_braces_and_brackets_are_refused_and_quoted_ones_are_text() {
        fills(&[(
            "a: [\"${{ count }}\", 'x']\nb: {c: \"${{ name }}\"}",
            json!({"a": ["3", "x"], "b": {"c": "web"}}),
        )]);
        let expected = ["template-structure 2: a bare expression cannot stand in `{}` or `[]`"];
        for text in ["x: 1\na: [${{ count }}]", "x: 1\na: {b: ${{ count }}}", "x: 1\na: {${{ name }}: 1}"] {
            assert_eq!(findings(text), expected, "{text}");
        }
    }

    #[test]
    fn statement_lines_go_with_their_line_ends_wherever_they_stand() {
        fills(&[
            ("#% if yes\na: 1\n#% else\na: 2\n#% endif", json!({"a": 1})),
            (
                "a: |\n  one\n  #% for x in list\n  ${{ x }}\n  #% endfor\n  two\n",
                json!({"a": "one\na\nb\ntwo\n"}),
            ),
            (
                "a: |\n  one\n#% if no\n  two\n#% elif yes\n  three\n#% endif\nb: 1",
                json!({"a": "one\nthree\n", "b": 1}),
            ),
            ("\t#% set x = 1\na: ${{ x }}", json!({"a": 1})),
            ("#% set x = count * 2\r\na: ${{ x }}\r\nb: |\r\n  x\r\n  y\r\n", json!({"a": 6, "b": "x\ny\n"})),
            (
                "a: |\n  #%% if x\n  #%PAM-1.0\n  ${x#%%}\n  x #% if\n",
                json!({"a": "#% if x\n#%PAM-1.0\n${x#%%}\nx #% if\n"}),
            ),
        ]);
        assert_eq!(
            findings("a: 1\n#% include \"x\"\n#% raw\n"),
            [
                "template-statement 2: `#% include` is no statement",
                "template-statement 3: `#% raw` is no statement",
            ]
        );
        assert_eq!(
            findings("#% if yes\na: 1\n#%endif\n"),
            ["template-statement 3: `#%endif` is a comment", "template-statement 1: `#% if` is never closed",]
        );
    }

    #[test]
    fn comments_are_yaml_comments_and_their_expressions_are_not_evaluated() {
        fills(&[
            ("# ${{ missing }} ${{ ( }}\na: 1 # ${{ missing", json!({"a": 1})),
            ("a: |\n  # ${{ name }}\n", json!({"a": "# web\n"})),
            ("a: \"x # ${{ name }}\"", json!({"a": "x # web"})),
            ("a: \"x\n  # ${{ name }}\"", json!({"a": "x # web"})),
            ("a: x#${{ name }}", json!({"a": "x#web"})),
        ]);
    }

    #[test]
    fn what_other_tools_fill_in_passes_untouched() {
        let script = "a: |\n  ## template: jinja\n  {{ ds.meta_data.local_hostname }} {% if x %} {# y #} %} {%- x -%}\n  ${x} ${x##*/} ${#a[@]} ${v%x} ${v%%x} $((1 + 2)) printf '%}'\n";
        fills(&[
            (script, json!({"a": script[5..].replace("\n  ", "\n").trim_start().to_owned()})),
            ("a: '{{ .random }}'\nb: '{{name}}'", json!({"a": "{{ .random }}", "b": "{{name}}"})),
            ("a: ${{ '${{' }} x }}", json!({"a": "${{ x }}"})),
        ]);
    }

    #[test]
    fn captured_text_may_be_printed_only() {
        fills(&[
            (
                "#% set x\nb: ${{ name }}-1\n#% endset\na: 1\n${{ x }}c: 1",
                json!({"a": 1, "b": "web-1", "c": 1}),
            ),
            ("#% set x\n${{ count }}\n#% endset\na: ${{ x }}", json!({"a": 3})),
            (
                "#% macro label(k, v)\n${{ k }}: ${{ v }}\n#% endmacro\na: 1\n${{ label('x', count) }}",
                json!({"a": 1, "x": 3}),
            ),
            (
                "#% macro wrap()\na:\n  b: ${{ caller() }}\n#% endmacro\n#% call wrap()\n${{ count }}\n#% endcall",
                json!({"a": {"b": 3}}),
            ),
            (
                "#% macro item(x)\n- ${{ x }}\n#% endmacro\n#% macro twice(y)\n${{ y }}${{ y }}\n#% endmacro\na:\n${{ twice(item(name)) }}",
                json!({"a": ["web", "web"]}),
            ),
        ]);
        let captured = "#% set x\n${{ name }}\n#% endset\n";
        for (use_, line) in [
            ("a: ${{ x | upper }}", 4),
            ("a: ${{ x ~ 'y' }}", 4),
            ("a: ${{ x + 'y' }}", 4),
            ("a: ${{ x[1:] }}", 4),
            ("a: ${{ [x] | join }}", 4),
            ("a: ${{ {'k': x} }}", 4),
            ("a: ${{ 1 if x == 'web' else 2 }}", 4),
            ("a: ${{ [x] | map('upper') | list }}", 4),
            ("#% if x\na: 1\n#% endif", 4),
            ("#% for c in x\na: 1\n#% endfor", 4),
            ("#% if x is defined\na: 1\n#% endif", 4),
        ] {
            let expected = format!(
                "template-captured {line}: text captured by `set`, `macro` or `call` may be printed only"
            );
            assert_eq!(findings(&format!("{captured}{use_}")), [expected], "{use_}");
        }
        assert!(findings("#% set x | upper\na\n#% endset\n")[0].starts_with("template-captured 1: "));
    }

    #[test]
    fn undefined_names_are_errors_that_name_what_was_meant() {
        for (text, message) in [
            ("a: 1\nb: ${{ nme }}", "template-undefined 2: `nme` is not defined"),
            ("a: ${{ map.c }}", "template-undefined 1: `map.c` is not defined"),
            ("#% for p in pools\na: ${{ p.nam }}\n#% endfor", "template-undefined 2: `p.nam` is not defined"),
            ("#% if count.x.y\na: 1\n#% endif", "template-undefined 1: `count.x` is not defined"),
            ("a: ${{ 'x' ~ map.c }}", "template-undefined 1: `map.c` is not defined"),
            ("a: ${{ map.c | join }}", "template-undefined 1: `map.c` is not defined"),
        ] {
            assert_eq!(findings(text), [message], "{text}");
        }
        let shown = objects("#% for p in pools\na: ${{ p.nam }}\n#% endfor").err().unwrap_or_default();
        assert!(shown.contains("did you mean `p.name`?"), "{shown}");
        assert!(shown.contains("clusters/a.yaml:1:1"), "{shown}");
        fills(&[(
            "a: ${{ map.c | default('d') }}\nb: ${{ map.c is defined }}",
            json!({"a": "d", "b": false}),
        )]);
    }

    #[test]
    fn every_mistake_of_a_template_is_found_when_it_is_read() {
        let text = "a: ${{ x | nofilter }}\n#% if no\nb: ${{ nofunction() }}\n#% endif\nc: ${{ name.items() }}\nd: ${{ 1 is notest }}\n";
        assert_eq!(
            findings(text),
            [
                "template-syntax 1: no filter is called `nofilter`",
                "template-syntax 3: `nofunction` is no macro and no function",
                "template-syntax 5: values have no methods, so `.items()` cannot be called",
                "template-syntax 6: no test is called `notest`",
            ]
        );
        for (text, message) in [
            (
                "a: 1\nb: ${{ x y }}",
                "template-syntax 2: unexpected identifier, expected end of variable block",
            ),
            ("a: ${{ x\n", "template-syntax 1: the expression is never closed"),
            (
                "a: ${{- x }}",
                "template-syntax 1: a sign touches the braces, which in other templates strips blanks",
            ),
            (
                "a: \u{e000}",
                "template-character 1: the private-use character U+E000 cannot stand in a template",
            ),
            (
                "a: ${{ '\\ue000' }}",
                "template-character 1: a private-use character cannot stand in a template",
            ),
            ("a: 1\n b: 2", "yaml-syntax"),
            ("- 1", "template-structure 1: a document is a list, not an object"),
            ("a: ${{ loop }}", "template-undefined 1: `loop` is not defined"),
            ("a: ${{ range }}", "template-syntax 1: `range` is a function, not a value"),
            ("a: ${{ 1 // 0 }}", "template-value 1"),
        ] {
            let found = findings(text);
            assert!(found.len() == 1 && found[0].starts_with(message), "{text}: {found:?}");
        }
    }

    #[test]
    fn expressions_that_are_neither_key_nor_value_are_refused() {
        for text in ["a: &${{ name }} 1", "a: !${{ name }} 1", "a: *${{ name }}"] {
            let found = findings(text);
            assert!(found.len() == 1 && found[0].contains(" 1: "), "{text}: {found:?}");
        }
    }

    #[test]
    fn an_object_knows_where_it_begins() -> Result<(), Report> {
        let text =
            "# c\n#% for p in pools\n---\n# d\nkind: A\nname: ${{ p.name }}\n--- # e\nkind: B\n#% endfor\n";
        let case = Case::of(text);
        let template = Template::compile(case.template, text)?;

        let filled = template.fill(&context::plain(&variables()), case.spec, &Shapes::default())?;

        let lines: Vec<_> = filled.iter().map(|filled| case.sources.position(filled.origin).line).collect();
        assert_eq!(lines, [5, 8, 5, 8]);
        Ok(())
    }

    #[test]
    fn bombs_are_refused_by_limit() {
        let doubling = format!("#% set x = 'x'\n{}a: ${{{{ x }}}}", "#% set x = x ~ x\n".repeat(40));
        let nested = format!("#% set x = [1]\n{}a: ${{{{ x }}}}", "#% set x = [x, x]\n".repeat(40));
        let deep = format!("#% set x = [1]\n{}a: ${{{{ x }}}}", "#% set x = [x]\n".repeat(5000));
        let elif = format!("#% if no\na: 1\n{}#% endif", "#% elif no\na: 1\n".repeat(5000));
        let chain = format!("a: ${{{{ 1{} }}}}", " + 1".repeat(900));
        let dots = format!("a: ${{{{ map{} }}}}", ".a".repeat(1900));
        let nots = format!("a: ${{{{ {}x }}}}", "not ".repeat(1000));
        let signs = format!("a: ${{{{ {}1 }}}}", "- ".repeat(2000));
        let brackets = format!("a: ${{{{ {}1{} }}}}", "[".repeat(2000), "]".repeat(2000));
        let filters = format!("a: ${{{{ 1{} }}}}", "|abs".repeat(1000));
        let tests = format!("a: ${{{{ 1{} }}}}", " if 1".repeat(800));
        let calls = format!(
            "#% macro m(x)\na\n#% endmacro\na: ${{{{ {}1{} }}}}",
            "m(".repeat(1300),
            ")".repeat(1300)
        );
        let items = format!("a: ${{{{ list{} }}}}", "[0]".repeat(1300));
        let nest = format!("{}a: 1\n{}", "#% if yes\n".repeat(5000), "#% endif\n".repeat(5000));
        for text in [
            &doubling[..],
            &nested,
            &deep,
            &elif,
            &chain,
            &dots,
            &nest,
            &nots,
            &signs,
            &brackets,
            &filters,
            &tests,
            &calls,
            &items,
            "a: ${{ 'x' * 90000000 }}",
            "a: ${{ range(100000000) | list }}",
            "#% for a in range(90000)\n#% for b in range(90000)\n#% endfor\n#% endfor\na: 1",
            "#% macro m(x)\n${{ m(x) }}\n#% endmacro\na: ${{ m(1) }}",
            "a: ${{ ('x' * 100000) | replace('x', 'y' * 100000) }}",
            "a: ${{ '%090000000d' | format(1) }}",
            "a: ${{ 'x' | indent(90000000, true) }}",
            "a: ${{ range(90000) | join('x' * 100000) }}",
            "#% set x = 'x' * 1000000\n#% for a in range(1000)\na${{ a }}: ${{ x }}\n#% endfor",
            "#% set x = range(1000) | list\n#% for a in range(1000)\na${{ a }}: ${{ x }}\n#% endfor",
            "#% for a in range(90000)\n- - - - - - - - - - a\n#% endfor",
        ] {
            let found = findings(text);
            let limited = found.first().is_some_and(|found| found.contains("-limit "));
            assert!(limited, "{}: {found:?}", &text[..text.len().min(60)]);
        }
    }

    #[test]
    fn threads_that_share_shapes_render_the_same() -> Result<(), Report> {
        let text = "#% for p in pools\n---\nname: ${{ p.name }}\nsize: ${{ p.size }}\n#% endfor\n";
        let case = Case::of(text);
        let template = Template::compile(case.template, text)?;
        let variables = context::plain(&variables());
        let shapes = Shapes::default();
        let render = || template.fill(&variables, case.spec, &shapes);
        let alone = render()?;

        let together: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(render)).collect();
            threads.into_iter().map(|thread| thread.join()).collect()
        });

        assert!(
            together.iter().all(|filled| filled.as_ref().is_ok_and(|filled| *filled == Ok(alone.clone())))
        );
        Ok(())
    }

    proptest! {
        #[test]
        fn any_text_arrives_as_itself_and_changes_no_structure(text in "(?s).{0,40}", key in "[^\u{e000}-\u{f8ff}]{1,8}") {
            let template = "a: ${{ t }}\nb: x${{ t }}y\nc: \"${{ t }}\"\nd: |\n  ${{ t }}\n${{ 'k' ~ k }}:\n- ${{ t }}\n";
            let filled = objects_with(template, &json!({"t": text, "k": key}));

            let expected = json!([{
                "a": text, "b": format!("x{text}y"), "c": text, "d": format!("{text}\n"), format!("k{key}"): [text],
            }]);
            prop_assert_eq!(filled, Ok(expected));
        }

        #[test]
        fn any_text_at_all_can_be_read_as_a_template(text in "(?s)(#% (if|for x in y|endif|endfor|set x)|\\$\\{\\{|\\}\\}|[ \n:'\"|#-]|[a-z]){0,30}") {
            let first = findings(&text);
            prop_assert_eq!(first, findings(&text));
        }
    }
}
