//! Random ApplicationSets, cluster Secrets, projects and repositories.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::chance::Chance;
use super::expression;
use crate::parity::answer::Repositories;
use crate::parity::cases::REPOSITORY;

/// What both sides are asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The documents.
    pub documents: Vec<Value>,
    /// The repositories.
    pub repositories: Repositories,
}

impl Input {
    /// Makes a random one.
    pub fn random(chance: &mut Chance) -> Self {
        let mut documents = if chance.once_in(2) { fillings(chance) } else { vec![set(chance)] };
        documents.extend(secrets(chance));
        if chance.once_in(6) {
            let project = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": chance.pick(&["default", "web"])}, "spec": {}});
            documents.push(project);
        }
        Self { documents, repositories: BTreeMap::from([(REPOSITORY.to_owned(), repository(chance))]) }
    }

    /// Returns the text of all documents.
    pub fn text(&self) -> String {
        self.documents.iter().map(|document| format!("---\n{document}\n")).collect()
    }
}

/// Several sets that each fill one text, from the same parameters.
fn fillings(chance: &mut Chance) -> Vec<Value> {
    let generators = json!([{"matrix": {"generators": [
        {"list": {"elements": [Value::Object(go_element(chance, true))]}},
        {"clusters": {"selector": {"matchLabels": {"tier": "gold"}}, "values": {"a": "first", "b": ""}}},
    ]}}]);
    let fill = |chance: &mut Chance, number: usize| {
        let text = expression::text(chance);
        let options = if chance.once_in(6) { json!(["missingkey=error"]) } else { Value::Null };
        let spec = json!({
            "goTemplate": true, "goTemplateOptions": options, "generators": generators,
            "template": {"metadata": {"name": "filled", "annotations": {"filled": text}}, "spec": {"project": "default", "destination": {"name": "in-cluster"}}},
        });
        document(&format!("set-{number}"), spec)
    };
    let count = 2 + chance.below(4);
    (0..count).map(|number| fill(chance, number)).collect()
}

fn set(chance: &mut Chance) -> Value {
    let is_go = chance.once_in(2);
    let mut spec = json!({
        "generators": chance.several(1, 2, |chance| entry(chance, is_go, 2)),
        "template": template(chance, is_go, true),
    });
    if is_go {
        spec["goTemplate"] = json!(true);
        if chance.once_in(3) {
            let option = chance.pick(&[
                "missingkey=error",
                "missingkey=zero",
                "missingkey=default",
                "missingkey=error",
                "nope",
            ]);
            spec["goTemplateOptions"] = json!([option]);
        }
    }
    if chance.once_in(5) {
        spec["templatePatch"] = json!(patch(chance, is_go));
    }
    if chance.once_in(8) {
        spec["syncPolicy"] = json!({"preserveResourcesOnDeletion": chance.once_in(2)});
    }
    document("set", spec)
}

fn document(name: &str, spec: Value) -> Value {
    json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "metadata": {"name": name}, "spec": spec})
}

fn entry(chance: &mut Chance, is_go: bool, depth: usize) -> Value {
    let mut entry = Map::new();
    let (kind, mut generator) = match chance.below(if depth == 0 { 8 } else { 12 }) {
        0..=2 => ("list", list(chance, is_go)),
        3..=5 => ("clusters", clusters(chance, is_go)),
        6 | 7 => ("git", git(chance, is_go)),
        8..=10 => {
            let children = if chance.once_in(30) { 1 } else { 2 };
            (
                "matrix",
                json!({"generators": (0..children).map(|_| entry_within(chance, is_go, depth - 1)).collect::<Vec<_>>()}),
            )
        }
        _ => {
            let keys = [["s1"].as_slice(), &["name"], &["s1", "s2"], &["values.a"], &["path.basename"]];
            let keys = keys[chance.below(keys.len())];
            (
                "merge",
                json!({"mergeKeys": keys, "generators": chance.several(2, 3, |chance| entry_within(chance, is_go, depth - 1))}),
            )
        }
    };
    if chance.once_in(6) {
        generator["template"] = template(chance, is_go, false);
    }
    entry.insert(kind.into(), generator);
    if chance.once_in(5) {
        entry.insert("selector".into(), selector(chance, &SELECTED, is_go));
    }
    Value::Object(entry)
}

