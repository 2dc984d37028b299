//! An addon of a cluster: why it is on or off, and where its version, its values and its settings come from.

use serde_json::{Value, json};

use super::access;
use super::key_path::{KeyPath, step_into};
use super::layer::{Layer, chain, default_at};
use super::setting::shown;
use super::{Asked, Explanation, Origin, Step};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::addon::{ACCESS, Addon, kind_of};
use crate::spec::cluster::Cluster;
use crate::spec::merge::merge_optional;
use crate::spec::selector::{Operator, Selector};
use crate::spec::yaml::{Node, Scalar};

/// Explains `<addon>` or `<addon>.<field>`.
pub(super) fn explain(asked: &Asked<'_>, path: &str) -> Result<Explanation, Report> {
    let end = path.find(['.', '[', '/']).unwrap_or(path.len());
    let (name, rest) = (&path[..end], path[end..].trim_start_matches(['.', '/']));
    if rest.is_empty() && lacks(asked, name) {
        return Ok(absent(asked, name));
    }
    let addon = find(asked, name)?;
    match rest {
        "" => Ok(enabled(asked, addon)),
        "source" => Ok(source(asked, addon)),
        field_name => field(asked, addon, field_name),
    }
}

/// Returns the addon of this name as the cluster has it: that of its release, or what tenants' access becomes.
pub(super) fn known<'a>(asked: &Asked<'a>, name: &str) -> Option<&'a Addon> {
    let own = asked.content().addons.get(name);
    own.or_else(|| asked.catalog.access.as_ref().filter(|access| access.name.as_str() == name))
}

fn find<'a>(asked: &Asked<'a>, name: &str) -> Result<&'a Addon, Report> {
    let addons = &asked.content().addons;
    known(asked, name).ok_or_else(|| {
        let of_release = asked.content().release().map(|release| format!(" in `{release}`"));
        let message = format!("there is no addon `{name}`{}", of_release.unwrap_or_default());
        let finding = Diagnostic::error_nowhere("unknown-reference", message);
        finding.hint_nearest(name, addons.keys().map(|known| known.as_str()), "").into()
    })
}

/// Returns whether the release that the cluster is pinned to lacks an addon that there is elsewhere.
pub(super) fn lacks(asked: &Asked<'_>, name: &str) -> bool {
    known(asked, name).is_none() && asked.catalog.emitted_addons().contains_key(name)
}

/// Explains why an addon is off that the cluster's release lacks.
pub(super) fn absent(asked: &Asked<'_>, name: &str) -> Explanation {
    let mut steps = pin_steps(asked);
    let release = asked.content().release().map(ToString::to_string).unwrap_or_default();
    steps.push(
        Step::new(Origin::Derived, None, format!("`{release}` has no addon `{name}`")).giving(false.into()),
    );
    Explanation {
        subject: format!("the addon {name} of {}", asked.cluster().identity()),
        value: Some(Value::Bool(false)),
        steps,
    }
}

/// Returns who pins the cluster to its release.
pub(super) fn pin_steps(asked: &Asked<'_>) -> Vec<Step> {
    let mut steps = chain(&asked.layers(), &["release".to_owned()]);
    for step in &mut steps {
        "pins it to this release".clone_into(&mut step.what);
    }
    steps
}

/// Explains whether an addon is on.
pub(super) fn enabled(asked: &Asked<'_>, addon: &Addon) -> Explanation {
    if addon.name.as_str() == ACCESS {
        return access::explain(asked);
    }
    let cluster = asked.cluster();
    let fits = addon.runs_on(cluster.minor()) && addon.runs_with(&cluster.provider);
    let own = cluster.addon(&addon.name).enabled;
    let mut steps = by_rule(addon, cluster, own.is_some());
    for step in own_word(asked, addon) {
        steps.push(step.overridden_if(!fits));
    }
    steps.extend(fit(addon, cluster));
    let is_on = asked.expansion.clusters[asked.index].addon(addon.name.as_str()).is_some();
    Explanation {
        subject: format!("the addon {} of {}", addon.name, cluster.identity()),
        value: Some(Value::Bool(is_on)),
        steps,
    }
}

