//! Addons that AWS manages: entries of the control plane, each a change of its own.

use serde_json::Value;

use super::field::differences;
use super::machine::Scene;
use super::object::{Key, text};
use super::pair::Pair;
use super::single::{Reason, Single};
use super::{Class, FieldChange, Workloads};

const KIND: &str = "AWSManagedControlPlane";

/// Takes the addons out of a control plane; returns what is left of it, and the changes of its addons.
pub fn split(scene: Scene<'_>, key: &Key, pair: Pair<&Value>) -> (Pair<Value>, Vec<Single>) {
    let mut rest = pair.map(Value::clone);
    if key.kind != KIND {
        return (rest, Vec::new());
    }
    let take = |object: &mut Value| -> Vec<Value> {
        let spec = object.get_mut("spec").and_then(Value::as_object_mut);
        match spec.and_then(|spec| spec.shift_remove("addons")) {
            Some(Value::Array(addons)) => addons,
            _ => Vec::new(),
        }
    };
    let addons = Pair::new(take(&mut rest.base), take(&mut rest.head));
    let named = |all: &[Value], name: &str| all.iter().find(|addon| text(addon, "/name") == name).cloned();
    let mut singles = Vec::new();
    for head in &addons.head {
        let base = named(&addons.base, text(head, "/name"));
        singles.extend(change(scene, key, Pair::new(base.as_ref(), Some(head))));
    }
    for base in addons.base.iter().filter(|base| named(&addons.head, text(base, "/name")).is_none()) {
        singles.extend(change(scene, key, Pair::new(Some(base), None)));
    }
    (rest, singles)
}

fn change(scene: Scene<'_>, key: &Key, pair: Pair<Option<&Value>>) -> Option<Single> {
    let version =
        |addon: Option<&Value>| addon.map(|addon| text(addon, "/version")).unwrap_or_default().to_owned();
    let (from, to) = (version(pair.base), version(pair.head));
    let name = text(pair.head.or(pair.base)?, "/name").to_owned();
    let (class, reason) = match (pair.base, pair.head) {
        (Some(base), Some(head)) if base == head => return None,
        (Some(_), Some(_)) if from != to => {
            (Class::Upgrades, format!("the EKS addon `{name}` from {from} to {to}"))
        }
        (Some(_), Some(_)) => (Class::Changes, format!("the EKS addon `{name}`")),
        (None, _) => (Class::Installs, format!("the EKS addon `{name}` {to}")),
        (Some(_), None) => {
            (Class::Destroys, format!("the EKS addon `{name}` {from} is removed from the cluster"))
        }
    };
    let mut single = scene.single(class, key);
    single.workloads = (class == Class::Destroys).then_some(Workloads::Deleted);
    single.reasons.push(Reason::new(reason));
    if let (Some(base), Some(head)) = (pair.base, pair.head) {
        let fields = differences(base, head).into_iter();
        let path = |field: &FieldChange| format!("/spec/addons/{name}{}", field.path);
        single.fields = fields.map(|field| FieldChange { path: path(&field), ..field }).collect();
    }
    single.addon = Some(name);
    Some(single)
}