fn entry_within(chance: &mut Chance, is_go: bool, depth: usize) -> Value {
    if chance.once_in(60) { json!({}) } else { entry(chance, is_go, depth) }
}

const SELECTED: [&str; 9] =
    ["s1", "name", "metadata.labels.tier", "values.a", "path.basename", "n1", "m1.k", "missing", "l1.0"];
const LABELS: [&str; 4] = ["tier", "example.com/zone", "missing", "plain"];
const LABEL_VALUES: [&str; 6] = ["gold", "silver", "", "a.b", "1", "x_y"];

fn selector(chance: &mut Chance, keys: &[&str], is_go: bool) -> Value {
    let value = |chance: &mut Chance| match chance.below(12) {
        0 => tagged(chance, is_go),
        1 => "https://x.example.com".to_owned(),
        _ => chance.pick(&LABEL_VALUES).to_owned(),
    };
    let mut selector = json!({});
    if chance.once_in(2) {
        let pairs = chance.several(0, 2, |chance| (chance.pick(keys).to_owned(), json!(value(chance))));
        selector["matchLabels"] = Value::Object(pairs.into_iter().collect());
    }
    if chance.once_in(2) {
        selector["matchExpressions"] = Value::Array(chance.several(0, 2, |chance| {
            let operator = chance.pick(&["In", "NotIn", "Exists", "DoesNotExist", "In", "NotIn", "Gt"]);
            let mut expression = json!({"key": chance.pick(keys), "operator": operator});
            if operator.ends_with("In") || chance.once_in(20) {
                expression["values"] = json!(chance.several(1, 2, value));
            }
            expression
        }));
    }
    selector
}

fn list(chance: &mut Chance, is_go: bool) -> Value {
    let element = |chance: &mut Chance| {
        Value::Object(if is_go { go_element(chance, false) } else { plain_element(chance) })
    };
    let mut list = json!({"elements": chance.several(0, 3, element)});
    if chance.once_in(4) {
        let elements = chance.several(0, 2, |chance| Value::Object(go_element(chance, false)));
        list["elementsYaml"] = match chance.below(8) {
            0 => json!(chance.pick(&[
                "{{ toJson .l1 }}",
                "{{s1}}",
                "a: b",
                "- [",
                "null",
                "- {s1: yes, n1: 0x10, d: 2020-01-01}"
            ])),
            _ => json!(Value::Array(elements).to_string()),
        };
    }
    list
}

fn plain_element(chance: &mut Chance) -> Map<String, Value> {
    let mut element = Map::new();
    for key in ["s1", "s2", "name", "env", "a b", "nameNormalized"] {
        if !chance.once_in(3) {
            element.insert(key.into(), json!(word(chance)));
        }
    }
    if chance.once_in(4) {
        element.insert("values".into(), json!({"a": word(chance), "b.c": word(chance)}));
    }
    if chance.once_in(30) {
        element.insert("n1".into(), value(chance, 1));
    }
    element
}

