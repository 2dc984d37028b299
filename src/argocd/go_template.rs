//! Go's `text/template` with the functions that Argo CD 3.5.1 gives to ApplicationSets.
//!
//! Follows Go 1.26: what parses, what a template gives, and where it fails; the words of an error are Go's as far as they
//! say something to whoever wrote the template. Bounded in time and memory whatever the template.

mod argument;
mod builtin;
mod cut;
mod evaluate;
pub mod function;
mod lex;
mod parse;
#[cfg(test)]
mod recorded;
mod run;
mod tree;

use super::Fault;
use super::go::value::Value;

/// A template, parsed once, to be filled as often as there are parameters.
#[derive(Debug)]
pub struct Template {
    tree: tree::Tree,
    options: Options,
}

/// What `goTemplateOptions` say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    missing: Missing,
    order: Order,
}

/// In which order a map gives its keys where Go's order is random.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    /// That of the keys.
    #[default]
    Sorted,
    /// Another one, in which every key stands elsewhere.
    Shifted,
}

/// What becomes of a key that a map does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Missing {
    /// Nothing, which is printed as `<no value>`.
    #[default]
    Nothing,
    /// The zero value of the map's elements.
    Zero,
    /// An error.
    Error,
}

impl Options {
    /// Reads `goTemplateOptions`; the last of several holds.
    ///
    /// # Errors
    /// Says which option Go does not know. Argo CD panics there as soon as it renders a string.
    pub fn read(options: &[String]) -> Result<Self, Fault> {
        let mut missing = Missing::default();
        for option in options {
            missing = match option.as_str() {
                "missingkey=invalid" | "missingkey=default" => Missing::Nothing,
                "missingkey=zero" => Missing::Zero,
                "missingkey=error" => Missing::Error,
                "" => return Err(Fault::wrong("empty option string")),
                _ => return Err(Fault::wrong(format!("unrecognized option: {option}"))),
            };
        }
        Ok(Self { missing, order: Order::default() })
    }

    /// Returns the options with `missingkey=error`.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { missing: Missing::Error, ..self }
    }

    /// Returns the options with another order of what is in random order in Go: where a template gives something else
    /// then, what it gives in Argo CD is random.
    #[must_use]
    pub fn in_other_order(self) -> Self {
        Self { order: Order::Shifted, ..self }
    }
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// Says what Argo CD says where the text is no template. A function that is not supported is refused wherever it
    /// stands, also in a branch that is never taken.
    pub fn parse(text: &str, options: &Options) -> Result<Self, Fault> {
        match parse::parse(text) {
            Ok(tree) => Ok(Self { tree, options: *options }),
            Err(Fault::Wrong(wrong)) => {
                Err(Fault::wrong(format!("failed to parse template {text}: {wrong}")))
            }
            Err(refused @ Fault::Refused(_)) => Err(refused),
        }
    }

    /// Fills the template with parameters, which it may change.
    ///
    /// # Errors
    /// Says what Argo CD says where the template fails, and what exceeds our own bounds.
    pub fn execute(&self, parameters: &Value) -> Result<String, Fault> {
        match run::run(&self.tree, self.options, parameters) {
            Err(Fault::Wrong(wrong)) => {
                Err(Fault::wrong(format!("failed to execute go template {}: {wrong}", self.tree.text)))
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_template_is_filled_as_go_fills_it() -> Result<(), Fault> {
        let parameters = Value::from_json(&json!({"a": {"b": [1, "x"]}, "n": null, "t": "text"}));
        let table = [
            ("plain", "plain"),
            ("{{ .a.b }} {{ .t }} {{ .n }} {{ .missing }}", "[1 x] text <no value> <no value>"),
            ("{{ range $i, $e := .a.b }}{{ $i }}={{ $e }};{{ end }}", "0=1;1=x;"),
            ("{{ if and .t (not .n) }}yes{{ else }}no{{ end }}", "yes"),
            ("{{ with index .a \"b\" }}{{ len . }}{{ end }}", "2"),
            ("{{ define \"d\" }}<{{ . }}>{{ end }}{{ template \"d\" .t }}", "<text>"),
            ("{{ range 3 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}", "02"),
        ];
        for (text, expected) in table {
            assert_eq!(Template::parse(text, &Options::default())?.execute(&parameters)?, expected, "{text}");
        }
        Ok(())
    }

    fn fill(text: &str) -> Result<String, Fault> {
        Template::parse(text, &Options::default())?.execute(&Value::map([]))
    }

    #[test]
    fn no_template_takes_all_time_or_memory() {
        let table = [
            (
                "{{ range 100000000 }}{{ $x := repeat 60000000 \"a\" }}{{ end }}",
                "a template that takes more than 20000000 steps is not supported",
            ),
            (
                "{{ range 100000000 }}aaaaaaaaaaaaaaaaaaaa{{ end }}",
                "a template that writes more than 16 MiB is not supported",
            ),
            ("{{ template \"base\" }}", "exceeded maximum template depth (100000)"),
            (
                "{{ $x := list }}{{ range 300 }}{{ $x = list $x }}{{ end }}",
                "a value that nests more than 200 levels deep is not supported",
            ),
            ("{{ printf \"%9999999d%9999999d\" 1 2 }}", "printing more than 16 MiB is not supported"),
            (
                "{{ $x := \"ab\" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}",
                "printing more than 16 MiB is not supported",
            ),
        ];
        for (text, expected) in table {
            let said = match fill(text) {
                Err(Fault::Wrong(wrong)) => wrong,
                Err(Fault::Refused(refused)) => refused.0,
                Ok(_) => panic!("{text} is filled"),
            };
            assert!(said.ends_with(expected), "{said}");
        }
    }

    #[test]
    fn no_template_takes_the_whole_stack() -> Result<(), Fault> {
        let nested = |open: &str, inner: &str, close: &str, count| {
            format!("{}{inner}{}", open.repeat(count), close.repeat(count))
        };
        let table = [
            (nested("{{ if 1 }}", "x", "{{ end }}", 20_000), "x"),
            (nested("{{ range 1 }}", "x", "{{ end }}", 20_000), "x"),
            (format!("{{{{ if 0 }}}}{}{{{{ else }}}}x{{{{ end }}}}", "{{ else if 0 }}".repeat(20_000)), "x"),
            (format!("{{{{ {} }}}}", nested("(print ", "1", ")", 199)), "1"),
            (format!("{{{{ {} }}}}", nested("(", ".a", ").a", 199)), "<no value>"),
        ];
        for (text, expected) in table {
            assert_eq!(fill(&text)?, expected);
        }

        let deeper = fill(&format!("{{{{ {} }}}}", nested("(", "1", ")", 201)));

        let Err(Fault::Wrong(wrong)) = deeper else { panic!("{deeper:?}") };
        assert!(
            wrong.ends_with("max expression depth exceeded: 200 parentheses within each other"),
            "{wrong}"
        );
        Ok(())
    }

    #[test]
    fn a_refused_function_is_named_wherever_it_stands_unless_the_text_is_no_template() {
        let refused =
            |text| matches!(fill(text), Err(Fault::Refused(why)) if why.0.contains("`now` is not supported"));
        assert!(refused("{{ if false }}{{ now }}{{ end }}"));
        assert!(refused("{{ define \"never\" }}{{ now | toString }}{{ end }}"));
        assert!(matches!(fill("{{ now }}{{ nope }}"), Err(Fault::Wrong(_))));
        assert!(matches!(fill("{{ 1i }}"), Err(Fault::Refused(_))));
    }
}