/// Returns what the cluster's layers say about the addon: on or off.
fn own_word(asked: &Asked<'_>, addon: &Addon) -> Vec<Step> {
    let mut steps = chain(&asked.layers(), &["addons".to_owned(), addon.name.to_string()]);
    for step in &mut steps {
        step.what = match (switch(step), &step.value) {
            (Some(true), _) => "switches it on",
            (Some(false), _) => "switches it off",
            (None, Some(Value::Object(_))) => "has settings for it",
            (None, _) => "takes back what is said before",
        }
        .to_owned();
    }
    let is_last_word = |step: &Step| switch(step).is_some() || step.value == Some(Value::Null);
    let last = steps.iter().rposition(|step| step.holds && is_last_word(step));
    for (index, step) in steps.iter_mut().enumerate() {
        step.holds &= !is_last_word(step) || Some(index) == last;
    }
    steps
}

/// Returns whether a layer of a cluster switches the addon on or off; `None` where it does neither.
fn switch(step: &Step) -> Option<bool> {
    match step.value.as_ref()? {
        Value::Object(settings) => settings.get("enabled")?.as_bool(),
        value => value.as_bool(),
    }
}

/// Returns the step that decided whether the addon is on: the cluster's own word, else the addon's rule, of which each
/// part can say no.
pub(super) fn decisive(steps: &[Step], is_on: bool) -> Option<&Step> {
    let is_own = |step: &&Step| {
        step.holds && matches!(step.origin, Origin::Cluster | Origin::Folder) && switch(step) == Some(is_on)
    };
    let says_no = |step: &&Step| step.holds && step.value == Some(Value::Bool(false));
    let by_rule = || if is_on { steps.first() } else { steps.iter().rev().find(says_no) };
    steps.iter().rev().find(is_own).or_else(by_rule)
}

/// Returns what the addon's own rule says: `enable.default`, and where it holds.
fn by_rule(addon: &Addon, cluster: &Cluster, overridden: bool) -> Vec<Step> {
    let enable = &addon.spec.enable;
    let at = |pointer: &str| addon.document.at(pointer).map(|node| node.location);
    let place = at("/spec/enable/default");
    let what = match (place, enable.default) {
        (None, _) => "is off unless a cluster asks for it: the addon has no `enable.default`",
        (Some(_), true) => "is on by default",
        (Some(_), false) => "is off by default",
    };
    let origin = if place.is_some() { Origin::Addon } else { Origin::Default };
    let first = Step::new(origin, place, what).giving(enable.default.into());
    let when = selected(&enable.when, (Origin::Addon, addon.document.at("/spec/enable/when")), cluster);
    let all = std::iter::once(first).chain(when);
    all.map(|step| step.overridden_if(overridden)).collect()
}

/// Returns what a selector says of a cluster; `written` is where it stands.
pub(super) fn selected(
    selector: &Selector,
    written: (Origin, Option<&Node>),
    cluster: &Cluster,
) -> Vec<Step> {
    let (origin, node) = written;
    let mut steps = Vec::new();
    for (key, value) in &selector.match_labels {
        let found = cluster.labels.get(key);
        let holds = found == Some(value);
        let what = format!("only where `{key}` is `{value}`, which {}", verdict(holds, key, found));
        let place = node.and_then(|node| label_place(node, key));
        steps.push(Step::new(origin, place, what).giving(holds.into()));
        steps.extend(cluster_label(cluster, key));
    }
    for (index, expression) in selector.match_expressions.iter().enumerate() {
        let found = cluster.labels.get(&expression.key);
        let holds = expression.holds(found.map(String::as_str));
        let values = expression.values.join(", ");
        let operator = match expression.operator {
            Operator::In => format!("is one of {values}"),
            Operator::NotIn => format!("is none of {values}"),
            Operator::Exists => "is there".to_owned(),
            Operator::DoesNotExist => "is not there".to_owned(),
        };
        let what = format!(
            "only where `{}` {operator}, which {}",
            expression.key,
            verdict(holds, &expression.key, found)
        );
        let place = node.and_then(|node| node.at(&format!("/matchExpressions/{index}")));
        let place = place.map(|node| node.location);
        steps.push(Step::new(origin, place, what).giving(holds.into()));
        steps.extend(cluster_label(cluster, &expression.key));
    }
    steps
}

