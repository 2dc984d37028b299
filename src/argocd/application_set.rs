//! An ApplicationSet as the controller reads it, and the Applications that its templates come to.
//!
//! Follows `GenerateApplications` of Argo CD 3.5.1 (`applicationset/controllers/template/template.go`).

use serde_json::Value;

use super::Fault;
use super::language::{Language, Text};
use super::params::Params;
use super::schema::{APPLICATION_SET, Names, Type, decode};
use super::template::{Filled, Frame, Template};
use super::template_patch::TemplatePatch;

/// An ApplicationSet.
#[derive(Clone, Debug)]
pub struct ApplicationSet {
    /// Its name.
    pub name: String,
    /// Its namespace, and so that of its Applications.
    pub namespace: String,
    /// Its `spec` as Go writes it.
    pub spec: Value,
    /// The language of its texts.
    pub language: Language,
    /// The fields that Argo CD does not know, as paths; the API server drops them.
    pub unknown: Vec<String>,
    preserves_resources: bool,
    patch: Option<TemplatePatch>,
}

impl ApplicationSet {
    /// Reads an ApplicationSet as the controller reads it from the API server.
    ///
    /// # Errors
    /// Says what is of another type than Argo CD's.
    pub fn read(set: &Value) -> Result<Self, Fault> {
        let decoded = decode(Type::Struct(APPLICATION_SET), set, Names::Exact)?;
        let (mut set, unknown) = (decoded.value, decoded.unknown);
        let spec = set.get_mut("spec").map(Value::take).unwrap_or_default();
        let text =
            |pointer: &str| set.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let options = spec.get("goTemplateOptions").and_then(Value::as_array).into_iter().flatten();
        let options: Vec<String> = options.filter_map(Value::as_str).map(str::to_owned).collect();
        let language = Language::read(spec.get("goTemplate") == Some(&Value::Bool(true)), &options);
        let patch = spec.get("templatePatch").and_then(Value::as_str);
        Ok(Self {
            name: text("/metadata/name"),
            namespace: text("/metadata/namespace"),
            unknown,
            preserves_resources: spec.pointer("/syncPolicy/preserveResourcesOnDeletion")
                == Some(&Value::Bool(true)),
            patch: patch.map(|patch| TemplatePatch::new(Text::compile(patch, &language))),
            language,
            spec,
        })
    }

    /// Returns the set with another order of what its templates get in random order in Go; `None` where they call
    /// nothing of the kind.
    pub fn in_other_order(&self) -> Option<Self> {
        if !may_be_random(&self.spec, &self.language) {
            return None;
        }
        let language = self.language.in_other_order();
        let patch = self.spec.get("templatePatch").and_then(Value::as_str);
        let patch = patch.map(|patch| TemplatePatch::new(Text::compile(patch, &language)));
        Some(Self { language, patch, ..self.clone() })
    }

    /// Returns how many entries `spec.generators` has.
    pub fn entries(&self) -> usize {
        self.spec.get("generators").and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// Compiles a template in the language of the set.
    pub fn compile(&self, template: &Value) -> Template {
        let Self { namespace, preserves_resources, language, .. } = self;
        let preserves_resources = *preserves_resources;
        Template::compile(template, Frame { namespace, preserves_resources, language })
    }

    /// Returns the Application that a template and a set of parameters come to, patched.
    ///
    /// # Errors
    /// Says what Argo CD says of the first text that fails, and of a patch that does not fit.
    pub fn application(&self, template: &Template, params: &Params<'_>) -> Result<Filled, Fault> {
        let filled = template.fill(params)?;
        match &self.patch {
            None => Ok(filled),
            Some(patch) => {
                let (application, dropped) = patch.apply(filled.application, params, &self.namespace)?;
                Ok(Filled { application, dropped, ..filled })
            }
        }
    }

    /// Returns whether the namespace of a template is no longer looked at once this set of parameters has passed:
    /// without any parameter Argo CD writes the namespace of the set into the template itself.
    pub(super) fn settles_namespace(&self, params: &Params<'_>) -> bool {
        self.patch.is_none() && params.is_empty()
    }
}

fn may_be_random(value: &Value, language: &Language) -> bool {
    match value {
        Value::String(text) => language.may_be_random(text),
        Value::Array(items) => items.iter().any(|item| may_be_random(item, language)),
        Value::Object(map) => {
            map.iter().any(|(key, value)| language.may_be_random(key) || may_be_random(value, language))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
