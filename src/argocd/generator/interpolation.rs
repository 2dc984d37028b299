//! The second generator of a matrix, filled with the parameters of the first.
//!
//! Follows `Render.RenderGeneratorParams` of Argo CD 3.5.1 (`applicationset/utils/utils.go`): every text of the
//! generator is filled, selectors, templates and elements included, and every key of a map.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::argocd::Fault;
use crate::argocd::language::{Language, Text};
use crate::argocd::params::Params;

/// An entry of `generators`, ready to be filled.
#[derive(Debug)]
pub struct Interpolation<'e> {
    entry: &'e Value,
    part: Part<'e>,
}

/// A part of an entry.
#[derive(Debug)]
enum Part<'e> {
    /// Nothing in it can be filled.
    Fixed(&'e Value),
    Text(Text),
    List(Vec<Part<'e>>),
    Map(Vec<(Text, Part<'e>)>),
    /// `values`: what they ask for and the first generator does not know is left to the second.
    Values(Vec<(&'e str, &'e Value, Text)>),
    /// JSON that the API server keeps as it was written.
    Raw(Box<Part<'e>>),
    /// A null among the elements of a list generator. What is kept of it is nothing, which once it was filled is a
    /// set without parameters.
    NullElement,
}

/// The fields of an entry whose `values` are filled in two steps.
const WITH_VALUES: [&str; 6] =
    ["clusters", "git", "scmProvider", "clusterDecisionResource", "pullRequest", "plugin"];

impl<'e> Interpolation<'e> {
    /// Reads an entry.
    pub fn compile(entry: &'e Value, language: &Language) -> Self {
        Self { entry, part: Compiling { language, strict: language.strict() }.entry(entry) }
    }

    /// Fills the entry; without any parameter it stays as it is.
    ///
    /// # Errors
    /// Says what is wrong with the first text in the order of the fields and keys; Argo CD takes any key that is wrong.
    pub fn fill(&self, params: &Params<'_>) -> Result<Cow<'e, Value>, Fault> {
        if params.is_empty() {
            return Ok(Cow::Borrowed(self.entry));
        }
        match &self.part {
            Part::Fixed(entry) => Ok(Cow::Borrowed(entry)),
            part => {
                let filled = part.fill(params);
                filled
                    .map(Cow::Owned)
                    .map_err(|fault| fault.within("failed to replace parameters in generator"))
            }
        }
    }
}

struct Compiling<'l> {
    language: &'l Language,
    /// The language in which everything that is asked for must be there.
    strict: Language,
}

impl Compiling<'_> {
    fn entry<'e>(&self, entry: &'e Value) -> Part<'e> {
        self.map(entry, &|field, value| match field {
            "list" => self.map(value, &|field, value| match field {
                "elements" => self.elements(value),
                _ => self.any(value),
            }),
            "matrix" | "merge" => self.map(value, &|field, value| match field {
                "generators" => self.list(value, &|entry| self.entry(entry)),
                _ => self.any(value),
            }),
            field if WITH_VALUES.contains(&field) => self.map(value, &|field, value| match field {
                "values" => self.values(value),
                _ => self.any(value),
            }),
            _ => self.any(value),
        })
    }

    fn elements<'e>(&self, elements: &'e Value) -> Part<'e> {
        self.list(elements, &|element| match element {
            Value::Null => Part::NullElement,
            element => match self.any(element) {
                fixed @ Part::Fixed(_) => fixed,
                part => Part::Raw(Box::new(part)),
            },
        })
    }

    fn values<'e>(&self, values: &'e Value) -> Part<'e> {
        let mut texts: Vec<(&str, &Value, Text)> = Vec::new();
        for (key, value) in values.as_object().into_iter().flatten() {
            texts.push((key, value, Text::compile(value.as_str().unwrap_or_default(), &self.strict)));
        }
        texts.sort_by_key(|(key, _, _)| *key);
        if texts.iter().all(|(_, _, text)| text.fixed().is_some()) {
            return Part::Fixed(values);
        }
        Part::Values(texts)
    }

    fn any<'e>(&self, value: &'e Value) -> Part<'e> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Part::Fixed(value),
            Value::String(text) => {
                let text = Text::compile(text, self.language);
                if text.fixed().is_some() { Part::Fixed(value) } else { Part::Text(text) }
            }
            Value::Array(_) => self.list(value, &|item| self.any(item)),
            Value::Object(_) => self.map(value, &|_, value| self.any(value)),
        }
    }

    fn list<'e>(&self, list: &'e Value, item: &dyn Fn(&'e Value) -> Part<'e>) -> Part<'e> {
        let Value::Array(items) = list else { return Part::Fixed(list) };
        let items: Vec<Part<'e>> = items.iter().map(item).collect();
        if items.iter().all(Part::is_fixed) { Part::Fixed(list) } else { Part::List(items) }
    }

    fn map<'e>(&self, map: &'e Value, field: &dyn Fn(&str, &'e Value) -> Part<'e>) -> Part<'e> {
        let Value::Object(entries) = map else { return Part::Fixed(map) };
        // Nothing fills a key that holds a null, and the key goes.
        let holds_null = entries.values().any(Value::is_null);
        let entries = entries.iter().filter(|(_, value)| !value.is_null());
        let entries: Vec<(Text, Part<'e>)> =
            entries.map(|(key, value)| (Text::compile(key, self.language), field(key, value))).collect();
        let is_fixed = |(key, part): &(Text, Part<'_>)| key.fixed().is_some() && part.is_fixed();
        if !holds_null && entries.iter().all(is_fixed) { Part::Fixed(map) } else { Part::Map(entries) }
    }
}

impl Part<'_> {
    fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }

    fn fill(&self, params: &Params<'_>) -> Result<Value, Fault> {
        match self {
            Self::Fixed(value) => Ok((*value).clone()),
            Self::Text(text) => text.fill(params).map(Value::from),
            Self::List(items) => items.iter().map(|item| item.fill(params)).collect(),
            Self::Map(entries) => {
                let entry = |(key, part): &(Text, Part<'_>)| Ok((key.fill(params)?, part.fill(params)?));
                entries.iter().map(entry).collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
            Self::Values(texts) => {
                let texts = texts.iter().map(|(key, written, text)| {
                    Ok(((*key).to_owned(), filled_value(key, written, text, params)?))
                });
                texts.collect::<Result<Map<_, _>, Fault>>().map(Value::Object)
            }
            Self::Raw(part) => part
                .fill(params)
                .map_err(|fault| fault.within("failed to deeply replace JSON field contents")),
            Self::NullElement => Ok(Value::Object(Map::new())),
        }
    }
}

fn filled_value(key: &str, written: &Value, text: &Text, params: &Params<'_>) -> Result<Value, Fault> {
    match text.fill(params) {
        Ok(filled) => Ok(filled.into()),
        Err(Fault::Wrong(why)) if is_missing_key(&why) => Ok(written.clone()),
        Err(fault) => Err(fault.within(&format!("failed to pre-resolve Values key {key:?}"))),
    }
}

/// Tells as Argo CD does, by its words, whether a template asks for something that is not there.
fn is_missing_key(why: &str) -> bool {
    why.contains("map has no entry for key") || why.contains("can't evaluate field")
}