fn verdict(holds: bool, key: &str, found: Option<&String>) -> String {
    let found = found.map_or_else(|| format!("there is no `{key}`"), |value| format!("`{key}` is `{value}`"));
    format!("{}: {found}", if holds { "holds" } else { "does not hold" })
}

fn label_place(selector: &Node, key: &str) -> Option<Location> {
    let labels = selector.get("matchLabels")?.entries()?;
    labels.iter().find(|entry| &*entry.key == key).map(|entry| entry.key_location)
}

/// Returns where a cluster has a label.
pub(super) fn cluster_label(cluster: &Cluster, key: &str) -> Option<Step> {
    let labels = cluster.document.at("/metadata/labels")?.entries()?;
    let entry = labels.iter().find(|entry| &*entry.key == key)?;
    Some(
        Step::new(Origin::Cluster, Some(entry.key_location), format!("has the label `{key}`"))
            .giving(entry.value.to_json()),
    )
}

/// Returns why the addon does or does not run on the cluster at all, where it says something about that.
fn fit(addon: &Addon, cluster: &Cluster) -> Vec<Step> {
    let at = |pointer: &str| addon.document.at(pointer).map(|node| node.location);
    let mut steps = Vec::new();
    if let Some(place) = at("/spec/kubernetes").filter(|_| addon.spec.kubernetes.is_some()) {
        let fits = addon.runs_on(cluster.minor());
        let what = format!("{} on {}", if fits { "runs" } else { "does not run" }, cluster.minor());
        steps.push(Step::new(Origin::Addon, Some(place), what).giving(fits.into()));
    }
    if let Some(place) = at("/spec/providers").filter(|_| !addon.spec.providers.is_empty()) {
        let fits = addon.runs_with(&cluster.provider);
        let what = format!("{} on `{}`", if fits { "runs" } else { "does not run" }, cluster.provider);
        steps.push(Step::new(Origin::Addon, Some(place), what).giving(fits.into()));
    }
    steps
}

/// Explains what the addon is installed from: its source, and what `perMinor` lays over it or puts in its place.
fn source(asked: &Asked<'_>, addon: &Addon) -> Explanation {
    let minor = asked.cluster().minor();
    let (base, over) = (addon.document.at("/spec/source"), addon.minor_source(minor));
    let layers = [(Origin::Addon, base), (Origin::PerMinor, over)];
    let layers = layers.into_iter().filter_map(|(origin, root)| Some(Layer { origin, root: root? }));
    let mut steps = chain(&layers.collect::<Vec<_>>(), &[]);
    let source = addon.source_node(minor);
    let is_other = |node: &Node| kind_of(node) != kind_of(&source);
    if base.is_some_and(is_other)
        && let Some(first) = steps.first_mut()
    {
        first.holds = false;
    }
    let subject = format!("addons.{}.source of {}", addon.name, asked.cluster().identity());
    Explanation { subject, value: Some(source.to_json()), steps }
}

