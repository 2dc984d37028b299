//! Look-ups that find nothing, and say nothing: a tag without `goTemplate` stays as it is written, `index` with
//! `goTemplate` gives the empty text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{listed, name};
use crate::argocd::intake::SetDocument;
use crate::argocd::{Expanded, Sources, place};
use crate::diagnostic::{Diagnostic, Report};

/// Notes tags that stay in Applications as they are written.
pub fn unfilled(set: &SetDocument, applications: &[Value]) -> Report {
    if is_go(set) {
        return Report::default();
    }
    let mut by_tag: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for application in applications {
        let own = name::of(application);
        for part in ["metadata", "spec"] {
            each_text(application.get(part).unwrap_or(&Value::Null), &mut |text| {
                // Most hold none, and this is seen at a glance.
                if !text.contains('{') {
                    return;
                }
                for tag in tags(text).filter(|tag| is_parameter(tag)) {
                    let names = by_tag.entry(tag).or_default();
                    if names.last() != Some(&own) {
                        names.push(own);
                    }
                }
            });
        }
    }
    let note = |(tag, names): (&str, Vec<&str>)| {
        let at = place::of_text(&set.root, &|text| tags(text).any(|found| found == tag));
        let message = format!("`{{{{{tag}}}}}` stays as text: no parameter has this name");
        Diagnostic::note("look-up-unfilled", at.unwrap_or_else(|| set.location()), message)
            .label(format!("in {}", listed(&names)))
    };
    Report { diagnostics: by_tag.into_iter().map(note).collect() }
}

/// Notes labels and annotations that Go templates look up by `index`, and that clusters of the set lack: all of them, or
/// some where the template has nothing to take instead.
pub fn unknown(set: &SetDocument, expanded: &Expanded, sources: &Sources<'_>) -> Report {
    if !is_go(set) {
        return Report::default();
    }
    let clusters: BTreeSet<usize> = expanded.origins.iter().filter_map(|origin| origin.cluster).collect();
    let mut asked: BTreeMap<(&str, String), Asked> = BTreeMap::new();
    each_text(set.body.get("spec").unwrap_or(&Value::Null), &mut |text| {
        let how = if has_fallback(text) { Asked::WithFallback } else { Asked::Plainly };
        for look_up in indexed(text) {
            let known = asked.entry(look_up).or_insert(how);
            *known = how.min(*known);
        }
    });
    let missing = |((field, key), how): ((&'static str, String), Asked)| {
        let tag = format!("metadata.{field}.{key}");
        let lacks = |index: &&usize| sources.clusters()[**index].tag(&tag).is_none();
        let without: Vec<&str> =
            clusters.iter().filter(lacks).map(|index| sources.clusters()[*index].name()).collect();
        let is_worth_saying = match without.len() {
            0 => false,
            all if all == clusters.len() => true,
            _ => how == Asked::Plainly,
        };
        is_worth_saying.then(|| {
            let who = match without.len() {
                all if all == clusters.len() => "no cluster of this set has".to_owned(),
                1 => format!("the cluster {} of this set lacks", listed(&without)),
                some => format!("{some} of {} clusters of this set lack", clusters.len()),
            };
            let what = field.trim_end_matches('s');
            let message = format!("{who} the {what} `{key}`: `index` gives an empty text, silently");
            let look_up = (field, key);
            let at = place::of_text(&set.root, &|text| indexed(text).any(|found| found == look_up));
            Diagnostic::note("look-up-unknown", at.unwrap_or_else(|| set.location()), message)
        })
    };
    Report { diagnostics: asked.into_iter().filter_map(missing).collect() }
}

/// How a template asks for a label or an annotation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    /// As if it were there.
    Plainly,
    /// With something to take instead.
    WithFallback,
}

/// Returns whether a text says what to do where a look-up is empty.
fn has_fallback(text: &str) -> bool {
    let words = ["default", "if", "with", "or", "coalesce", "ternary", "empty", "eq", "ne", "not", "and"];
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| words.contains(&word))
}

fn is_go(set: &SetDocument) -> bool {
    set.body.pointer("/spec/goTemplate") == Some(&Value::Bool(true))
}

/// Gives every text of a value to `visit`, keys included.
fn each_text<'v>(value: &'v Value, visit: &mut impl FnMut(&'v str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, visit)),
        Value::Object(map) => {
            for (key, value) in map {
                visit(key);
                each_text(value, visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns what stands between `{{` and `}}`.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|behind| Some(behind.split_once("}}")?.0.trim()))
}

/// Returns whether a tag looks like the name of a parameter; others, such as `{{ .Values.x }}`, are meant for others.
fn is_parameter(tag: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_./-[]".contains(letter);
    tag.starts_with(|letter: char| letter.is_ascii_alphabetic()) && tag.chars().all(is_part)
}

/// Returns the labels and annotations that a text looks up by `index` with a key that is written out.
fn indexed(text: &str) -> impl Iterator<Item = (&'static str, String)> {
    let fields = [("annotations", "index .metadata.annotations"), ("labels", "index .metadata.labels")];
    fields.into_iter().flat_map(move |(field, call)| {
        let behind = text.split(call).skip(1).map(str::trim_start);
        behind.filter_map(move |behind| {
            let quote = behind.chars().next().filter(|letter| matches!(letter, '"' | '`'))?;
            let (key, _) = behind[1..].split_once(quote)?;
            Some((field, key.to_owned()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_may_be_parameters_are_found() {
        let found = |text: &'static str| tags(text).filter(|tag| is_parameter(tag)).collect::<Vec<_>>();
        assert_eq!(
            found("a-{{name}}/{{ metadata.labels.a.b/c }} {{path[0]}}"),
            ["name", "metadata.labels.a.b/c", "path[0]"]
        );
        assert_eq!(found("{{ .Values.x }} {{ $x }} {{}} {{ a | b }} {{ open"), Vec::<&str>::new());
    }

    #[test]
    fn keys_that_are_written_out_are_found() {
        let text = "{{ index .metadata.labels \"a/b\" }}-{{ index .metadata.annotations `c` | lower }}{{ index .metadata.labels $x }}";
        let found: BTreeSet<_> = indexed(text).collect();
        assert_eq!(found, [("annotations", "c".to_owned()), ("labels", "a/b".to_owned())].into());
    }
}
