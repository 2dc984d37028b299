//! The cluster generator: one set of parameters for each cluster Secret that is selected, and for the local cluster.
//!
//! Follows `generators/cluster.go` of Argo CD 3.5.1.

use std::sync::Arc;

use serde_json::Value;

use super::place::Place;
use super::values::Values;
use super::{Generators, NoteKind, is_filled};
use crate::argocd::go::value::{Element, List, Map, Value as GoValue};
use crate::argocd::params::{Params, SecretParams};
use crate::argocd::selector::{Selector, Selects};
use crate::argocd::{ClusterSecret, Fault};

/// The name of the cluster that Argo CD runs in, where no Secret has another for it.
const LOCAL_NAME: &str = "in-cluster";

/// The address of the cluster that Argo CD runs in.
const LOCAL_SERVER: &str = "https://kubernetes.default.svc";

/// Returns the sets of a generator, in the order of the clusters' names; Argo CD's order is random.
///
/// # Errors
/// Says what is wrong with the selector or the values.
pub fn generate<'w>(
    generator: &Value,
    place: &Place<'_>,
    generators: &Generators<'w>,
) -> Result<Vec<Params<'w>>, Fault> {
    let written = generator.get("selector").unwrap_or(&Value::Null);
    let selector = Selector::read(written, Selects::Clusters).map_err(|why| {
        Fault::Wrong(format!("error getting cluster secrets: error converting label selector: {why}"))
    })?;
    let selected = selected(&selector, place, generators);
    let values = Values::read(generator, generators.language);
    let mut all = Vec::with_capacity(selected.len() + 1);
    for secret in &selected {
        all.push(parameters(secret, &values)?);
    }
    // What has a selector selects on labels, and the local cluster has none without a Secret.
    let selects_all = !is_filled(written.get("matchLabels")) && !is_filled(written.get("matchExpressions"));
    if selects_all && !selected.iter().any(|secret| secret.server() == LOCAL_SERVER) {
        all.push(local(&values)?);
    }
    if generator.get("flatList") == Some(&Value::Bool(true)) {
        if all.len() > 1 {
            let what = "the order of `clusters` is random in Argo CD; here they are sorted by name";
            generators.note(place, NoteKind::Random, what);
        }
        return Ok(vec![flat_list(all, generators.is_go())]);
    }
    Ok(all)
}

/// Returns the Secrets that are selected, sorted by name; of several with one name the last that is known.
fn selected<'w>(
    selector: &Selector,
    place: &Place<'_>,
    generators: &Generators<'w>,
) -> Vec<&'w ClusterSecret<'w>> {
    let mut selected: Vec<&ClusterSecret<'_>> = Vec::new();
    for secret in generators.sources.clusters() {
        if !selector.selects(|key| secret.label(key)) {
            continue;
        }
        match selected.last_mut() {
            Some(last) if last.name() == secret.name() => {
                let name = secret.name();
                let what = format!("several of the selected cluster Secrets have the name `{name}`");
                generators.note(place, NoteKind::Ignored, format!("{what}; Argo CD passes over all but one"));
                generators.note(place, NoteKind::Random, format!("{what}; Argo CD takes any one of them"));
                *last = secret;
            }
            _ => selected.push(secret),
        }
    }
    selected
}

fn parameters<'w>(secret: &'w ClusterSecret<'w>, values: &Values) -> Result<Params<'w>, Fault> {
    let params = SecretParams::new(secret);
    if values.is_empty() {
        return Ok(Params::Secret(params));
    }
    let params = Params::Secret(params);
    let filled =
        values.fill(&params).map_err(|fault| fault.within("error appending templated values for cluster"))?;
    match params {
        Params::Secret(params) => Ok(Params::Secret(params.with_values(Arc::new(filled)))),
        other => Ok(other),
    }
}

fn local<'w>(values: &Values) -> Result<Params<'w>, Fault> {
    let named =
        [("name", LOCAL_NAME), ("nameNormalized", LOCAL_NAME), ("server", LOCAL_SERVER), ("project", "")];
    let map = Map::new(named.map(|(name, text)| (name.into(), GoValue::text(text))));
    values
        .add_to(&map)
        .map_err(|fault| fault.within("error appending templated values for local cluster"))?;
    Ok(Params::Map(map))
}

