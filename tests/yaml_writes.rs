//! What is written is read back as the same value: by our reader, by libyaml's port with YAML 1.2 scalars (yaml_serde)
//! and by serde-saphyr. PyYAML and kubectl read the files of `examples/yaml_nasty.rs`.
//!
//! Of these, yaml_serde takes more for text than YAML 1.1 does and serde-saphyr about the same, so that neither could
//! tell whether `yes` was quoted: our reader can, being held against Kubernetes' own.

#[path = "nasty/pieces.rs"]
mod pieces;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use yoshino::emit::yaml::{write_document, write_document_with_comments};
use yoshino::location::FileId;
use yoshino::spec::yaml::{Options, parse};

use pieces::PIECES;

/// Returns texts that some reader takes for something else, or that are hard to quote. Those with private-use
/// characters are left out: they are written, but our reader refuses them, also as escapes.
fn nasty() -> Vec<String> {
    let all: Vec<String> =
        serde_json::from_str(include_str!("yaml-nasty.json")).expect("because the file is a list of texts");
    all.into_iter().filter(|text| !text.contains(is_private_use)).collect()
}

fn is_private_use(character: char) -> bool {
    matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

fn written(value: &Value) -> String {
    let mut text = String::new();
    write_document(&mut text, value);
    text
}

fn read_by_us(text: &str) -> Result<Value, String> {
    let documents =
        parse(FileId(0), text.as_bytes(), Options::SPEC).map_err(|report| format!("{report:?}"))?;
    Ok(documents.first().map_or(Value::Null, |document| document.root.to_json()))
}

/// Compares as JSON does: `1e3` and `1000` are one number.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let same = |(one, other): ((&String, &Value), (&String, &Value))| {
                one.0 == other.0 && is_same(one.1, other.1)
            };
            left.len() == right.len() && left.iter().zip(right).all(same)
        }
        (left, right) => left == right,
    }
}

/// Says which reader gives another value than was written; the order of keys counts.
fn misreading(value: &Value) -> Option<String> {
    let text = written(value);
    let readings = [
        ("our reader", read_by_us(&text)),
        ("yaml_serde", serde_yaml::from_str(&text).map_err(|error| error.to_string())),
        ("serde-saphyr", serde_saphyr::from_str(&text).map_err(|error| error.to_string())),
    ];
    let wrong = |(reader, read): (&str, Result<Value, String>)| match read {
        Ok(read) if is_same(&read, value) => None,
        read => Some(format!("{reader} takes {text:?}\nfor   {read:?}\nnot   {value:?}")),
    };
    readings.into_iter().find_map(wrong)
}

fn hostile_text() -> impl Strategy<Value = String> {
    let pieces =
        prop::collection::vec(prop::sample::select(PIECES), 0..12).prop_map(|pieces| pieces.concat());
    let anything = any::<String>().prop_map(|text| text.replace(is_private_use, "?"));
    prop_oneof![4 => pieces, 2 => prop::sample::select(nasty()), 1 => anything]
}

fn tree() -> impl Strategy<Value = Value> {
    let finite = any::<f64>().prop_filter("JSON has no others", |number| number.is_finite());
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => finite.prop_map(Value::from),
        5 => hostile_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        let entries = prop::collection::vec((hostile_text(), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::Array),
            entries.prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn any_text_is_read_back_in_any_place(text in hostile_text(), other in hostile_text()) {
        let value = json!([
            &text, {&text: &text}, [[&text], {"k": &text, "l": [&text]}], {"k": {&text: {&other: [&other, &text]}}}, &text,
        ]);
        prop_assert_eq!(misreading(&value), None);
        prop_assert_eq!(misreading(&json!(text)), None);
    }

    #[test]
    fn any_tree_is_read_back(value in tree()) {
        prop_assert_eq!(misreading(&value), None);
    }

    #[test]
    fn a_comment_changes_no_value(text in hostile_text(), comment in hostile_text()) {
        let value = json!({"a": &text, "b/~": [&text, {}, 1], "c": "end"});
        let comments = ["/a", "/b~1~0/0", "/b~1~0/1", "/b~1~0/2", "/c"].map(|place| (place.to_owned(), comment.clone()));
        let mut out = String::new();
        write_document_with_comments(&mut out, &value, &BTreeMap::from(comments));
        prop_assert!(read_by_us(&out).is_ok_and(|read| read == value), "{}", out);
        prop_assert!(serde_yaml::from_str::<Value>(&out).is_ok_and(|read| read == value), "{}", out);
    }
}

#[test]
fn nasty_texts_are_read_back_as_keys_and_as_values() {
    for text in nasty() {
        let value = json!({"k": &text, &text: "v", "lines": format!("before\n{text}\nbehind"), "list": [&text, [&text], {&text: [&text]}]});

        assert_eq!(misreading(&value), None);
    }
}

#[test]
fn long_keys_and_long_texts_are_read_back() {
    let long = |length: usize| "long \"key\": #".repeat(length / 13);
    let lengths = [990, 999, 1000, 1001, 1020, 1022, 1023, 1024, 1025, 3000];
    let keys: Map<String, Value> =
        lengths.iter().map(|length| ("k".repeat(*length), json!(length))).collect();
    let nested = json!({
        long(2000): {long(3000): [1, {long(4000): []}], "a": "b\nc\n"}, "k": [{long(1500): "x\n\n"}, {long(1100): [[]]}],
    });
    let megabyte =
        json!({"a": "line\n".repeat(200_000), "b": "\u{4e95} ".repeat(260_000), "c": "x: ".repeat(340_000)});

    assert_eq!(misreading(&Value::Object(keys)), None);
    assert_eq!(misreading(&nested), None);
    assert_eq!(misreading(&megabyte), None);
}

#[test]
fn documents_look_as_kubernetes_people_write_them() {
    let value = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "labels": {}, "annotations": {"on": "yes", "a.b/c": "1.20.3", "port": "8080"}},
        "data": {"run.sh": "#!/bin/sh\necho \"$a\"\n", "json": "{\"a\": 1}", "empty": "", "none": null},
        "list": [1, [2, [3, "x"]], {"a": true, "b": [false]}, [], "10.0.0.0/8", "0777", -1.5, 1e21],
    });

    let expected = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  labels: {}
  annotations:
    "on": "yes"
    a.b/c: 1.20.3
    port: "8080"
data:
  run.sh: |
    #!/bin/sh
    echo "$a"
  json: '{"a": 1}'
  empty: ""
  none: null
list:
- 1
- - 2
  - - 3
    - x
- a: true
  b:
  - false
- []
- 10.0.0.0/8
- "0777"
- -1.5
- 1.0e+21
"#;
    assert_eq!(written(&value), expected);
}

#[test]
fn comments_stand_behind_scalars_and_hold_no_line_break() {
    let value = json!({"data": {"name": "cGx1bQ==", "text": "a\nb\n", "none": {}}, "list": ["a", 1]});
    let comment = |place: &str, text: &str| (place.to_owned(), text.to_owned());
    let comments = BTreeMap::from([
        comment("/data/name", "plum\nevil: true\u{2028}\u{202e}"),
        comment("/data/text", "two lines"),
        comment("/data/none", "nothing"),
        comment("/list/1", "one"),
        comment("/list", "has items"),
    ]);

    let mut out = String::new();
    write_document_with_comments(&mut out, &value, &comments);

    let expected = "data:\n  name: cGx1bQ== # plum\\nevil: true\\u2028\\u202e\n  text: | # two lines\n    a\n    b\n  \
                    none: {} # nothing\nlist:\n- a\n- 1 # one\n";
    assert_eq!(out, expected);
}
