//! Content-hashed names of machine templates.
//!
//! Cluster API compares templates by name, never by content (KubeadmControlPlane: the `cloned-from-name` annotation;
//! MachineDeployment: the reference), so a template's name must say what is in it: then machines are rolled exactly
//! when their meaning changes. The hash is frozen: names recorded under `golden/names/` may only be added to.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Report};
use crate::emit::Object;
use crate::emit::fingerprint::{Meaningless, Plain, short_hash, write_meaning};

/// Values equal to the API's own default mean the same as nothing. Steps begin at the object; `*` is any item.
///
/// Sources: the CRDs of CAPO v0.15 (`OpenStackMachineTemplate` v1beta2) and of Cluster API v1.14
/// (`KubeadmConfigTemplate` v1beta2), what the bootstrap provider and kubeadm take for granted where a field is absent,
/// and what Cluster API's webhooks once wrote (`ApplyPreviousKubeadmConfigDefaults`). `DevMachineTemplate` has no
/// defaults, and port security has none: where a port does not say, its network decides. Frozen: a change would rename, and so roll, every template of the kind.
const DEFAULTS: [(&str, &[&[&str]], Plain); 9] = [
    (
        "OpenStackMachineTemplate",
        &[&["spec", "template", "spec", "identityRef", "type"]],
        Plain::Text("Secret"),
    ),
    (
        "OpenStackMachineTemplate",
        &[
            &["spec", "template", "spec", "rootVolume", "availabilityZone", "from"],
            &[
                "spec",
                "template",
                "spec",
                "additionalBlockDevices",
                "*",
                "storage",
                "volume",
                "availabilityZone",
                "from",
            ],
        ],
        Plain::Text("Name"),
    ),
    ("KubeadmConfigTemplate", &[&["spec", "template", "spec", "format"]], Plain::Text("cloud-config")),
    ("KubeadmConfigTemplate", &[&["spec", "template", "spec", "files", "*", "append"]], Plain::Flag(false)),
    ("KubeadmConfigTemplate", &[&["spec", "template", "spec", "users", "*", "inactive"]], Plain::Flag(false)),
    (
        "KubeadmConfigTemplate",
        &[
            &["spec", "template", "spec", "joinConfiguration", "nodeRegistration", "imagePullPolicy"],
            &["spec", "template", "spec", "initConfiguration", "nodeRegistration", "imagePullPolicy"],
        ],
        Plain::Text("IfNotPresent"),
    ),
    (
        "KubeadmConfigTemplate",
        &[
            &["spec", "template", "spec", "joinConfiguration", "nodeRegistration", "imagePullSerial"],
            &["spec", "template", "spec", "initConfiguration", "nodeRegistration", "imagePullSerial"],
        ],
        Plain::Flag(true),
    ),
    (
        "KubeadmConfigTemplate",
        &[&["spec", "template", "spec", "joinConfiguration", "caCertPath"]],
        Plain::Text("/etc/kubernetes/pki/ca.crt"),
    ),
    (
        "KubeadmConfigTemplate",
        &[&[
            "spec",
            "template",
            "spec",
            "joinConfiguration",
            "discovery",
            "file",
            "kubeConfig",
            "user",
            "exec",
            "apiVersion",
        ]],
        Plain::Text("client.authentication.k8s.io/v1"),
    ),
];

/// Gives every object whose kind ends in `Template` its hashed name, and rewrites the references to its base name in
/// fields that end in `Ref` among the same objects.
///
/// # Errors
/// Reports references to a template that none of the objects is, and two templates of one kind and base name.
pub fn name_templates(objects: &mut [Object]) -> Result<(), Report> {
    let mut names: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut report = Report::default();
    for object in objects.iter_mut().filter(|object| is_template(object.kind())) {
        let (kind, base) = (object.kind().to_owned(), object.name().to_owned());
        let name = format!("{base}-{}", content_hash(&object.body));
        object.body["metadata"]["name"] = Value::String(name.clone());
        if names.insert((kind.clone(), base.clone()), name).is_some() {
            let message = format!("there are two {kind}s called `{base}`");
            report.push(at_template(object, "template-name", message));
        }
    }
    for object in objects.iter_mut() {
        let mut missing = Vec::new();
        rewrite_references(&mut object.body, &names, &mut missing);
        for (kind, name) in missing {
            let message = format!(
                "{} `{}` refers to {kind} `{name}`, which no template makes",
                object.kind(),
                object.name()
            );
            report.push(at_template(object, "template-reference", message));
        }
    }
    report.or(())
}

/// Returns whether objects of a kind are templates that others are cloned from.
pub fn is_template(kind: &str) -> bool {
    kind.ends_with("Template")
}

/// Returns a template's name without the hash of its content.
pub fn base_name(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((base, hash)) if hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => base,
        _ => name,
    }
}

/// Returns 8 hex digits of the object's meaning: its kind and `spec`, without what equals the API's default,
/// whatever the order of keys and the API version.
pub fn content_hash(body: &Value) -> String {
    let kind = body.get("kind").and_then(Value::as_str).unwrap_or_default();
    let of_kind = DEFAULTS.iter().filter(|(of_kind, ..)| *of_kind == kind);
    let meaningless =
        of_kind.flat_map(|(_, places, default)| places.iter().map(move |steps| (&steps[1..], *default)));
    let meaningless: Vec<Meaningless<'_>> = meaningless.collect();
    let mut text = format!("{kind}\n{{\"spec\":");
    write_meaning(body.get("spec").unwrap_or(&Value::Null), &meaningless, &mut text);
    text.push_str(",}");
    short_hash(&text)
}

