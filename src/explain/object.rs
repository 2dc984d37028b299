//! A Cluster API object of a cluster, or a field of one: the template's line, the patches on it.

use serde_json::Value;

use super::key_path::{KeyPath, step_into};
use super::{Asked, Explanation, Origin, Step, application, label, setting};
use crate::diagnostic::{Diagnostic, Report};
use crate::emit::Object;
use crate::emit::cluster_api::{base_name, is_template};
use crate::emit::patch::AllPatches;
use crate::error::Failure;
use crate::location::{FileId, Location};
use crate::render::{MadeObject, objects_of};
use crate::spec::yaml::{Kind, Options, parse};

/// Which object is asked for: `MachineDeployment/web-default.spec.replicas`.
pub(super) struct Wanted<'p> {
    kind: &'p str,
    /// Its name, with or without the hash of templates; `None` where the kind has to do.
    name: Option<&'p str>,
    /// A field of it; empty for the whole.
    field: &'p str,
}

impl<'p> Wanted<'p> {
    /// Reads a path that begins with a kind; no field of a cluster begins with a capital letter.
    pub(super) fn read(path: &'p str) -> Option<Self> {
        if !path.starts_with(|first: char| first.is_ascii_uppercase()) {
            return None;
        }
        let (kind, rest) = match path.find(['/', '.', ':', '[']) {
            Some(end) if path[end..].starts_with('/') => (&path[..end], &path[end + 1..]),
            Some(end) => return Some(Self { kind: &path[..end], name: None, field: trimmed(&path[end..]) }),
            None => return Some(Self { kind: path, name: None, field: "" }),
        };
        let end = rest.find(['.', ':', '[', '/']).unwrap_or(rest.len());
        Some(Self { kind, name: Some(&rest[..end]), field: trimmed(&rest[end..]) })
    }

    fn matches(&self, object: &Object) -> bool {
        object.kind() == self.kind
            && self.name.is_none_or(|name| name == object.name() || name == base_of(object))
    }
}

/// Returns the name under which patches and people know an object: that of a template without its hash.
fn base_of(object: &Object) -> &str {
    if is_template(object.kind()) { base_name(object.name()) } else { object.name() }
}

fn trimmed(field: &str) -> &str {
    field.trim_start_matches(['.', ':', '/'])
}

/// Explains an object.
pub(super) fn explain(asked: &Asked<'_>, wanted: &Wanted<'_>) -> Result<Explanation, Failure> {
    match (wanted.kind, wanted.name) {
        ("Application", Some(name)) => {
            return Ok(application::explain(asked.catalog, asked.sources, asked.expansion, name)?);
        }
        ("Secret", _) => {
            let prefixes = ["metadata.labels.", "metadata.annotations."];
            let key = prefixes.iter().find_map(|prefix| wanted.field.strip_prefix(prefix));
            let unquoted = |key: &str| key.trim_matches(['[', ']', '"', '\'']).to_owned();
            if let Some(key) = key {
                return Ok(label::explain(asked, &unquoted(key))?);
            }
        }
        _ => {}
    }
    let steps = |object: &Object| {
        let is_wanted = wanted.matches(object);
        is_wanted.then(|| numbered(&object.body, wanted.field).unwrap_or_default())
    };
    let made = objects_of(asked.expansion, asked.sources, asked.index, &steps)?;
    let found: Vec<&MadeObject> = made.iter().filter(|made| wanted.matches(&made.object)).collect();
    match found[..] {
        [made] => Ok(of_object(asked, wanted, made, &steps(&made.object).unwrap_or_default())?),
        _ => Err(Failure::Report(not_one(asked, wanted, &made, found.len()))),
    }
}

fn not_one(asked: &Asked<'_>, wanted: &Wanted<'_>, made: &[MadeObject], found: usize) -> Report {
    let names: Vec<String> =
        made.iter().map(|made| format!("{}/{}", made.object.kind(), made.object.name())).collect();
    let typed = match wanted.name {
        Some(name) => format!("{}/{name}", wanted.kind),
        None => wanted.kind.to_owned(),
    };
    let identity = asked.cluster().identity();
    if found > 1 {
        let of_kind: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|name| name.starts_with(&format!("{}/", wanted.kind)))
            .collect();
        let message = format!("{identity} has {found} objects `{typed}`");
        return Diagnostic::error_nowhere("unknown-path", message)
            .hint(format!("known: {}", of_kind.join(", ")))
            .into();
    }
    let finding = Diagnostic::error_nowhere("unknown-path", format!("{identity} has no object `{typed}`"));
    let otherwise = format!("known: {}", names.join(", "));
    finding.hint_nearest(&typed, names.iter().map(String::as_str), &otherwise).into()
}

