//! An ApplicationSet, compiled: its generators, each with the template that its Applications come from.
//!
//! Follows `GenerateApplications` of Argo CD 3.5.1 (`applicationset/controllers/template/template.go`).

use serde_json::{Map, Value, json};

use super::generator::ClusterGenerator;
use super::template::{Template, merged};
use super::{ClusterSecret, Fault, Parameter, Refused};
use crate::emit::application::RESOURCES_FINALIZER;
use crate::spec::selector::Selector;

/// An ApplicationSet.
#[derive(Clone, Debug)]
pub struct ApplicationSet {
    /// Its name.
    pub name: String,
    /// Its namespace, and so that of its Applications.
    pub namespace: String,
    /// Its generators, in order.
    pub generators: Vec<Generator>,
    preserves_resources: bool,
}

/// One generator of a set.
#[derive(Clone, Debug)]
pub struct Generator {
    /// Which Secrets it selects.
    pub selector: Selector,
    /// The template of its Applications, that of the set merged in.
    pub merged: Value,
    template: Template,
}

/// What of `metadata` a template may have; the API server drops the rest.
const METADATA: [&str; 5] = ["name", "namespace", "labels", "annotations", "finalizers"];

impl ApplicationSet {
    /// Reads an ApplicationSet.
    ///
    /// # Errors
    /// Refuses by name what is not supported.
    pub fn compile(set: &Value) -> Result<Self, Refused> {
        let text =
            |pointer: &str| set.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let spec = set.get("spec").unwrap_or(&Value::Null);
        if spec.get("goTemplate") == Some(&Value::Bool(true)) {
            return Err(Refused("`goTemplate: true` is not supported".into()));
        }
        if spec.get("templatePatch").is_some() {
            return Err(Refused("`templatePatch` is not supported".into()));
        }
        let entries = spec.get("generators").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let of_set = spec.get("template").cloned().unwrap_or_default();
        let generator = |entry: &Value| {
            let ClusterGenerator { selector, template } = ClusterGenerator::read(entry)?;
            let merged = merged(&template, &of_set);
            check_metadata(&merged)?;
            Ok(Generator { selector, template: Template::compile(&merged).map_err(refused)?, merged })
        };
        Ok(Self {
            name: text("/metadata/name"),
            namespace: text("/metadata/namespace"),
            generators: entries.iter().map(generator).collect::<Result<_, _>>()?,
            preserves_resources: spec.pointer("/syncPolicy/preserveResourcesOnDeletion")
                == Some(&Value::Bool(true)),
        })
    }

    /// Returns the Applications of one cluster, in the order of the generators.
    pub fn applications(&self, secret: &ClusterSecret<'_>) -> Vec<Value> {
        let selecting = self.generators.iter().filter(|generator| generator.selects(secret));
        selecting.map(|generator| self.application(generator, secret)).collect()
    }

    /// Returns the Application that a generator makes of a cluster it selects.
    pub fn application(&self, generator: &Generator, secret: &ClusterSecret<'_>) -> Value {
        let value = |name: &str| Parameter::named(name).and_then(|parameter| secret.parameter(&parameter));
        let mut filled = generator.template.fill(&value);
        let mut metadata = match filled["metadata"].take() {
            Value::Object(metadata) => metadata,
            _ => Map::new(),
        };
        // The namespace is the set's, whatever the template says.
        metadata.insert("namespace".into(), self.namespace.as_str().into());
        let has_finalizers =
            metadata.get("finalizers").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
        if !has_finalizers && !self.preserves_resources {
            metadata.insert("finalizers".into(), json!([RESOURCES_FINALIZER]));
        }
        json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": metadata,
            "spec": filled["spec"].take(),
        })
    }
}

impl Generator {
    /// Returns whether the generator selects a Secret.
    pub fn selects(&self, secret: &ClusterSecret<'_>) -> bool {
        let labels = &mut self.selector.match_labels.iter();
        labels.all(|(key, value)| secret.label(key) == Some(value))
            && self
                .selector
                .match_expressions
                .iter()
                .all(|expression| expression.holds(secret.label(&expression.key)))
    }

    /// Returns the names that the template looks up, in its order, with repetitions.
    pub fn names(&self) -> Vec<&str> {
        self.template.names()
    }
}

fn refused(fault: Fault) -> Refused {
    match fault {
        Fault::Wrong(why) => Refused(why),
        Fault::Refused(refused) => refused,
    }
}

fn check_metadata(template: &Value) -> Result<(), Refused> {
    let metadata = template.get("metadata").and_then(Value::as_object).into_iter().flatten();
    let unknown = metadata.map(|(key, _)| key).find(|key| !METADATA.contains(&key.as_str()));
    match unknown {
        None => Ok(()),
        Some(key) => {
            Err(Refused(format!("`metadata.{key}` in the template of an ApplicationSet is not supported")))
        }
    }
}