/// Explains a field of an addon: of its source, laid over by `perMinor` and by the cluster, or any other.
fn field(asked: &Asked<'_>, addon: &Addon, path: &str) -> Result<Explanation, Report> {
    let cluster = asked.cluster();
    let source = addon.source_node(cluster.minor());
    let kind = kind_of(&source);
    let of_source = path.strip_prefix("source.").unwrap_or(path);
    let of_source = kind.and_then(|kind| of_source.strip_prefix(&format!("{kind}."))).unwrap_or(of_source);
    let body = kind.and_then(|kind| source.get(kind));
    let in_source = kind.filter(|_| {
        let first = of_source.split(['.', '[']).next().unwrap_or_default();
        let of_cluster = matches!(first, "values" | "version");
        of_cluster || body.is_some_and(|body| body.get(first).is_some())
    });
    let Some(kind) = in_source else { return of_spec(asked, addon, path) };
    let layers = source_layers(asked, addon, kind);
    let roots: Vec<&Node> = layers.iter().map(|layer| layer.root).collect();
    let steps = KeyPath::read(of_source)?.steps(&roots, None);
    let found = chain(&layers, &steps);
    let merged = layers.iter().fold(None, |merged, layer| merge_optional(merged.as_ref(), Some(layer.root)));
    let value =
        merged.as_ref().and_then(|merged| steps.iter().try_fold(merged, |node, step| step_into(node, step)));
    let value = value.filter(|node| !node.is_null()).map(Node::to_json);
    if found.is_empty() {
        return Err(nothing(addon, &format!("addons.{}.{path}", addon.name), cluster));
    }
    Ok(Explanation {
        subject: format!("addons.{}.{} of {}", addon.name, shown(&steps), cluster.identity()),
        value,
        steps: found,
    })
}

fn nothing(addon: &Addon, path: &str, cluster: &Cluster) -> Report {
    let message = format!("nothing sets `{path}` for {}", cluster.identity());
    let at = addon.document.at("/spec/source").map_or(addon.document.location, |node| node.location);
    Diagnostic::error("unknown-path", at, message).label("the addon's source").into()
}

/// Returns the layers of an addon's source for the cluster's minor, and of what the cluster lays over it.
fn source_layers<'a>(asked: &Asked<'a>, addon: &'a Addon, kind: &str) -> Vec<Layer<'a>> {
    let minor = asked.cluster().minor();
    let mut layers = Vec::new();
    let base = addon.document.at("/spec/source").and_then(|source| source.get(kind));
    layers.extend(base.map(|root| Layer { origin: Origin::Addon, root }));
    let over = addon.minor_source(minor).and_then(|source| source.get(kind));
    layers.extend(over.map(|root| Layer { origin: Origin::PerMinor, root }));
    for layer in asked.layers() {
        let own = layer.root.get("addons").and_then(|addons| addons.get(addon.name.as_str()));
        let own = own.filter(|node| !matches!(node.scalar(), Some(Scalar::Bool(_) | Scalar::Null)));
        layers.extend(own.map(|root| Layer { origin: layer.origin, root }));
    }
    layers
}

/// Explains a field that only the addon itself has.
fn of_spec(asked: &Asked<'_>, addon: &Addon, path: &str) -> Result<Explanation, Report> {
    let spec = addon.document.get("spec").unwrap_or(&addon.document);
    let steps = KeyPath::read(path)?.steps(&[spec], Some(&addon.schema));
    let found = chain(&[Layer { origin: Origin::Addon, root: spec }], &steps);
    let default = default_at(&addon.schema, &steps);
    let value = found.last().and_then(|step| step.value.clone()).or_else(|| default.clone());
    if value.is_none() {
        return Err(nothing(addon, &format!("addons.{}.{path}", addon.name), asked.cluster()));
    }
    let is_set = !found.is_empty();
    let default = default.map(|value| {
        Step::new(Origin::Default, None, "is the default of the schema of addons")
            .giving(value)
            .overridden_if(is_set)
    });
    Ok(Explanation {
        subject: format!("addons.{}.{} of {}", addon.name, shown(&steps), asked.cluster().identity()),
        value,
        steps: default.into_iter().chain(found).collect(),
    })
}

/// Returns the steps of a field of the addon's source; none where it has no such.
pub(super) fn source_steps(asked: &Asked<'_>, addon: &Addon, field_name: &str) -> Vec<Step> {
    field(asked, addon, field_name).map(|explanation| explanation.steps).unwrap_or_default()
}

/// Returns the addon's namespace, with where it stands.
pub(super) fn namespace_step(addon: &Addon) -> Step {
    let place = addon.document.at("/spec/namespace").map(|node| node.location);
    Step::new(Origin::Addon, place, "names its namespace").giving(json!(addon.spec.namespace.as_str()))
}
