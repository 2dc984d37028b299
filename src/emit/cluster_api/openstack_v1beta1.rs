//! From the OpenStack provider's v1beta2 down to v1beta1, for management clusters that run CAPO 0.14.
//!
//! Source: CAPO's API change v1beta1 → v1beta2 (v0.15) and the CRDs of both. Four booleans are inverted and a
//! flavor changes its type, so the conversion knows every field that moved; what v1beta1 cannot say is an error.

use serde_json::{Map, Value, json};

use crate::diagnostic::{Diagnostic, Report};
use crate::emit::Object;

const GROUP: &str = "infrastructure.cluster.x-k8s.io";

/// Converts an OpenStack object of v1beta2 to v1beta1; every other object stays as it is.
///
/// # Errors
/// Reports fields that v1beta1 does not have.
pub fn convert(object: &mut Object) -> Result<(), Report> {
    if object.body.get("apiVersion").and_then(Value::as_str) != Some(&format!("{GROUP}/v1beta2")) {
        return Ok(());
    }
    let pointer = match object.kind() {
        "OpenStackCluster" => "/spec",
        "OpenStackClusterTemplate" | "OpenStackMachineTemplate" => "/spec/template/spec",
        _ => return Ok(()),
    };
    let is_machine = object.kind() == "OpenStackMachineTemplate";
    object.body["apiVersion"] = json!(format!("{GROUP}/v1beta1"));
    let Some(spec) = object.body.pointer_mut(pointer).and_then(Value::as_object_mut) else { return Ok(()) };
    let refusals = if is_machine { convert_machine(spec) } else { convert_cluster(spec) };
    let mut report = Report::default();
    for field in refusals {
        let place = object.origin.template.unwrap_or(object.origin.spec);
        let message = format!("{} `{}`: CAPO 0.14 has no field for `{field}`", object.kind(), object.name());
        report.push(Diagnostic::error("older-provider", place, message).related(
            object.origin.spec,
            "rendered for this cluster, whose management cluster runs CAPO 0.14",
        ));
    }
    report.or(())
}

/// Converts the spec of an OpenStackCluster; returns the fields that v1beta1 lacks.
fn convert_cluster(spec: &mut Map<String, Value>) -> Vec<String> {
    let mut refused = Vec::new();
    let api_server: &[Move] = &[
        ("port", "apiServerPort", Keep),
        ("fixedIP", "apiServerFixedIP", Keep),
        ("floatingIP", "apiServerFloatingIP", Keep),
        ("enableFloatingIP", "disableAPIServerFloatingIP", Invert),
        ("managedLoadBalancer", "apiServerLoadBalancer", Keep),
    ];
    let network: &[Move] =
        &[("mtu", "networkMTU", Keep), ("enablePortSecurity", "disablePortSecurity", Invert)];
    lift(spec, "apiServer", api_server, &mut refused);
    lift(spec, "managedNetwork", network, &mut refused);
    lift(spec, "managedRouter", &[("externalIPs", "externalRouterIPs", Keep)], &mut refused);
    rename(spec, ("enableExternalNetwork", "disableExternalNetwork", Invert));
    if let Some(Value::Object(groups)) = spec.get_mut("managedSecurityGroups") {
        rename(groups, ("clusterNodesSecurityGroupRules", "allNodesSecurityGroupRules", Keep));
    }
    if spec.contains_key("primarySubnet") {
        refused.push("primarySubnet".to_owned());
    }
    if let Some(Value::Object(machine)) = spec.get_mut("bastion").and_then(|bastion| bastion.get_mut("spec"))
    {
        refused.extend(convert_machine(machine));
    }
    refused
}

/// Converts the spec of a machine; returns the fields that v1beta1 lacks.
fn convert_machine(spec: &mut Map<String, Value>) -> Vec<String> {
    let mut refused = Vec::new();
    if let Some(Value::Object(flavor)) = spec.get("flavor").cloned() {
        let name = flavor.get("filter").and_then(|filter| filter.get("name")).cloned();
        match (name, flavor.get("id").cloned()) {
            (Some(name), _) => {
                spec.insert("flavor".to_owned(), name);
            }
            (None, Some(id)) => replace_key(spec, "flavor", "flavorID", id),
            (None, None) => refused.push("flavor".to_owned()),
        }
    }
    for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(port) = port {
            rename(port, ("enablePortSecurity", "disablePortSecurity", Invert));
        }
    }
    refused
}

/// A field's name in v1beta2, in v1beta1, and what becomes of its value.
type Move = (&'static str, &'static str, Change);

#[derive(Clone, Copy)]
enum Change {
    Keep,
    Invert,
}
use Change::{Invert, Keep};

