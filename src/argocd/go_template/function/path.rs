//! Paths, as Go's packages `path` and, on Linux, `path/filepath` see them: nothing is looked up.

use super::text::change;
use super::{Answer, Function, Type, unfit};
use crate::argocd::go::value::Value;

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("base", &[Type::Text], |given| change(given, base)),
    Function::new("clean", &[Type::Text], |given| change(given, clean)),
    Function::new("dir", &[Type::Text], |given| change(given, dir)),
    Function::new("ext", &[Type::Text], |given| change(given, extension)),
    Function::new("isAbs", &[Type::Text], is_absolute),
    Function::new("osBase", &[Type::Text], |given| change(given, base)),
    Function::new("osClean", &[Type::Text], |given| change(given, clean)),
    Function::new("osDir", &[Type::Text], |given| change(given, dir)),
    Function::new("osExt", &[Type::Text], |given| change(given, extension)),
    Function::new("osIsAbs", &[Type::Text], is_absolute),
];

fn base(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next().unwrap_or_default() {
        _ if path.is_empty() => ".".to_owned(),
        "" => "/".to_owned(),
        last => last.to_owned(),
    }
}

fn dir(path: &str) -> String {
    clean(&path[..path.rfind('/').map_or(0, |slash| slash + 1)])
}

fn extension(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.rfind('.').map_or("", |dot| &last[dot..]).to_owned()
}

fn is_absolute(given: &[Value]) -> Answer {
    let [Value::Text(path)] = given else { return Err(unfit()) };
    Ok(Value::Bool(path.starts_with('/')))
}

/// Returns the shortest path that is the same one.
fn clean(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match joined.as_str() {
        "" if !is_rooted => ".".to_owned(),
        _ if is_rooted => format!("/{joined}"),
        _ => joined,
    }
}
