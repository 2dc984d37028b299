//! `values` of a generator: texts that are filled with the parameters of each set, and become parameters themselves.
//!
//! Follows `generators/value_interpolation.go` of Argo CD 3.5.1: no value sees another, so that none can grow without
//! bounds.

use std::sync::Arc;

use serde_json::Value;

use crate::argocd::Fault;
use crate::argocd::go::value::{Map, Texts, Value as GoValue};
use crate::argocd::language::{Language, Text};
use crate::argocd::params::Params;

/// The values of a generator.
#[derive(Clone, Debug)]
pub struct Values {
    texts: Vec<(Arc<str>, Text)>,
    is_go: bool,
}

impl Values {
    /// Reads the field `values` of a generator.
    pub fn read(generator: &Value, language: &Language) -> Self {
        let written = generator.get("values").and_then(Value::as_object);
        let text = |(key, value): (&String, &Value)| {
            (key.as_str().into(), Text::compile(value.as_str().unwrap_or_default(), language))
        };
        let mut texts: Vec<(Arc<str>, Text)> = written.into_iter().flatten().map(text).collect();
        texts.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self { texts, is_go: language.is_go() }
    }

    /// Returns whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Fills every value.
    ///
    /// # Errors
    /// Says what is wrong with the first in the order of the keys; Argo CD takes any that is wrong.
    pub fn fill(&self, params: &Params<'_>) -> Result<Texts, Fault> {
        let fill = |(key, text): &(Arc<str>, Text)| {
            let filled = text.fill(params).map_err(|fault| {
                fault.within("failed to replace templated string: failed to replace templated string with rendered values")
            })?;
            Ok((key.clone(), filled.into()))
        };
        self.texts.iter().map(fill).collect()
    }

    /// Fills every value and adds it to the parameters.
    ///
    /// # Errors
    /// Those of [`Values::fill`].
    pub fn add_to(&self, map: &Map) -> Result<(), Fault> {
        if self.texts.is_empty() {
            return Ok(());
        }
        let filled = self.fill(&Params::Map(map.clone()))?;
        if self.is_go {
            map.set("values", GoValue::Texts(Arc::new(filled)));
        } else {
            for (key, value) in filled {
                map.set(format!("values.{key}"), GoValue::Text(value));
            }
        }
        Ok(())
    }
}
