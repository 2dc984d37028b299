//! Field names that YAML 1.1 takes for booleans.
//!
//! Kubernetes reads the key `no` as `false`, in maps of free names too. Where a schema has a field that is called `no`,
//! whoever writes it bare means the field.

use std::sync::Arc;

use super::Schema;
use crate::location::Location;
use crate::spec::yaml::{Kind, Node};

/// Returns `node` with such keys spelled as the schema's fields; `written` gives the text at a location. `None`
/// where there are none.
pub fn respell(node: &Node, schema: &Arc<Schema>, written: &dyn Fn(Location) -> String) -> Option<Node> {
    let schema = schema.alternative(super::type_of(node));
    let kind = match &node.kind {
        Kind::Scalar { .. } => return None,
        Kind::List { items, flow } => {
            let item_schema = schema.items.as_ref()?;
            let respelled: Vec<Option<Node>> =
                items.iter().map(|item| respell(item, item_schema, written)).collect();
            if respelled.iter().all(Option::is_none) {
                return None;
            }
            let items =
                respelled.into_iter().zip(items.iter()).map(|(new, old)| new.unwrap_or_else(|| old.clone()));
            Kind::List { items: items.collect(), flow: *flow }
        }
        Kind::Map { entries, flow } => {
            let mut changed = false;
            let mut respelled = entries.to_vec();
            for entry in &mut respelled {
                if matches!(&*entry.key, "true" | "false") {
                    let text = written(entry.key_location);
                    if schema.properties.iter().any(|(name, _)| **name == *text) {
                        entry.key = Arc::from(text);
                        changed = true;
                    }
                }
                let value =
                    schema.property(&entry.key).and_then(|property| respell(&entry.value, property, written));
                changed |= value.is_some();
                entry.value = value.unwrap_or_else(|| entry.value.clone());
            }
            if !changed {
                return None;
            }
            Kind::Map { entries: respelled.into(), flow: *flow }
        }
    };
    Some(Node { location: node.location, kind })
}
