//! Patches on emitted objects: RFC 6902 and RFC 7386, in the order Fleet, Cluster, Addon.
//!
//! A patch that matches nothing in all that its owner covers is an error, so every match is counted, across
//! threads. Patches see base names: they run before names get their hash.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::Object;
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::patch::Patch;
use crate::spec::yaml::Node;

/// The patches of one owner, in order, with how often each has matched.
#[derive(Debug)]
pub struct Patches<'a> {
    patches: &'a [Patch],
    places: Vec<Location>,
    matches: Vec<AtomicUsize>,
}

impl<'a> Patches<'a> {
    /// Takes the patches of an owner; `spec` is its `spec`, for the places.
    pub fn new(patches: &'a [Patch], spec: Option<&Node>) -> Self {
        let items = spec.and_then(|spec| spec.get("patches")).and_then(Node::items).unwrap_or_default();
        Self {
            patches,
            places: items.iter().map(|node| node.location).collect(),
            matches: patches.iter().map(|_| AtomicUsize::new(0)).collect(),
        }
    }

    /// Applies every patch whose target `object` is.
    ///
    /// # Errors
    /// Reports a patch that cannot be applied, at its place.
    pub fn apply(&self, object: &mut Object) -> Result<(), Report> {
        for (index, patch) in self.patches.iter().enumerate() {
            if !targets(patch, object) {
                continue;
            }
            self.matches[index].fetch_add(1, Ordering::Relaxed);
            if let Err(refusal) = change(patch, &mut object.body) {
                let place = self.places.get(index).copied().unwrap_or(object.origin.spec);
                let message = format!(
                    "the patch cannot be applied to {} `{}`: {refusal}",
                    object.kind(),
                    object.name()
                );
                let diagnostic = Diagnostic::error("patch-refused", place, message);
                return Err(diagnostic.related(object.origin.spec, "the object is made for this").into());
            }
        }
        Ok(())
    }

    /// Reports the patches that have matched nothing.
    pub fn unmatched(&self) -> Report {
        let mut report = Report::default();
        let counted = self.patches.iter().zip(&self.matches).zip(&self.places);
        for ((patch, matches), place) in counted {
            if matches.load(Ordering::Relaxed) == 0 {
                let name = patch.target.name.as_deref().unwrap_or("*");
                let message = format!("the patch matches no {} `{name}`", patch.target.kind);
                report.push(
                    Diagnostic::error("patch-unmatched", *place, message)
                        .hint("`name` is the base name, without the hash of templates; a glob is fine"),
                );
            }
        }
        report
    }
}

fn targets(patch: &Patch, object: &Object) -> bool {
    let target = &patch.target;
    target.kind == object.kind()
        && target.group.as_deref().is_none_or(|group| group == object.group())
        && target.name.as_deref().is_none_or(|pattern| glob_matches(pattern, object.name()))
}

fn change(patch: &Patch, body: &mut Value) -> Result<(), String> {
    if let Some(merge) = &patch.merge {
        json_patch::merge(body, merge);
        return Ok(());
    }
    let operations: json_patch::Patch =
        serde_json::from_value(Value::Array(patch.json.clone())).map_err(|refusal| refusal.to_string())?;
    json_patch::patch(body, &operations).map_err(|refusal| refusal.to_string())
}

/// Returns whether `text` matches a glob of `*` (any characters) and `?` (one character).
pub fn glob_matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut position) = (0, 0);
    // Where the last `*` stood, and what it has swallowed so far: the only place to go back to.
    let mut star: Option<(usize, usize)> = None;
    while position < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, position));
                at += 1;
            }
            Some(character) if *character == '?' || *character == text[position] => {
                at += 1;
                position += 1;
            }
            _ => {
                let Some((star_at, swallowed)) = star else { return false };
                star = Some((star_at, swallowed + 1));
                at = star_at + 1;
                position = swallowed + 1;
            }
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::emit::Origin;
    use crate::location::FileId;

    fn object() -> Object {
        let spec = Location::start_of(FileId(0));
        let body = json!({"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "metadata": {"name": "web"}, "spec": {"a": 1}});
        Object { body, origin: Origin { spec, template: None } }
    }

    fn patch(value: Value) -> Vec<Patch> {
        serde_json::from_value(json!([value])).expect("because the patch is well formed")
    }

    #[test]
    fn a_patch_changes_the_objects_it_targets_and_no_others() -> Result<(), Report> {
        let patches = patch(
            json!({"target": {"kind": "Cluster", "name": "w*"}, "json": [{"op": "replace", "path": "/spec/a", "value": 2}]}),
        );
        let patches = Patches::new(&patches, None);
        let mut changed = object();
        patches.apply(&mut changed)?;
        assert_eq!(changed.body["spec"]["a"], json!(2));

        let others =
            patch(json!({"target": {"kind": "Cluster", "group": "x"}, "merge": {"spec": {"a": null}}}));
        let others = Patches::new(&others, None);
        others.apply(&mut changed)?;
        assert_eq!(changed.body["spec"]["a"], json!(2));
        Ok(())
    }

    #[test]
    fn a_patch_that_cannot_be_applied_is_reported() {
        let patches =
            patch(json!({"target": {"kind": "Cluster"}, "json": [{"op": "remove", "path": "/spec/nope"}]}));
        let refusal =
            Patches::new(&patches, None).apply(&mut object()).expect_err("because the path is not there");
        assert_eq!(refusal.diagnostics[0].rule, "patch-refused");
    }

    #[test]
    fn globs_match_as_people_expect() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("web", "web", true),
            ("web", "webs", false),
            ("w*b", "wab-b", true),
            ("*-md-?", "web-md-0", true),
            ("*-md-?", "web-md-10", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
        ] {
            assert_eq!(glob_matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
