//! The Cluster API objects of one cluster: templates filled, finished, patched, named and, for older providers,
//! converted.

mod effective;
mod finish;
mod openstack_v1beta1;
mod template_name;

pub use effective::effective_cluster;
pub use finish::{finish, finish_companion};
pub use openstack_v1beta1::convert as to_openstack_v1beta1;
pub use template_name::{base_name, content_hash, is_template, name_templates};

use std::collections::BTreeMap;

use serde_json::Value;

use super::patch::Patches;
use super::{Object, Origin};
use crate::diagnostic::{Diagnostic, Report};
use crate::expand::ExpandedCluster;
use crate::spec::version::Minor;
use crate::spec::yaml::Node;

/// The first minor of the OpenStack provider that serves v1beta2.
const OPENSTACK_V1BETA2: Minor = Minor { major: 0, minor: 15 };

/// Makes a cluster's objects out of what its templates were filled to, in that order, its companions last.
///
/// # Errors
/// Reports what is no object, two objects with one name, patches that cannot be applied, references to templates
/// that are not there, and fields that an older provider does not have.
pub fn cluster_objects(
    cluster: &ExpandedCluster<'_>,
    filled: Vec<Object>,
    patches: &[&Patches],
) -> Result<Vec<Object>, Report> {
    let mut report = Report::default();
    let mut objects = filled;
    for object in &objects {
        report.extend(check_object(object));
    }
    if !report.is_empty() {
        return Err(report);
    }
    for object in &mut objects {
        finish(object, cluster);
    }
    objects.extend(companions(cluster));
    for object in &mut objects {
        for patches in patches {
            if let Err(findings) = patches.apply(object) {
                report.extend(findings);
            }
        }
    }
    report.extend(same_names(&objects));
    if !report.is_empty() {
        return Err(report);
    }
    name_templates(&mut objects)?;
    if cluster.management.cluster_api.openstack < OPENSTACK_V1BETA2 {
        for object in &mut objects {
            if let Err(findings) = openstack_v1beta1::convert(object) {
                report.extend(findings);
            }
        }
    }
    report.or(objects)
}

/// Reports what the API server could not even address.
fn check_object(object: &Object) -> Report {
    let place = object.origin.template.unwrap_or(object.origin.spec);
    let missing = ["/apiVersion", "/kind", "/metadata/name"]
        .into_iter()
        .filter(|pointer| object.body.pointer(pointer).and_then(Value::as_str).is_none_or(str::is_empty));
    let diagnostic = |pointer: &str| {
        let field = pointer.trim_start_matches('/').replace('/', ".");
        let message = format!("the template makes something that is no object: it has no `{field}`");
        Diagnostic::error("template-object", place, message).related(object.origin.spec, "rendered for this")
    };
    Report { diagnostics: missing.map(diagnostic).collect() }
}

/// Reports two objects of one cluster that the API server could not tell apart.
fn same_names(objects: &[Object]) -> Report {
    let mut report = Report::default();
    let mut seen: BTreeMap<(&str, &str, &str, &str), &Object> = BTreeMap::new();
    for object in objects {
        let namespace =
            object.body.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default();
        let key = (object.group(), object.kind(), namespace, object.name());
        if let Some(first) = seen.insert(key, object) {
            let place = |object: &Object| object.origin.template.unwrap_or(object.origin.spec);
            let message = format!("two objects are {} `{}`", object.kind(), object.name());
            report.push(
                Diagnostic::error("duplicate-object", place(object), message)
                    .related(place(first), "the first one")
                    .related(object.origin.spec, "rendered for this"),
            );
        }
    }
    report
}

/// Returns the companion objects that the cluster declares.
fn companions(cluster: &ExpandedCluster<'_>) -> Vec<Object> {
    let objects = cluster.cluster.spec.get("objects").and_then(Node::items).unwrap_or_default();
    let companion = |node: &Node| {
        let mut object =
            Object { body: node.to_json(), origin: Origin { spec: node.location, template: None } };
        finish_companion(&mut object);
        object
    };
    objects.iter().map(companion).collect()
}
