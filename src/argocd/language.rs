//! The two languages of ApplicationSets: plain look-ups, and Go templates.
//!
//! Follows `Render.Replace` of Argo CD 3.5.1 (`applicationset/utils/utils.go`). A text is read once and filled for
//! every set of parameters; what can be wrong with it is said when it is filled, since Argo CD does not look sooner.

use std::sync::Arc;

use super::Fault;
use super::fasttemplate;
use super::go_template::function::has_random_order;
use super::go_template::{Options, Template};
use super::params::Params;

/// Which language an ApplicationSet is written in: `spec.goTemplate`, with its options.
#[derive(Clone, Debug)]
pub enum Language {
    /// Look-ups: `{{name}}`.
    Plain,
    /// Go templates: `{{ .name }}`.
    Go(Options),
    /// Go templates with an option that Go does not know: whatever is filled fails.
    Unusable(Fault),
}

/// A text in one of the languages.
#[derive(Clone, Debug)]
pub struct Text(Filler);

#[derive(Clone, Debug)]
enum Filler {
    Fixed(String),
    Plain(fasttemplate::Text),
    Go(Arc<Template>),
    Faulty(Fault),
}

impl Language {
    /// Reads `spec.goTemplate` and `spec.goTemplateOptions`.
    pub fn read(go_template: bool, options: &[String]) -> Self {
        if !go_template {
            return Self::Plain;
        }
        match Options::read(options) {
            Ok(options) => Self::Go(options),
            Err(Fault::Wrong(why)) => Self::Unusable(Fault::Wrong(format!("panic: {why}"))),
            Err(refused) => Self::Unusable(refused),
        }
    }

    /// Returns whether texts are Go templates.
    pub fn is_go(&self) -> bool {
        match self {
            Self::Plain => false,
            Self::Go(_) | Self::Unusable(_) => true,
        }
    }

    /// Returns the language with `missingkey=error`, whatever its options say.
    #[must_use]
    pub fn strict(&self) -> Self {
        match self {
            Self::Go(options) => Self::Go(options.strict()),
            other => other.clone(),
        }
    }

    /// Returns the language with another order of what is in random order in Go.
    #[must_use]
    pub fn in_other_order(&self) -> Self {
        match self {
            Self::Go(options) => Self::Go(options.in_other_order()),
            other => other.clone(),
        }
    }

    /// Tells whether a text may call a function that gives something in random order.
    pub fn may_be_random(&self, text: &str) -> bool {
        let is_of_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '$');
        let mut words = text.split(|letter: char| !is_of_name(letter));
        self.is_go() && text.contains("{{") && words.any(has_random_order)
    }
}

impl Text {
    /// Reads a text; one that is malformed fails when it is filled.
    pub fn compile(text: &str, language: &Language) -> Self {
        Self(match language {
            Language::Plain => match fasttemplate::Text::compile(text) {
                Ok(read) if read.is_fixed() => Filler::Fixed(text.to_owned()),
                Ok(read) => Filler::Plain(read),
                Err(fault) => Filler::Faulty(fault),
            },
            // Everything but an action is text to Go.
            Language::Go(_) if !text.contains("{{") => Filler::Fixed(text.to_owned()),
            Language::Go(options) => match Template::parse(text, options) {
                Ok(template) => Filler::Go(Arc::new(template)),
                Err(fault) => Filler::Faulty(fault),
            },
            Language::Unusable(fault) => Filler::Faulty(fault.clone()),
        })
    }

    /// Fills the text.
    ///
    /// # Errors
    /// Says what the language says.
    pub fn fill(&self, params: &Params<'_>) -> Result<String, Fault> {
        match &self.0 {
            Filler::Fixed(text) => Ok(text.clone()),
            Filler::Plain(text) => Ok(text.fill(|tag| params.text(tag))),
            Filler::Go(template) => template.execute(&params.data()),
            Filler::Faulty(fault) => Err(fault.clone()),
        }
    }

    /// Returns the text where no parameter changes it.
    pub fn fixed(&self) -> Option<&str> {
        match &self.0 {
            Filler::Fixed(text) => Some(text),
            Filler::Plain(_) | Filler::Go(_) | Filler::Faulty(_) => None,
        }
    }

    /// Returns the names that plain look-ups ask for, in order; a Go template names none.
    pub fn names(&self) -> Vec<&str> {
        match &self.0 {
            Filler::Plain(text) => text.names().collect(),
            Filler::Fixed(_) | Filler::Go(_) | Filler::Faulty(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argocd::go::value::{Map, Value};

    fn filled(text: &str, language: &Language) -> Result<String, Fault> {
        let map = Map::new([("a".into(), Value::text("x")), ("n".into(), Value::Float(1.0))]);
        Text::compile(text, language).fill(&Params::Map(map))
    }

    #[test]
    fn a_text_is_filled_in_the_language_of_its_set() {
        let go = |option: &str| Language::read(true, &[option.to_owned()]);
        for (language, text, expected) in [
            (Language::Plain, "{{a}} {{n}} {{ nope }} {{ .a }}", Ok("x {{n}} {{ nope }} {{ .a }}")),
            (Language::Plain, "{{a}}\n{{", Err(())),
            (Language::read(true, &[]), "{{ .a }} {{ .n }} {{ .nope }}", Ok("x 1 <no value>")),
            (go("missingkey=error"), "{{ .nope }}", Err(())),
            (go("missingkey=zero").strict(), "{{ .nope }}", Err(())),
            (go("missingkey=error"), "}} plain", Ok("}} plain")),
            (go("missingkey=error"), "{{ a }}", Err(())),
            (go("foo=bar"), "plain", Err(())),
        ] {
            let filled = filled(text, &language).map_err(|_| ());
            assert_eq!(filled, expected.map(str::to_owned), "{text}");
        }
        let panic = filled("", &go("foo=bar"));
        assert_eq!(panic, Err(Fault::wrong("panic: unrecognized option: foo=bar")));
    }
}
