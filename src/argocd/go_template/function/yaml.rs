//! `toYaml`, `fromYaml` and `fromYamlArray`, Argo CD's own.

use super::{Function, Type};
use crate::argocd::Fault;
use crate::argocd::go::value::Value;
use crate::argocd::go::yaml;

/// The functions.
pub(super) const TABLE: &[Function] =
    &[Function { name: "toYaml", fixed: &[Type::Any], variadic: None, call: to_yaml }];

fn to_yaml(arguments: &[Value]) -> Result<Value, Fault> {
    let text = yaml::to_yaml(&arguments[0])?;
    Ok(Value::text(text.strip_suffix('\n').unwrap_or(&text)))
}
