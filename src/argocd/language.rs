//! The two languages of ApplicationSets: plain look-ups, and Go templates.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Fault;
use super::fasttemplate;
use super::params::Params;

/// Which language an ApplicationSet is written in: `spec.goTemplate`, with its options.
#[derive(Clone, Debug)]
pub enum Language {
    /// Look-ups: `{{name}}`.
    Plain,
    /// Go templates: `{{ .name }}`.
    Go,
}

/// A text in one of the languages.
#[derive(Clone, Debug)]
pub struct Text(Result<fasttemplate::Text, Fault>);

impl Text {
    /// Reads a text; one that is malformed fails when it is filled, as in Argo CD.
    pub fn compile(text: &str, language: &Language) -> Self {
        Self(match language {
            Language::Plain => fasttemplate::Text::compile(text).map_err(|refused| Fault::Wrong(refused.0)),
            Language::Go if text.contains("{{") => Err(Fault::refused("goTemplate is not supported")),
            Language::Go => fasttemplate::Text::compile(text).map_err(|refused| Fault::Wrong(refused.0)),
        })
    }

    /// Fills the text.
    ///
    /// # Errors
    /// Says what the language says.
    pub fn fill(&self, params: &Params<'_>) -> Result<String, Fault> {
        let text = self.0.as_ref().map_err(Clone::clone)?;
        let value = |tag| Some((tag, params.text(tag)?));
        let values: BTreeMap<&str, Cow<'_, str>> = text.names().filter_map(value).collect();
        Ok(text.fill(|tag| values.get(tag).map(|value| &**value)))
    }
}
