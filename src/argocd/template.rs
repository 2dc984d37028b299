//! Templates of Applications: merged, compiled, filled.
//!
//! Follows `mergeGeneratorTemplate`, `GetTempApplication` and `RenderTemplateParams` of Argo CD 3.5.1. A template is
//! compiled once for all sets of parameters: what no parameter changes is kept as it is, so that filling touches only
//! the rest.

mod merged;
mod part;

use serde_json::{Map, Value, json};

use self::part::Part;
use super::Fault;
use super::language::{Language, Text};
use super::params::Params;
use super::schema::{TEMPLATE, Type};
use crate::emit::application::RESOURCES_FINALIZER;

pub use self::merged::merged;

/// What a template is filled in: the ApplicationSet around it.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'s> {
    /// The namespace of the set, and so of its Applications.
    pub namespace: &'s str,
    /// Whether the Applications get no finalizer of their own.
    pub preserves_resources: bool,
    /// The language of the texts.
    pub language: &'s Language,
}

/// A template, compiled.
#[derive(Clone, Debug)]
pub struct Template {
    root: Part,
    /// The namespace that the template says; nothing comes of it but that it may fail.
    namespace: Text,
    /// What there is where there are no parameters.
    unfilled: Value,
}

/// An Application made of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// The Application.
    pub application: Value,
    /// Whether two keys of one map became the same, so that which value holds is random in Argo CD.
    pub collides: bool,
    /// What a patch says to no effect: paths of fields that an Application has not, and of its project.
    pub dropped: Vec<String>,
}

impl Template {
    /// Compiles a template that was read by its type.
    pub fn compile(template: &Value, frame: Frame<'_>) -> Self {
        let text = |pointer: &str| template.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let namespace = Text::compile(text("/metadata/namespace"), frame.language);
        let mut unfilled = template.clone();
        unfilled["metadata"] = metadata(template.get("metadata"), frame.namespace, None);
        let mut filled = unfilled.clone();
        if !frame.preserves_resources {
            filled["metadata"] =
                metadata(template.get("metadata"), frame.namespace, Some(RESOURCES_FINALIZER));
        }
        Self {
            root: Part::compile(Type::Struct(TEMPLATE), &filled, frame.language).into_application(),
            namespace,
            unfilled: json!({
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Application",
                "metadata": unfilled["metadata"],
                "spec": unfilled["spec"],
            }),
        }
    }

    /// Returns the names that plain look-ups ask for, in the order of the template, with repetitions.
    pub fn names(&self) -> Vec<&str> {
        let mut names = self.namespace.names();
        self.root.names(&mut names);
        names
    }

    /// Returns the Application of a set of parameters; where there are none, the template as it is.
    ///
    /// # Errors
    /// Says what the language says of the first text that fails; of a map any may be the first in Argo CD, here it is
    /// the first in the order of the keys.
    pub fn fill(&self, params: &Params<'_>) -> Result<Filled, Fault> {
        if params.is_empty() {
            return Ok(Filled { application: self.unfilled.clone(), collides: false, dropped: Vec::new() });
        }
        let mut collides = false;
        let application = self.root.fill(params, &mut collides)?;
        Ok(Filled { application, collides, dropped: Vec::new() })
    }

    /// Fills the namespace that the template says.
    ///
    /// # Errors
    /// Says what the language says.
    pub fn check_namespace(&self, params: &Params<'_>) -> Result<(), Fault> {
        match self.namespace.fixed() {
            Some(_) => Ok(()),
            None => self.namespace.fill(params).map(drop),
        }
    }
}

/// Returns the metadata of a template with the namespace of the set, and a finalizer where it has none.
fn metadata(written: Option<&Value>, namespace: &str, finalizer: Option<&str>) -> Value {
    let written = written.and_then(Value::as_object);
    let mut metadata = Map::new();
    for field in ["name", "namespace", "labels", "annotations", "finalizers"] {
        let value = match (field, written.and_then(|written| written.get(field)), finalizer) {
            ("namespace", _, _) => Some(Value::from(namespace)).filter(|_| !namespace.is_empty()),
            ("finalizers", None, Some(finalizer)) => Some(json!([finalizer])),
            (_, value, _) => value.cloned(),
        };
        metadata.extend(value.map(|value| (field.to_owned(), value)));
    }
    Value::Object(metadata)
}