/// An element with keys whose first letter tells their types, as texts expect.
fn go_element(chance: &mut Chance, is_full: bool) -> Map<String, Value> {
    let mut element = Map::new();
    let mut add = |chance: &mut Chance, key: &str, value: Value| {
        if is_full && !chance.once_in(12) || chance.once_in(2) {
            element.insert(key.into(), value);
        }
    };
    for key in ["s1", "s2"] {
        let text = json!(word(chance));
        add(chance, key, text);
    }
    for key in ["n1", "n2"] {
        let number = number(chance);
        add(chance, key, number);
    }
    let on = json!(chance.once_in(2));
    add(chance, "b1", on);
    for key in ["l1", "l2"] {
        let list = Value::Array(chance.several(0, 4, |chance| value(chance, 2)));
        add(chance, key, list);
    }
    let map = json!({"k": value(chance, 1), "l": value(chance, 2)});
    add(chance, "m1", map);
    let map = json!({"deep": value(chance, 3), "k": 1});
    add(chance, "m2", map);
    add(chance, "z1", Value::Null);
    if !is_full && chance.once_in(4) {
        element.insert("values".into(), json!({"a": value(chance, 1)}));
    }
    if !is_full && chance.once_in(8) {
        element.insert("name".into(), json!(word(chance)));
    }
    if !is_full && chance.once_in(25) {
        element.insert("metadata".into(), json!({"labels": {"tier": value(chance, 1)}}));
    }
    element
}

fn word(chance: &mut Chance) -> String {
    const WORDS: [&str; 24] = [
        "a",
        "b",
        "web",
        "core",
        "gold",
        "Shop_Web",
        "x y",
        "",
        "1",
        "true",
        "a.b/c",
        "v1.2.3",
        "<&>",
        "{{name}}",
        "{{ .s1 }}",
        "Größe",
        "10.0",
        "null",
        "https://web.example.com",
        "a-b_c",
        "two words here",
        "7",
        "x",
        "silver",
    ];
    chance.pick(&WORDS).to_owned()
}

fn number(chance: &mut Chance) -> Value {
    let numbers = [
        json!(0),
        json!(1),
        json!(-3),
        json!(2.5),
        json!(1_000_000),
        json!(123_456_789_012_u64),
        json!(0.1),
        json!(1e21),
        json!(100),
        json!(-0.5),
        json!(9_007_199_254_740_993_u64),
        json!(1e-7),
    ];
    numbers[chance.below(numbers.len())].clone()
}

fn value(chance: &mut Chance, depth: usize) -> Value {
    match chance.below(if depth == 0 { 8 } else { 11 }) {
        0..=3 => json!(word(chance)),
        4 | 5 => number(chance),
        6 => json!(chance.once_in(2)),
        7 => Value::Null,
        8 => Value::Array(chance.several(0, 3, |chance| value(chance, depth - 1))),
        _ => {
            let keys = ["k", "l", "a.b", "x/y", "K", "1"];
            Value::Object(
                chance
                    .several(0, 3, |chance| (chance.pick(&keys).to_owned(), value(chance, depth - 1)))
                    .into_iter()
                    .collect(),
            )
        }
    }
}

fn clusters(chance: &mut Chance, is_go: bool) -> Value {
    let mut clusters = json!({});
    if !chance.once_in(3) {
        clusters["selector"] = selector(chance, &LABELS, is_go);
    }
    if chance.once_in(3) {
        clusters["values"] = json!({"a": tagged(chance, is_go), "b": word(chance)});
    }
    if is_go && chance.once_in(8) {
        clusters["flatList"] = json!(true);
    }
    clusters
}

fn git(chance: &mut Chance, is_go: bool) -> Value {
    let mut git = json!({"repoURL": REPOSITORY, "revision": "HEAD"});
    let item = |chance: &mut Chance, patterns: &[&str]| {
        let mut item = json!({"path": if chance.once_in(10) { tagged(chance, is_go) } else { chance.pick(patterns).to_owned() }});
        if chance.once_in(5) {
            item["exclude"] = json!(true);
        }
        item
    };
    if chance.once_in(2) {
        let patterns =
            ["*", "apps/*", "apps/**", "*/*", "apps/w?b", "apps/[a-m]*", "apps/web", "[", "env/gold"];
        git["directories"] = Value::Array(chance.several(1, 3, |chance| item(chance, &patterns)));
    } else {
        let patterns = [
            "**/config.yaml",
            "apps/*/config.yaml",
            "*.json",
            "apps",
            "env/*",
            "*",
            "apps/web/config.yaml",
            "*/*/[a-c]*.y?ml",
        ];
        git["files"] = Value::Array(chance.several(1, 3, |chance| item(chance, &patterns)));
    }
    if chance.once_in(6) {
        git["pathParamPrefix"] = json!(chance.pick(&["mine", "own"]));
    }
    if chance.once_in(4) {
        git["values"] = json!({"a": tagged(chance, is_go)});
    }
    git
}

