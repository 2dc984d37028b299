//! The matrix generator: every set of one generator with every set of another, which is filled with the first.
//!
//! Follows `generators/matrix.go` and `utils/map.go` of Argo CD 3.5.1.

use std::rc::Rc;

use serde_json::Value;

use super::interpolation::Interpolation;
use super::place::Place;
use super::{Generators, nested};
use crate::argocd::Fault;
use crate::argocd::go::value::{Map, Value as GoValue};
use crate::argocd::merge::{Overwrite, merge};
use crate::argocd::params::Params;

/// Returns the sets of a matrix, in the order of its first generator.
///
/// # Errors
/// Says what its generators say, and where two sets do not go together.
pub fn generate<'w>(
    generator: &Value,
    place: &Place<'_>,
    generators: &Generators<'w>,
) -> Result<Vec<Params<'w>>, Fault> {
    let (first, second) = match nested::entries(generator) {
        [first, second] => (first, second),
        [] | [_] => return Err(Fault::wrong("found less than two generators, Matrix support only two")),
        _ => return Err(Fault::wrong("found more than two generators, Matrix support only two")),
    };
    let in_second =
        |fault: Fault| fault.within("failed to get params for second generator in the matrix generator");
    let first = nested::read(first)
        .and_then(|first| nested::generate(&first, None, &place.entry("generators", 0), generators))
        .map_err(|fault| {
            fault.within("error failed to get params for first generator in matrix generator")
        })?;
    if first.is_empty() {
        return Ok(Vec::new());
    }
    let second = nested::read(second).map_err(in_second)?;
    let interpolation = Interpolation::compile(&second, generators.language);
    let second_place = place.entry("generators", 1);
    let mut all = Vec::new();
    for one in first {
        let filling = Some((&interpolation, &one));
        let others = nested::generate(&second, filling, &second_place, generators).map_err(in_second)?;
        if generators.is_go() {
            for other in others {
                all.push(merged(&one, &other)?);
            }
        } else {
            let one = Rc::new(one.into_texts());
            for other in others {
                all.push(combined(&one, other.into_texts())?);
            }
        }
    }
    Ok(all)
}

/// Lays the first set over the second, deeply. What only one of them has is shared with all that are made of it.
fn merged<'w>(one: &Params<'w>, other: &Params<'w>) -> Result<Params<'w>, Fault> {
    let both = Map::default();
    for params in [other, one] {
        merge(&both, &params.map(true), Overwrite::Always).map_err(panicked)?;
    }
    Ok(Params::Map(both))
}

/// Takes both sets, which must not differ where they have the same name.
fn combined<'w>(one: &Rc<Params<'w>>, other: Params<'w>) -> Result<Params<'w>, Fault> {
    let (fewer, more) = if one.most() < other.most() { (&**one, &other) } else { (&other, &**one) };
    let names = fewer.map(false).entries();
    let differing = names.iter().find(|(name, value)| {
        let GoValue::Text(value) = value else { return false };
        more.text(name).is_some_and(|found| *found != **value)
    });
    if let Some((name, _)) = differing {
        let text = |params: &Params<'_>| params.text(name).unwrap_or_default().into_owned();
        return Err(Fault::Wrong(format!(
            "failed to combine string maps with merging params for the matrix generator: found duplicate key {name} with different value, a: {} ,b: {}",
            text(one),
            text(&other)
        )));
    }
    Ok(Params::Layers(one.clone(), Rc::new(other)))
}