/// Returns a path into a value as keys and numbers of items.
fn numbered(body: &Value, field: &str) -> Option<Vec<String>> {
    if field.is_empty() {
        return None;
    }
    // JSON is YAML.
    let documents = parse(FileId(0), body.to_string().as_bytes(), Options::FOREIGN).ok()?;
    let root = &documents.first()?.root;
    let mut node = root;
    let mut numbered = Vec::new();
    for step in KeyPath::read(field).ok()?.steps(&[root], None) {
        let next = step_into(node, &step)?;
        let number = match &node.kind {
            Kind::List { items, .. } => items.iter().position(|item| std::ptr::eq(item, next))?.to_string(),
            Kind::Map { .. } | Kind::Scalar { .. } => step,
        };
        numbered.push(number);
        node = next;
    }
    Some(numbered)
}

fn of_object(
    asked: &Asked<'_>,
    wanted: &Wanted<'_>,
    made: &MadeObject,
    steps: &[String],
) -> Result<Explanation, Report> {
    let object = &made.object;
    let value = steps.iter().try_fold(&object.body, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    });
    let subject = match wanted.field {
        "" => format!("{}/{} of {}", object.kind(), object.name(), asked.cluster().identity()),
        field => format!("{field} of {}/{} of {}", object.kind(), object.name(), asked.cluster().identity()),
    };
    if !wanted.field.is_empty() && steps.is_empty() {
        let place = object.origin.template.unwrap_or(object.origin.spec);
        let message = format!("{}/{} has no field `{}`", object.kind(), object.name(), wanted.field);
        return Err(Diagnostic::error("unknown-path", place, message).label("it is made here").into());
    }
    let mut found = vec![Step::new(Origin::Cluster, Some(object.origin.spec), "is what it is made for")];
    match made.place {
        Some(place) => {
            found.extend(read_there(asked, place));
            let what = if wanted.field.is_empty() { "makes it" } else { "makes it, or what holds it" };
            found.push(Step::new(Origin::Template, Some(place), what).giving(line(asked, place).into()));
        }
        None => found[0].what = "declares it as a companion object".to_owned(),
    }
    found.extend(patches(asked, object));
    if is_template(object.kind()) && wanted.field.is_empty() {
        found.push(Step::new(Origin::Derived, None, "ends its name in a hash of what it says"));
    }
    Ok(Explanation { subject, value: value.cloned(), steps: found })
}

/// Returns the template's line without the blanks around it.
fn line(asked: &Asked<'_>, place: Location) -> String {
    let source = asked.sources.get(place.file);
    let number = asked.sources.position(place).line;
    let text = String::from_utf8_lossy(&source.bytes);
    text.lines().nth(number - 1).unwrap_or_default().trim().to_owned()
}

/// Returns where the settings come from that the template's line reads by their full name: `${{ cluster.kubernetes }}`.
fn read_there(asked: &Asked<'_>, place: Location) -> Vec<Step> {
    let line = line(asked, place);
    let mut steps = Vec::new();
    for expression in line.split("${{").skip(1).filter_map(|rest| rest.split("}}").next()) {
        let path = expression.trim().split(['|', ' ', '(', ')', '~', '+']).next().unwrap_or_default();
        let Some(path) = path.strip_prefix("cluster.").filter(|path| !path.contains(['[', '"'])) else {
            continue;
        };
        let explained = setting::explain(asked, path).map(|explanation| explanation.steps);
        steps.extend(
            explained
                .unwrap_or_default()
                .into_iter()
                .map(|step| Step { what: format!("{} (`{path}`)", step.what), ..step }),
        );
    }
    steps
}

/// Returns the patches that the object has gone through, in their order.
fn patches(asked: &Asked<'_>, object: &Object) -> Vec<Step> {
    let all = AllPatches::new(asked.expansion);
    let base = base_of(object);
    let owners = all.on_cluster(asked.index).into_iter();
    let places = owners.flat_map(|owner| owner.places(&owner.matching(object.kind(), object.group(), base)));
    places.map(|place| Step::new(Origin::Patch, Some(place), "is applied to it")).collect()
}
