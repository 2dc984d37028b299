//! A field of a cluster: the layers of its spec, its labels, and what is derived for it.

use serde_json::Value;

use super::key_path::{KeyPath, step_into};
use super::layer::{Layer, chain, default_at};
use super::{Asked, Explanation, Origin, Step};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::Content;
use crate::spec::schema::Type;
use crate::spec::yaml::{Node, Options, parse};

/// Explains a field of the cluster's spec, or of its `metadata`.
pub(super) fn explain(asked: &Asked<'_>, path: &str) -> Result<Explanation, Report> {
    let cluster = asked.cluster();
    let path = path.strip_prefix("spec.").unwrap_or(path);
    if path.starts_with("metadata.") {
        return of_metadata(asked, path);
    }
    let own_layers = asked.layers();
    let roots: Vec<&Node> = own_layers.iter().map(|layer| layer.root).collect();
    let steps = KeyPath::read(path)?.steps(&roots, Some(&cluster.schema));
    check(asked, &steps)?;
    check_items(asked, &steps)?;
    let own = chain(&own_layers, &steps);
    let replaces =
        |step: &Step| step.value.as_ref().is_some_and(|value| !value.is_object() && !value.is_null());
    let is_replaced = own.iter().any(replaces);
    let inherited = inherited(asked, &steps, &own_layers).into_iter();
    let mut found: Vec<Step> = inherited.map(|step| step.overridden_if(is_replaced)).collect();
    found.extend(own);
    let node = steps.iter().try_fold(&cluster.spec, |node, step| step_into(node, step));
    let value = node.filter(|node| !node.is_null()).map(Node::to_json);
    let default = default_step(asked, &steps);
    let is_set =
        found.iter().any(|step| step.holds && step.value.as_ref().is_some_and(|value| !value.is_null()));
    let value = value
        .or_else(|| found.iter().rev().find(|step| step.holds).and_then(|step| step.value.clone()))
        .filter(|value| !value.is_null())
        .or_else(|| default.as_ref().and_then(|step| step.value.clone()));
    let default = default.map(|step| step.overridden_if(is_set));
    Ok(Explanation {
        subject: format!("{} of {}", shown(&steps), cluster.identity()),
        value,
        steps: default.into_iter().chain(found).collect(),
    })
}

impl<'a> Asked<'a> {
    pub(super) fn cluster(&self) -> &'a crate::spec::cluster::Cluster {
        self.expansion.clusters[self.index].cluster
    }

    /// Returns what the cluster is installed from.
    pub(super) fn content(&self) -> &'a Content {
        self.expansion.clusters[self.index].content
    }

    /// Returns the layers of the cluster's spec, the lowest first: the folders from the outermost, then its own file.
    pub(super) fn layers(&self) -> Vec<Layer<'a>> {
        let cluster = self.cluster();
        let holds = |folder: &str| cluster.path.lies_beneath(folder);
        let folders = self.catalog.defaults.iter().filter(|(folder, _)| holds(folder));
        let mut layers: Vec<Layer<'a>> =
            folders.map(|(_, root)| Layer { origin: Origin::Folder, root }).collect();
        layers.extend(cluster.document.get("spec").map(|root| Layer { origin: Origin::Cluster, root }));
        layers
    }
}

/// Returns steps as they are written.
pub(super) fn shown(steps: &[String]) -> String {
    steps
        .iter()
        .map(|step| if step.contains('.') { format!("[\"{step}\"]") } else { format!(".{step}") })
        .collect::<String>()
        .trim_start_matches('.')
        .to_owned()
}

/// Reports a path that the schema has no field for.
fn check(asked: &Asked<'_>, steps: &[String]) -> Result<(), Report> {
    let mut schema = asked.cluster().schema.clone();
    for (index, step) in steps.iter().enumerate() {
        let map = schema.alternative(Type::Object).clone();
        let known = super::key_path::schema_at(&schema, step);
        let is_open = map.properties.is_empty() && schema.alternative(Type::Array).items.is_none();
        match known {
            Some(known) => schema = known,
            None if is_open => return Ok(()),
            None => {
                let before = shown(&steps[..index]);
                let place = if before.is_empty() { "a cluster".to_owned() } else { format!("`{before}`") };
                let finding =
                    Diagnostic::error_nowhere("unknown-path", format!("{place} has no field `{step}`"));
                let names: Vec<&str> = map.properties.iter().map(|(name, _)| &**name).collect();
                let otherwise = format!("known: {}", names.join(", "));
                return Err(finding.hint_nearest(step, names.iter().copied(), &otherwise).into());
            }
        }
    }
    Ok(())
}