impl Change {
    fn apply(self, value: Value) -> Value {
        match (self, value) {
            (Self::Invert, Value::Bool(flag)) => Value::Bool(!flag),
            (_, value) => value,
        }
    }
}

/// Moves the fields of the map `group` up into `spec`, in the place of the group.
fn lift(spec: &mut Map<String, Value>, group: &str, moves: &[Move], refused: &mut Vec<String>) {
    let Some(Value::Object(fields)) = spec.shift_remove(group) else { return };
    for (field, value) in fields {
        match moves.iter().find(|(name, ..)| *name == field) {
            Some((_, older, change)) => {
                spec.insert((*older).to_owned(), change.apply(value));
            }
            None => refused.push(format!("{group}.{field}")),
        }
    }
}

fn rename(map: &mut Map<String, Value>, (newer, older, change): Move) {
    if let Some(value) = map.get(newer).cloned() {
        replace_key(map, newer, older, change.apply(value));
    }
}

/// Puts `value` under `older` where `newer` stood, so that the order of fields stays.
fn replace_key(map: &mut Map<String, Value>, newer: &str, older: &str, value: Value) {
    let entries = std::mem::take(map);
    for (key, current) in entries {
        if key == newer {
            map.insert(older.to_owned(), value.clone());
        } else {
            map.insert(key, current);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::Origin;
    use crate::location::{FileId, Location};

    fn converted(kind: &str, spec: Value) -> Result<Value, Report> {
        let body = json!({"apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2", "kind": kind, "metadata": {"name": "web"}, "spec": spec});
        let mut object =
            Object { body, origin: Origin { spec: Location::start_of(FileId(0)), template: None } };
        convert(&mut object)?;
        assert_eq!(object.body["apiVersion"], json!("infrastructure.cluster.x-k8s.io/v1beta1"));
        Ok(object.body["spec"].clone())
    }

    #[test]
    fn inverted_booleans_and_moved_fields_keep_their_meaning() -> Result<(), Report> {
        let spec = json!({
            "identityRef": {"name": "cloud", "cloudName": "o"},
            "apiServer": {"enableFloatingIP": false, "fixedIP": "10.0.0.1", "port": 443, "managedLoadBalancer": {"enabled": true}},
            "enableExternalNetwork": true,
            "managedNetwork": {"mtu": 1450, "enablePortSecurity": false},
            "managedRouter": {"externalIPs": [{"fixedIP": "1.2.3.4", "subnet": {"id": "x"}}]},
            "managedSecurityGroups": {"clusterNodesSecurityGroupRules": [{"name": "a"}], "allowAllInClusterTraffic": true},
            "bastion": {"spec": {"flavor": {"filter": {"name": "m1"}}}},
        });
        let expected = json!({
            "identityRef": {"name": "cloud", "cloudName": "o"},
            "disableExternalNetwork": false,
            "managedSecurityGroups": {"allNodesSecurityGroupRules": [{"name": "a"}], "allowAllInClusterTraffic": true},
            "bastion": {"spec": {"flavor": "m1"}},
            "disableAPIServerFloatingIP": true, "apiServerFixedIP": "10.0.0.1", "apiServerPort": 443, "apiServerLoadBalancer": {"enabled": true},
            "networkMTU": 1450, "disablePortSecurity": true,
            "externalRouterIPs": [{"fixedIP": "1.2.3.4", "subnet": {"id": "x"}}],
        });
        assert_eq!(converted("OpenStackCluster", spec)?, expected);
        Ok(())
    }

    #[test]
    fn machines_name_their_flavor_in_the_old_way() -> Result<(), Report> {
        let machine = |flavor: Value| json!({"template": {"spec": {"flavor": flavor, "ports": [{"enablePortSecurity": true}]}}});
        let by_name = converted("OpenStackMachineTemplate", machine(json!({"filter": {"name": "m1"}})))?;
        let by_id = converted("OpenStackMachineTemplate", machine(json!({"id": "x"})))?;
        assert_eq!(
            by_name,
            json!({"template": {"spec": {"flavor": "m1", "ports": [{"disablePortSecurity": false}]}}})
        );
        assert_eq!(by_id["template"]["spec"]["flavorID"], json!("x"));
        Ok(())
    }

    #[test]
    fn what_the_older_version_cannot_say_is_reported() {
        let report =
            converted("OpenStackCluster", json!({"primarySubnet": {"id": "x"}, "apiServer": {"new": 1}}))
                .expect_err("because v1beta1 lacks both");
        let rules: Vec<_> = report.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect();
        assert_eq!(rules, ["older-provider", "older-provider"]);
    }
}