fn repository(chance: &mut Chance) -> BTreeMap<String, String> {
    const PATHS: [&str; 12] = [
        "apps/web/config.yaml",
        "apps/api/config.yaml",
        "apps/.hidden/config.yaml",
        "apps/Core_2/config.yaml",
        "env/gold/values.json",
        "env/silver/a.yml",
        "root.json",
        "config.yaml",
        "apps/web/deep/er/b.yaml",
        "a b/ü.yaml",
        ".top/x.yaml",
        "env/gold/sub/c.yml",
    ];
    let content = |chance: &mut Chance| match chance.below(12) {
        0 => String::new(),
        1 => chance
            .pick(&[
                "a: [",
                "text",
                "[1, 2]",
                "- a: 1\n- b: 2\n",
                "null",
                "a: 1\na: 2\n",
                "y: n\n1: 2\n",
                "a: 1\n---\nb: 2\n",
            ])
            .to_owned(),
        2 => {
            Value::Array(chance.several(0, 3, |chance| Value::Object(go_element(chance, false)))).to_string()
        }
        _ => Value::Object(go_element(chance, false)).to_string(),
    };
    chance.several(2, 6, |chance| (chance.pick(&PATHS).to_owned(), content(chance))).into_iter().collect()
}

fn secrets(chance: &mut Chance) -> Vec<Value> {
    let names = ["web", "core", "Shop_Web", "in-cluster", "x.y", "web"];
    let mut number = 0;
    chance.several(0, 4, |chance| {
        let most = if chance.once_in(12) { 6 } else { 5 };
        let name = chance.pick(&names[..most]);
        number += 1;
        let mut labels = json!({"argocd.argoproj.io/secret-type": "cluster"});
        for key in LABELS {
            if key != "missing" && chance.once_in(2) {
                labels[key] = json!(chance.pick(&LABEL_VALUES));
            }
        }
        let server = if chance.once_in(10) { "https://kubernetes.default.svc".to_owned() } else { format!("https://{number}.example.com") };
        let mut secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": format!("cluster-{number}"), "labels": labels},
            "stringData": {"name": name, "server": server},
        });
        if chance.once_in(2) {
            secret["metadata"]["annotations"] = json!({"note": word(chance), "x/y": word(chance)});
        }
        if chance.once_in(3) {
            secret["stringData"]["project"] = json!(word(chance));
        }
        secret
    })
}

/// A text with a tag or an expression in it.
fn tagged(chance: &mut Chance, is_go: bool) -> String {
    if is_go { expression::simple(chance) } else { plain(chance) }
}

fn plain(chance: &mut Chance) -> String {
    const TAGS: [&str; 22] = [
        "name",
        "nameNormalized",
        "server",
        "s1",
        "s2",
        "env",
        "a b",
        "values.a",
        "values.b.c",
        "metadata.labels.tier",
        "metadata.labels.example.com/zone",
        "metadata.annotations.note",
        "path",
        "path.basename",
        "path[0]",
        "mine.path",
        "n1",
        "missing",
        "clusters",
        "m1.k",
        "l1.0",
        "path.filename",
    ];
    let tag = |chance: &mut Chance| {
        let tag = chance.pick(&TAGS);
        match chance.below(12) {
            0 => format!("{{{{ {tag} }}}}"),
            1 => format!("{{{{{{{tag}}}}}}}"),
            2 => format!("{{{{.{tag}}}}}"),
            3 => format!("{{{{ {tag}"),
            4 => "{{}}".to_owned(),
            5 => "\n".to_owned(),
            _ => format!("{{{{{tag}}}}}"),
        }
    };
    chance.several(1, 3, |chance| if chance.once_in(4) { word(chance) } else { tag(chance) }).concat()
}