/// Reports an item of a list of named things that no layer has.
fn check_items(asked: &Asked<'_>, steps: &[String]) -> Result<(), Report> {
    let mut node = &asked.cluster().spec;
    for (index, step) in steps.iter().enumerate() {
        let next = step_into(node, step);
        let (None, Some(items)) = (next, node.items()) else {
            let Some(next) = next else { return Ok(()) };
            node = next;
            continue;
        };
        let names: Vec<&str> =
            items.iter().filter_map(|item| item.get("name").or_else(|| item.get("path"))?.as_str()).collect();
        let message = format!("`{}` has no item `{step}`", shown(&steps[..index]));
        let finding = Diagnostic::error("unknown-path", node.location, message);
        let otherwise = format!("known: {}", names.join(", "));
        return Err(finding.hint_nearest(step, names.iter().copied(), &otherwise).into());
    }
    Ok(())
}

/// Returns what a field takes over from elsewhere where it is not set itself.
fn inherited(asked: &Asked<'_>, steps: &[String], layers: &[Layer<'_>]) -> Vec<Step> {
    let texts: Vec<&str> = steps.iter().map(String::as_str).collect();
    match texts[..] {
        ["management"] => {
            let first = asked.catalog.fleet.document.at("/spec/management/0/name");
            let step = first.map(|node| {
                Step::new(Origin::Fleet, Some(node.location), "is the first of the fleet, and so the default")
                    .giving(node.to_json())
            });
            step.into_iter().collect()
        }
        ["nodePools", _, "kubernetes"] => {
            let of_cluster = chain(layers, &["kubernetes".to_owned()]);
            let said = |step: Step| Step { what: "sets it for the cluster".to_owned(), ..step };
            of_cluster.into_iter().map(said).collect()
        }
        ["nodePools", _, "kubeadm", ..] => chain(layers, &steps[2..]),
        ["controlPlane", "kubeadm", ..] => chain(layers, &steps[1..]),
        _ => Vec::new(),
    }
}

/// Returns the default of the place: of a provider's schema where it has a place of its own.
fn default_step(asked: &Asked<'_>, steps: &[String]) -> Option<Step> {
    let value = default_at(&asked.cluster().schema, steps)?;
    let of_provider = provider_default(asked, steps);
    let what = match of_provider {
        Some(_) => "is the default of the provider's schema",
        None => "is the default of the schema of clusters",
    };
    Some(Step::new(Origin::Default, of_provider, what).giving(value))
}

/// Returns where a provider's `schema.json` has the default of a place.
fn provider_default(asked: &Asked<'_>, steps: &[String]) -> Option<Location> {
    let provider = &asked.cluster().provider;
    let texts: Vec<&str> = steps.iter().map(String::as_str).collect();
    let (part, rest) = match texts[..] {
        [first, ..] if first == provider.as_str() => ("cluster", &texts[1..]),
        ["nodePools", _, "machine", ..] => ("machine", &texts[3..]),
        ["controlPlane", "machine", ..] => ("machine", &texts[2..]),
        _ => return None,
    };
    let path = crate::tree::RepoPath::new(&format!("templates/{provider}/schema.json")).ok()?;
    let file = asked.sources.find_named(&asked.content().source_name(&path))?;
    let document = parse(file, &asked.sources.get(file).bytes, Options::FOREIGN).ok()?;
    let root = &document.first()?.root;
    let mut node = resolved(root, root.at("/properties")?.get(part)?)?;
    for step in rest {
        let field = node.get("properties").and_then(|properties| properties.get(step));
        node = resolved(root, field.or_else(|| node.get("items"))?)?;
    }
    Some(node.get("default")?.location)
}

fn resolved<'n>(root: &'n Node, node: &'n Node) -> Option<&'n Node> {
    match node.get("$ref").and_then(Node::as_str) {
        Some(reference) => root.at(reference.strip_prefix('#')?),
        None => Some(node),
    }
}

/// Explains `metadata.name` and `metadata.labels`, which only the cluster's own file has.
fn of_metadata(asked: &Asked<'_>, path: &str) -> Result<Explanation, Report> {
    let cluster = asked.cluster();
    let layers = [Layer { origin: Origin::Cluster, root: &cluster.document }];
    let steps = KeyPath::read(path)?.steps(&[&cluster.document], None);
    let found = chain(&layers, &steps);
    let value: Option<Value> = found.last().and_then(|step| step.value.clone());
    if found.is_empty() {
        let message = format!("{} has no `{}`", cluster.identity(), shown(&steps));
        let at = cluster.document.at("/metadata").map_or(cluster.document.location, |node| node.location);
        return Err(Diagnostic::error("unknown-path", at, message)
            .hint("labels of clusters stand in their own files; ClusterDefaults have none")
            .into());
    }
    Ok(Explanation { subject: format!("{} of {}", shown(&steps), cluster.identity()), value, steps: found })
}
