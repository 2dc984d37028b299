//! Everything that a cluster says or is given, a line each, with the place that decided.

use serde_json::Value;

use super::addon::{absent, decisive, enabled, known};
use super::layer::{Layer, chain};
use super::setting::shown;
use super::{Asked, Origin};
use crate::diagnostic::Report;
use crate::location::Location;
use crate::spec::yaml::{Kind, Node};

/// A cluster at a glance.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// The cluster: `payments/web`.
    pub cluster: String,
    /// Its settings, in the order of the merged spec: single values and plain lists.
    pub settings: Vec<Line>,
    /// Every addon of the fleet, sorted: whether it is on, and what decided that.
    pub addons: Vec<Line>,
}

/// One line: a path, what it is, and the place that decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The path, as `explain` takes it.
    pub path: String,
    /// What it is.
    pub value: Value,
    /// What kind of place decided.
    pub origin: Origin,
    /// Where it stands.
    pub location: Option<Location>,
    /// What it says, in words; empty for settings.
    pub what: String,
}

pub(super) fn of(asked: &Asked<'_>) -> Result<Overview, Report> {
    let layers = asked.layers();
    let mut settings = Vec::new();
    add(&asked.cluster().spec, &mut Vec::new(), &layers, &mut settings);
    let addons = asked.catalog.emitted_addons().into_keys().map(|name| {
        let explanation = match known(asked, name) {
            Some(addon) => enabled(asked, addon),
            None => absent(asked, name),
        };
        let is_on = explanation.value == Some(Value::Bool(true));
        let decided = decisive(&explanation.steps, is_on);
        Line {
            path: format!("addons.{name}"),
            value: Value::Bool(is_on),
            origin: decided.map_or(Origin::Default, |step| step.origin),
            location: decided.and_then(|step| step.location),
            what: decided.map(|step| step.what.clone()).unwrap_or_default(),
        }
    });
    let addons = addons.collect();
    Ok(Overview { cluster: asked.cluster().identity(), settings, addons })
}

/// Adds a line for every value that is no map and no list of named things.
fn add(node: &Node, steps: &mut Vec<String>, layers: &[Layer<'_>], lines: &mut Vec<Line>) {
    // Addons have lines of their own.
    if steps.len() == 1 && steps[0] == "addons" {
        return;
    }
    let named = |item: &Node| {
        let name = item.get("name").or_else(|| item.get("path"));
        name.and_then(Node::as_str).map(str::to_owned)
    };
    match &node.kind {
        Kind::Map { entries, .. } if !entries.is_empty() => {
            for entry in entries.iter() {
                steps.push(entry.key.to_string());
                add(&entry.value, steps, layers, lines);
                steps.pop();
            }
        }
        Kind::List { items, .. } if !items.is_empty() && items.iter().all(|item| named(item).is_some()) => {
            for item in items.iter() {
                steps.push(named(item).unwrap_or_default());
                add(item, steps, layers, lines);
                steps.pop();
            }
        }
        Kind::Map { .. } | Kind::List { .. } | Kind::Scalar { .. } => {
            let last = chain(layers, steps).into_iter().rev().find(|step| step.holds);
            let (origin, location) =
                last.map_or((Origin::Cluster, Some(node.location)), |step| (step.origin, step.location));
            lines.push(Line {
                path: shown(steps),
                value: node.to_json(),
                origin,
                location,
                what: String::new(),
            });
        }
    }
}