fn template(chance: &mut Chance, is_go: bool, is_of_set: bool) -> Value {
    let mut template = json!({"metadata": {}, "spec": {"destination": {}}});
    if is_of_set || chance.once_in(3) {
        template["metadata"]["name"] = json!(if chance.once_in(3) {
            tagged(chance, is_go)
        } else {
            chance.pick(NAMES[usize::from(is_go)]).to_owned()
        });
    }
    for (field, once_in) in [("labels", 4), ("annotations", 2)] {
        if chance.once_in(once_in) {
            let pairs = chance.several(1, 2, |chance| {
                let key = if chance.once_in(5) {
                    tagged(chance, is_go)
                } else {
                    chance.pick(&["x", "example.com/y"]).to_owned()
                };
                (key, json!(tagged(chance, is_go)))
            });
            template["metadata"][field] = Value::Object(pairs.into_iter().collect());
        }
    }
    if chance.once_in(12) {
        template["metadata"]["finalizers"] = json!(chance.several(0, 1, |chance| tagged(chance, is_go)));
    }
    spec(chance, is_go, is_of_set, &mut template["spec"]);
    template
}

const NAMES: [&[&str]; 2] = [
    &["{{name}}-{{s1}}", "{{path.basename}}", "x"],
    &["{{ .name }}-{{ .s1 }}", "{{ (.path).basename }}", "x"],
];

fn spec(chance: &mut Chance, is_go: bool, is_of_set: bool, spec: &mut Value) {
    if is_of_set && !chance.once_in(20) || chance.once_in(6) {
        spec["project"] = json!(if chance.once_in(5) { tagged(chance, is_go) } else { "default".to_owned() });
    }
    let destination = &mut spec["destination"];
    match chance.below(5) {
        0 => destination["server"] = json!(if is_go { "{{ .server }}" } else { "{{server}}" }),
        1 => destination["name"] = json!(if is_go { "{{ .name }}" } else { "{{name}}" }),
        2 => destination["namespace"] = json!(tagged(chance, is_go)),
        _ => destination["name"] = json!("in-cluster"),
    }
    if chance.once_in(3) {
        let field = chance.pick(&["source", "source", "sources"]);
        let source = source(chance, is_go);
        spec[field] = if field == "source" { source } else { json!([source]) };
    }
    if chance.once_in(6) {
        spec["syncPolicy"] = json!({"automated": {"prune": chance.once_in(2), "selfHeal": chance.once_in(2)}, "syncOptions": [tagged(chance, is_go)], "retry": {"limit": chance.below(3)}});
    }
    if chance.once_in(10) {
        spec["info"] = json!([{"name": tagged(chance, is_go), "value": word(chance)}]);
    }
    if chance.once_in(10) {
        spec["ignoreDifferences"] =
            json!([{"group": "", "kind": tagged(chance, is_go), "jsonPointers": ["/a"]}]);
    }
    if chance.once_in(20) {
        spec["revisionHistoryLimit"] =
            if chance.once_in(4) { json!(tagged(chance, is_go)) } else { json!(chance.below(3)) };
    }
    if chance.once_in(20) {
        let field = chance.pick(&["nope", "Project", "sourceHydrator", "operation"]);
        spec[field] = value(chance, 2);
    }
}