/// Rewrites `name` in every field that ends in `Ref` and refers to a template; `missing` collects those that lead
/// to no template among `names`.
fn rewrite_references(
    value: &mut Value,
    names: &BTreeMap<(String, String), String>,
    missing: &mut Vec<(String, String)>,
) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                if key.ends_with("Ref") {
                    rewrite_reference(inner, names, missing);
                }
                rewrite_references(inner, names, missing);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite_references(item, names, missing)),
        _ => {}
    }
}

fn rewrite_reference(
    reference: &mut Value,
    names: &BTreeMap<(String, String), String>,
    missing: &mut Vec<(String, String)>,
) {
    let text = |field: &str| reference.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, base) = (text("kind"), text("name"));
    if !is_template(&kind) || base.is_empty() {
        return;
    }
    match names.get(&(kind.clone(), base.clone())) {
        Some(name) => reference["name"] = Value::String(name.clone()),
        None => missing.push((kind, base)),
    }
}

fn at_template(object: &Object, rule: &'static str, message: String) -> Diagnostic {
    let place = object.origin.template.unwrap_or(object.origin.spec);
    Diagnostic::error(rule, place, message).related(object.origin.spec, "rendered for this")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::emit::Origin;
    use crate::location::{FileId, Location};

    fn object(body: Value) -> Object {
        Object { body, origin: Origin { spec: Location::start_of(FileId(0)), template: None } }
    }

    fn template(spec: Value) -> Value {
        json!({"apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2", "kind": "OpenStackMachineTemplate", "metadata": {"name": "web"}, "spec": {"template": {"spec": spec}}})
    }

    #[test]
    fn a_template_is_known_by_its_base_name() {
        for (name, base) in [
            ("web-default-1a2b3c4d", "web-default"),
            ("web-default", "web-default"),
            ("web-deadbee", "web-deadbee"),
        ] {
            assert_eq!(base_name(name), base);
        }
    }

    #[test]
    fn the_hash_is_of_the_meaning_and_frozen() {
        let plain = template(
            json!({"flavor": {"filter": {"name": "m1"}}, "rootVolume": {"sizeGiB": 50, "availabilityZone": {"name": "a"}}}),
        );
        let reordered = template(
            json!({"rootVolume": {"availabilityZone": {"from": "Name", "name": "a"}, "sizeGiB": 50.0}, "flavor": {"filter": {"name": "m1"}}}),
        );
        let mut older = plain.clone();
        older["apiVersion"] = json!("infrastructure.cluster.x-k8s.io/v1beta1");
        older["metadata"]["labels"] = json!({"a": "b"});
        let other = template(json!({"flavor": {"filter": {"name": "m2"}}}));

        assert_eq!(content_hash(&plain), content_hash(&reordered));
        assert_eq!(content_hash(&plain), content_hash(&older));
        assert_ne!(content_hash(&plain), content_hash(&other));
    }

    #[test]
    fn a_default_means_nothing_and_neither_does_a_map_of_defaults_alone() {
        let hash = |spec: Value| content_hash(&template(spec));
        let zone = hash(json!({"rootVolume": {"sizeGiB": 50, "availabilityZone": {"from": "Name"}}}));
        assert_eq!(zone, hash(json!({"rootVolume": {"sizeGiB": 50}})));
        // A port without the field is as secure as its network, which need not be secure at all.
        let secure = hash(json!({"ports": [{"enablePortSecurity": true}]}));
        assert_ne!(secure, hash(json!({"ports": [{}]})));
    }

    #[test]
    fn references_follow_the_templates_they_name() -> Result<(), Report> {
        let mut objects = [
            object(template(json!({"flavor": {"id": "x"}}))),
            object(
                json!({"kind": "MachineDeployment", "metadata": {"name": "web"}, "spec": {"template": {"spec": {"infrastructureRef": {"kind": "OpenStackMachineTemplate", "name": "web"}, "bootstrap": {"configRef": {"kind": "Secret", "name": "web"}}}}}}),
            ),
        ];
        name_templates(&mut objects)?;
        let name = objects[0].name().to_owned();
        assert!(name.starts_with("web-") && name.len() == "web-".len() + 8, "{name}");
        assert_eq!(objects[1].body.pointer("/spec/template/spec/infrastructureRef/name"), Some(&json!(name)));
        assert_eq!(
            objects[1].body.pointer("/spec/template/spec/bootstrap/configRef/name"),
            Some(&json!("web"))
        );
        Ok(())
    }

    #[test]
    fn a_reference_to_no_template_is_reported() {
        let mut objects = [object(
            json!({"kind": "MachineDeployment", "metadata": {"name": "web"}, "spec": {"infrastructureRef": {"kind": "OpenStackMachineTemplate", "name": "wbe"}}}),
        )];
        let report = name_templates(&mut objects).expect_err("because nothing is called wbe");
        assert_eq!(report.diagnostics[0].rule, "template-reference");
    }
}