fn flat_list<'w>(all: Vec<Params<'w>>, is_go: bool) -> Params<'w> {
    let is_nil = all.is_empty();
    let clusters = all.into_iter().map(|params| GoValue::Map(params.map(is_go)));
    let clusters = List { is_nil, ..List::new(Element::Map, clusters) };
    Params::Map(Map::new([("clusters".into(), GoValue::List(clusters))]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::argocd::generator::fixture::{Outcome, outcome, secret};

    #[test]
    fn clusters_are_parameters_sorted_by_name_and_the_local_one_comes_last() {
        let secrets = [secret("b", &json!({"tier": "x"})), secret("A_1", &json!({}))];
        let selects_all =
            json!({"generators": [{"clusters": {"values": {"v": "{{name}}-{{metadata.labels.tier}}"}}}]});
        let expected = json!([
            {
                "name": "A_1", "nameNormalized": "a-1", "server": "https://A_1", "project": "",
                "metadata.labels.argocd.argoproj.io/secret-type": "cluster",
                "values.v": "A_1-{{metadata.labels.tier}}",
            },
            {
                "name": "b", "nameNormalized": "b", "server": "https://b", "project": "",
                "metadata.labels.argocd.argoproj.io/secret-type": "cluster", "metadata.labels.tier": "x",
                "values.v": "b-x",
            },
            {
                "name": "in-cluster", "nameNormalized": "in-cluster", "server": "https://kubernetes.default.svc",
                "project": "", "values.v": "in-cluster-{{metadata.labels.tier}}",
            },
        ]);
        assert_eq!(outcome(&selects_all, &secrets), Outcome { sets: Ok(expected), notes: vec![] });

        let go = json!({
            "goTemplate": true,
            "generators": [{"clusters": {"selector": {"matchLabels": {"tier": "x"}}, "values": {"v": "1"}}}],
        });
        let expected = json!([{
            "name": "b", "nameNormalized": "b", "server": "https://b", "project": "",
            "metadata": {"labels": {"map[string]string": {"argocd.argoproj.io/secret-type": "cluster", "tier": "x"}}},
            "values": {"map[string]string": {"v": "1"}},
        }]);
        assert_eq!(outcome(&go, &secrets), Outcome { sets: Ok(expected), notes: vec![] });
    }

    #[test]
    fn what_is_random_or_empty_is_noted() {
        let twins = [secret("a", &json!({"n": "1"})), secret("a", &json!({"n": "2"}))];
        let asked = json!({"matchExpressions": [{"key": "n", "operator": "Exists"}]});
        let names = |outcome: &Outcome, field: &str| -> Vec<Value> {
            let sets = outcome.sets.iter().flat_map(|sets| sets.as_array().into_iter().flatten());
            sets.map(|set| set[field].clone()).collect()
        };

        let of_twins = outcome(&json!({"generators": [{"clusters": {"selector": asked}}]}), &twins);
        assert_eq!(names(&of_twins, "metadata.labels.n"), ["2"]);
        let expected = [
            "spec.generators[0].clusters: several of the selected cluster Secrets have the name `a`; Argo CD takes any one of them",
            "spec.generators[0].clusters: several of the selected cluster Secrets have the name `a`; Argo CD passes over all but one",
        ];
        assert_eq!(of_twins.notes, expected);

        let flat = outcome(&json!({"generators": [{"clusters": {"flatList": true}}]}), &twins);
        assert_eq!(names(&flat, "clusters")[0].as_array().map(Vec::len), Some(2));
        assert_eq!(flat.notes.len(), 3);

        let nothing = json!({"generators": [{}, {"clusters": {"selector": {"matchLabels": {"x": "y"}}}}]});
        let expected = [
            "spec.generators[0]: no generator that Argo CD knows is in this entry: it yields nothing",
            "spec.generators[1].clusters: it yields nothing: Argo CD deletes what it made before",
        ];
        let expected = Outcome { sets: Ok(json!([])), notes: expected.map(str::to_owned).to_vec() };
        assert_eq!(outcome(&nothing, &twins), expected);
    }

    #[test]
    fn a_selector_beside_the_generator_sees_flat_names_in_both_languages() {
        let secrets = [secret("b", &json!({"tier": "x"})), secret("c", &json!({}))];
        for is_go in [false, true] {
            let spec = json!({
                "goTemplate": is_go,
                "generators": [{"clusters": {}, "selector": {"matchLabels": {"metadata.labels.tier": "x", "server": "https://b"}}}],
            });
            let sets = outcome(&spec, &secrets).sets.unwrap_or_default();
            assert_eq!(sets.as_array().map(Vec::len), Some(1), "{is_go}");
            assert_eq!(sets[0]["name"], "b");
        }
    }
}