fn source(chance: &mut Chance, is_go: bool) -> Value {
    let mut source = json!({"repoURL": "https://git.example.com/app.git", "path": tagged(chance, is_go)});
    if chance.once_in(2) {
        let mut helm = json!({});
        for _ in 0..=chance.below(2) {
            match chance.below(6) {
                0 => helm["values"] = json!(tagged(chance, is_go)),
                1 => helm["valueFiles"] = json!(chance.several(0, 2, |chance| tagged(chance, is_go))),
                2 => {
                    helm["parameters"] = json!([{"name": tagged(chance, is_go), "value": tagged(chance, is_go), "forceString": chance.once_in(2)}])
                }
                3 | 4 => helm["valuesObject"] = values_object(chance, is_go, 2),
                _ => helm["skipCrds"] = json!(chance.once_in(2)),
            }
        }
        source["helm"] = helm;
    }
    if chance.once_in(5) {
        source["kustomize"] = json!({"images": [tagged(chance, is_go)], "commonLabels": {"a": tagged(chance, is_go)}, "namePrefix": ""});
    }
    if chance.once_in(6) {
        source["directory"] = json!({"recurse": chance.once_in(2), "jsonnet": {"tlas": [{"name": "a", "value": tagged(chance, is_go)}]}});
    }
    if chance.once_in(8) {
        source["plugin"] = json!({"name": word(chance), "env": [{"name": "A", "value": tagged(chance, is_go)}], "parameters": [{"name": "p", "string": word(chance)}]});
    }
    source
}

fn values_object(chance: &mut Chance, is_go: bool, depth: usize) -> Value {
    let pairs = chance.several(0, 3, |chance| {
        let key = if chance.once_in(6) { tagged(chance, is_go) } else { word(chance) };
        let inner = match chance.below(4) {
            0 if depth > 0 => values_object(chance, is_go, depth - 1),
            1 => value(chance, 2),
            _ => json!(tagged(chance, is_go)),
        };
        (key, inner)
    });
    Value::Object(pairs.into_iter().collect())
}

fn patch(chance: &mut Chance, is_go: bool) -> String {
    let mut patch = json!({});
    for _ in 0..=chance.below(2) {
        let text = json!(tagged(chance, is_go));
        let change = match chance.below(13) {
            0 => json!({"metadata": {"annotations": {"patched": text}}}),
            1 => json!({"metadata": {"labels": null}}),
            2 => json!({"metadata": {"name": text, "finalizers": null}}),
            3 => json!({"spec": {"project": "patched", "destination": {"namespace": text}}}),
            4 => {
                json!({"spec": {"source": {"helm": {"valueFiles": [text], "valuesObject": value(chance, 2)}}}})
            }
            5 => json!({"spec": {"source": null, "sources": [{"repoURL": text}]}}),
            6 => {
                json!({"spec": {"syncPolicy": {"automated": {"prune": chance.once_in(2)}, "$patch": chance.pick(&["merge", "replace", "delete"])}}})
            }
            7 => json!({"spec": {"source": {"targetRevision": text, "$patch": "replace"}}}),
            8 => json!({"SPEC": {"Info": [{"name": "a", "value": text}]}}),
            9 => json!({"spec": {"syncPolicy": {"syncOptions": null, "retry": {"limit": value(chance, 0)}}}}),
            10 => json!({"operation": {"sync": {"revision": text}}}),
            11 => json!({"nope": value(chance, 2), "status": {"sync": {"status": "Synced"}}}),
            _ => {
                json!({"spec": {"source": {"kustomize": {"images": [], "namePrefix": text}}, "ignoreDifferences": [{"kind": text}]}})
            }
        };
        json_patch::merge(&mut patch, &change);
        if let (Value::Object(whole), Value::Object(change)) = (&mut patch, change) {
            for (key, value) in change {
                whole.entry(key).or_insert(value);
            }
        }
    }
    match chance.below(12) {
        0 => tagged(chance, is_go),
        1 => format!(" {patch}"),
        2 => format!("# comment\n{patch}"),
        _ => patch.to_string(),
    }
}