/// Says that Argo CD panics.
pub fn panicked(fault: Fault) -> Fault {
    match fault {
        Fault::Wrong(why) => Fault::Wrong(format!("panic: {why}")),
        refused @ Fault::Refused(_) => refused,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::argocd::generator::fixture::{list, outcome, secret};

    const IN_SECOND: &str = "failed to get params for second generator in the matrix generator: ";

    fn sets(is_go: bool, generators: &Value) -> Result<Value, Fault> {
        let secrets = [secret("a", &json!({"t": "1"})), secret("b", &json!({"t": "2"}))];
        let spec = json!({"goTemplate": is_go, "generators": [{"matrix": {"generators": generators}}]});
        outcome(&spec, &secrets).sets
    }

    #[test]
    fn with_go_templates_the_first_wins_and_maps_are_merged() {
        for (generators, expected) in [
            (
                json!([
                    list(json!([{"a": "1", "m": {"x": 1, "y": 1}}])),
                    list(json!([{"a": "2", "b": "2", "m": {"x": 2, "z": 2}}]))
                ]),
                json!([{"a": "1", "b": "2", "m": {"x": 1.0, "y": 1.0, "z": 2.0}}]),
            ),
            // A null is not filled, and goes; an element that is one is a set without parameters.
            (
                json!([
                    list(json!([{"t": "1", "q": null}])),
                    list(json!([{"k": "{{ .t }}", "q": null, "l": [null, "{{ .t }}"], "{{ .t }}": 3}, null]))
                ]),
                json!([{"1": 3.0, "k": "1", "l": [null, "1"], "q": null, "t": "1"}, {"q": null, "t": "1"}]),
            ),
            (json!([list(json!([{}])), list(json!([{"k": "{{ .t }}"}]))]), json!([{"k": "{{ .t }}"}])),
            (
                json!([list(json!([{"t": "1"}])), {"matrix": {"generators": [list(json!([{"u": "x{{ .t }}"}])), list(json!([{"w": "{{ .u }}"}]))]}}]),
                json!([{"t": "1", "u": "x1", "w": "<no value>"}]),
            ),
            // The selector beside a generator is not filled.
            (
                json!([list(json!([{"t": "1"}])), {"list": {"elements": [{"k": "1"}]}, "selector": {"matchLabels": {"k": "{{ .t }}"}}}]),
                json!([]),
            ),
        ] {
            assert_eq!(sets(true, &generators), Ok(expected), "{generators}");
        }
    }

    #[test]
    fn clusters_are_selected_by_what_the_first_generator_gives() {
        let clusters = json!({"clusters": {
            "selector": {"matchLabels": {"t": "{{ .t }}"}},
            "values": {"both": "{{ .t }}-{{ .name }}", "first": "{{ .t }}"},
        }});
        let found = sets(true, &json!([list(json!([{"t": "2"}])), clusters]));
        let expected = json!([{
            "name": "b", "nameNormalized": "b", "server": "https://b", "project": "", "t": "2",
            "metadata": {"labels": {"map[string]string": {"argocd.argoproj.io/secret-type": "cluster", "t": "2"}}},
            // All or nothing: what the first does not know is left to the second, which knows nothing of the first.
            "values": {"map[string]string": {"both": "<no value>-b", "first": "2"}},
        }]);
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn without_go_templates_both_must_agree_and_everything_becomes_text() {
        for (generators, expected) in [
            (
                json!([list(json!([{"a": "1"}])), list(json!([{"a": "1", "b": "{{a}}"}]))]),
                Ok(json!([{"a": "1", "b": "1"}])),
            ),
            (
                json!([list(json!([{"a": "1"}])), list(json!([{"a": "2", "b": "{{a}}"}]))]),
                Err(
                    "failed to combine string maps with merging params for the matrix generator: found duplicate key a with different value, a: 1 ,b: 2",
                ),
            ),
            (
                json!([{"clusters": {"flatList": true, "selector": {"matchLabels": {"t": "1"}}}}, list(json!([{"b": "2"}]))]),
                Ok(
                    json!([{"b": "2", "clusters": "[map[metadata.labels.argocd.argoproj.io/secret-type:cluster metadata.labels.t:1 name:a nameNormalized:a project: server:https://a]]"}]),
                ),
            ),
        ] {
            assert_eq!(sets(false, &generators), expected.map_err(Fault::wrong), "{generators}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_upstreams_words() {
        let one = list(json!([{"t": "1", "values": {"v": 1}}]));
        for (generators, expected) in [
            (json!([one]), "found less than two generators, Matrix support only two".to_owned()),
            (json!([one, one, one]), "found more than two generators, Matrix support only two".to_owned()),
            (json!([one, {}]), format!("{IN_SECOND}child generator generated no parameters")),
            (
                json!([one, {"list": {"elements": []}, "clusters": {}}]),
                format!("{IN_SECOND}found more than one generator in matrix.Generators"),
            ),
            (
                json!([one, {"matrix": {"generators": [one, {"matrix": {"generators": []}}]}}]),
                format!("{IN_SECOND}child generator returned an error on parameter generation: {IN_SECOND}child generator generated no parameters"),
            ),
            (
                json!([one, {"clusters": {"values": {"v": "2"}}}]),
                "panic: reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string".to_owned(),
            ),
        ] {
            assert_eq!(sets(true, &generators), Err(Fault::Wrong(expected)), "{generators}");
        }
    }
}
