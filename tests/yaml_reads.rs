//! What YAML means to Kubernetes, case by case: the same JSON as sigs.k8s.io/yaml, or a refusal.

use proptest::prelude::*;
use serde_json::{Value, json};
use yoshino::location::{FileId, Location};
use yoshino::spec::yaml::{Kind, Node, Options, Style, parse};

/// Plain scalars that are not text, and what they are in JSON.
const SCALARS: &[(&str, &str)] = &[
    ("", "null"),
    ("~", "null"),
    ("null", "null"),
    ("Null", "null"),
    ("NULL", "null"),
    ("y", "true"),
    ("Y", "true"),
    ("yes", "true"),
    ("Yes", "true"),
    ("YES", "true"),
    ("on", "true"),
    ("On", "true"),
    ("ON", "true"),
    ("true", "true"),
    ("True", "true"),
    ("TRUE", "true"),
    ("n", "false"),
    ("N", "false"),
    ("no", "false"),
    ("No", "false"),
    ("NO", "false"),
    ("off", "false"),
    ("Off", "false"),
    ("OFF", "false"),
    ("false", "false"),
    ("False", "false"),
    ("FALSE", "false"),
    ("0", "0"),
    ("-0", "0"),
    ("+7", "7"),
    ("-7", "-7"),
    ("007", "7"),
    ("0777", "511"),
    ("0o14", "12"),
    ("0O14", "12"),
    ("-0o14", "-12"),
    ("0x1F", "31"),
    ("0X1f", "31"),
    ("-0x1F", "-31"),
    ("0b101", "5"),
    ("0B101", "5"),
    ("0b-101", "-5"),
    ("0b+101", "5"),
    ("1_000", "1000"),
    ("1__0", "10"),
    ("1_", "1"),
    ("+_1", "1"),
    ("0x_1", "1"),
    ("0_7", "7"),
    ("08", "8"),
    ("09.5", "9.5"),
    ("1e3", "1000"),
    ("1E3", "1000"),
    ("+1e-2", "0.01"),
    ("1.", "1"),
    (".5", "0.5"),
    ("-.5", "-0.5"),
    (".5_0", "0.5"),
    ("1_000.5", "1000.5"),
    ("685.230_15e+03", "685230.15"),
    ("1.30", "1.3"),
    ("-0.0", "-0.0"),
    ("9223372036854775807", "9223372036854775807"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("9223372036854775808", "9223372036854775808"),
    ("18446744073709551615", "18446744073709551615"),
    ("18446744073709551616", "18446744073709552000.0"),
    ("-18446744073709551615", "-18446744073709552000.0"),
    ("0xffffffffffffffff", "18446744073709551615"),
    ("1e18", "1000000000000000000"),
    ("1e300", "1e300"),
];

/// Plain scalars that look like something else and are text.
#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "yES", "oN", "tRUE", "nULL", "nil", "None", "1:30", "12:30:45", "190:20:30", "2026-11-21", "2026-11-21T10:00:00Z",
    "2026-1-1 9:05:00", "=", "<<", "0x", "0xg", "0b2", "0o8", "0b", "1e", "e3", "1e400", "-1e400", "1.2.3", "v1.35.2",
    "1,000", "_1", "._1", ".1_", ".1__0", ".", "..", "-.", "+", "--", "1-1", "+-1", "0x1p4", "1d", "0x1.8",
    "0x1ffffffffffffffff", "infinity", "inf", "nan", ".iNf", "-.nan",
    "+.nan", "a b", "a:b", "a#b", "http://a.b/c", "-a", "?a", ":a", "\u{e9}", "\u{1f600}", "a\u{a0}b", "a, b", "a] b}",
];

/// Keys, and what they become.
const KEYS: &[(&str, &str)] = &[
    ("yes", "true"),
    ("y", "true"),
    ("NO", "false"),
    ("0x10", "16"),
    ("0777", "511"),
    ("1_0", "10"),
    ("+1", "1"),
    ("1.50", "1.5"),
    ("1.", "1"),
    ("0.1", "0.1"),
    ("1e3", "1000"),
    ("1e6", "1e+06"),
    ("123456.7", "123456.7"),
    ("1234567.5", "1.2345675e+06"),
    ("16777217.0", "1.6777216e+07"),
    ("0.0001", "0.0001"),
    ("0.00001", "1e-05"),
    ("-0.0", "-0"),
    ("1e60", ".inf"),
    ("-.inf", "-.inf"),
    (".NaN", ".nan"),
    ("2026-11-21", "2026-11-21"),
    ("12:30", "12:30"),
    ("\"yes\"", "yes"),
    ("'1'", "1"),
    ("\"<<\"", "<<"),
    ("=", "="),
    ("a b", "a b"),
    ("!!str yes", "yes"),
    ("! 1", "1"),
    ("? yes\n", "true"),
    ("? |\n  a\n", "a\n"),
];

/// Whole files, and their first document or the rule that refuses them.
const FILES: &[(&str, &str)] = &[
    // Quotes and escapes.
    ("'a'", r#""a""#),
    ("'it''s'", r#""it's""#),
    ("'\\n'", r#""\\n""#),
    ("''", r#""""#),
    ("\"\"", r#""""#),
    (
        r#""\0\a\b\t\n\v\f\r\e\ \"\'\\\N\_\L\P""#,
        "\"\\u0000\\u0007\\b\\t\\n\\u000b\\f\\r\\u001b \\\"'\\\\\u{85}\u{a0}\u{2028}\u{2029}\"",
    ),
    (r#""\x41\u00e9\U0001F600""#, "\"A\u{e9}\u{1f600}\""),
    ("\"a\\\tb\"", r#""a\tb""#),
    ("\"a\n b\"", r#""a b""#),
    ("\"a\n\n b\"", r#""a\nb""#),
    ("\"a  \n\n\n  b\"", r#""a\n\nb""#),
    ("\"a \\\n  b\"", r#""a b""#),
    ("\"a\\\n\n b\"", r#""a\nb""#),
    ("\"\n a\n \"", r#"" a ""#),
    ("'a\n  b\n\n  c'", r#""a b\nc""#),
    ("\"a\u{2028}b\"", "\"a\u{2028}b\""),
    ("\"a\u{85}b\"", r#""a b""#),
    // Plain text on several lines.
    ("a\nb", r#""a b""#),
    ("a\n\nb", r#""a\nb""#),
    ("k: a\n  b # c\n", r#"{"k":"a b"}"#),
    ("k: a\n  # c\nl: b\n", r#"{"k":"a","l":"b"}"#),
    ("k: a\u{2028}  b", "{\"k\":\"a\u{2028}b\"}"),
    ("k: a   \t\n", r#"{"k":"a"}"#),
    // Block text.
    ("|\n a\n b\n", r#""a\nb\n""#),
    ("|-\n a\n", r#""a""#),
    ("|+\n a\n\n", r#""a\n\n""#),
    ("|\n a\n\n\n", r#""a\n""#),
    ("|\n a", r#""a""#),
    ("k: |\n\n  a\n   b\n", r#"{"k":"\na\n b\n"}"#),
    ("k: |2\n    a\n  b\n", r#"{"k":"  a\nb\n"}"#),
    ("k: |2-\n    a\n", r#"{"k":"  a"}"#),
    ("k: |-2\n    a\n", r#"{"k":"  a"}"#),
    ("k: | # c\n  a\n", r#"{"k":"a\n"}"#),
    ("k: |\n  # a\nl: b\n", "{\"k\":\"# a\\n\",\"l\":\"b\"}"),
    ("k: |\nl: b\n", r#"{"k":"","l":"b"}"#),
    ("k: |+\n\n\nl: b\n", r#"{"k":"\n\n","l":"b"}"#),
    (">\n a\n b\n", r#""a b\n""#),
    (">\n a\n\n b\n", r#""a\nb\n""#),
    (">\n a\n  b\n c\n", r#""a\n b\nc\n""#),
    (">-\n a\n\n  b\n\n c\n", r#""a\n\n b\n\nc""#),
    ("- |\n a\n- >\n b\n", r#"["a\n","b\n"]"#),
    ("k: |\n  a\r\n  b\r\n", r#"{"k":"a\nb\n"}"#),
    ("k: |2\n  \ta\n", r#"{"k":"\ta\n"}"#),
    // Lists and maps.
    ("- a\n- b\n", r#"["a","b"]"#),
    ("-\n- \n", "[null,null]"),
    ("- - a\n  - b\n- c\n", r#"[["a","b"],"c"]"#),
    ("a:\n- b\n- c\nd: e\n", r#"{"a":["b","c"],"d":"e"}"#),
    ("a:\n  - b\n", r#"{"a":["b"]}"#),
    ("- a: b\n  c: d\n", r#"[{"a":"b","c":"d"}]"#),
    ("a:\n  b:\n    c:\n", r#"{"a":{"b":{"c":null}}}"#),
    ("a:\nb:\n", r#"{"a":null,"b":null}"#),
    ("? a\n: b\n", r#"{"a":"b"}"#),
    ("? a\n? b\n", r#"{"a":null,"b":null}"#),
    ("[]", "[]"),
    ("{}", "{}"),
    ("[a, [b], {c: d}, e: f,]", r#"["a",["b"],{"c":"d"},{"e":"f"}]"#),
    ("{a, b: , c: d,}", r#"{"a":null,"b":null,"c":"d"}"#),
    ("{\"a\":1, 'b':2, c:3}", r#"{"a":1,"b":2,"c:3":null}"#),
    ("{a: [\n1,\n# c\n2 ]\n}", r#"{"a":[1,2]}"#),
    ("[a\n b, c]", r#"["a b","c"]"#),
    ("{a: b}   # c\n", r#"{"a":"b"}"#),
    ("a: b#c\n", r#"{"a":"b#c"}"#),
    ("a:\tb\n", r#"{"a":"b"}"#),
    ("a : b\n", r#"{"a":"b"}"#),
    ("'a': 1\n\"b\": 2\n", r#"{"a":1,"b":2}"#),
    // Line ends, byte order marks, several documents.
    ("a: b\r\nc:\r\n- d\r\n", r#"{"a":"b","c":["d"]}"#),
    ("a: b\rc: d\r", r#"{"a":"b","c":"d"}"#),
    ("\u{feff}a: b\n", r#"{"a":"b"}"#),
    ("\u{feff}# c\r\na: b\r\n", r#"{"a":"b"}"#),
    ("--- a\n--- b\n", r#""a""#),
    ("---\na: b\n...\n", r#"{"a":"b"}"#),
    ("%YAML 1.1\n---\na\n", r#""a""#),
    ("%YAML 1.1 # c\n%TAG !e! tag:example.com,2026:\n--- !e!x a\n", r#""a""#),
    ("--- |\n a\n", r#""a\n""#),
    ("--- {a: b}\n", r#"{"a":"b"}"#),
    // Tags.
    ("!!str 1", r#""1""#),
    ("!!str", r#""""#),
    ("!!int '0x1F'", "31"),
    ("!!float 5", "5"),
    ("!!float '1e2'", "100"),
    ("!!bool 'yes'", "true"),
    ("!!null ''", "null"),
    ("!!timestamp 2026-11-21", r#""2026-11-21""#),
    ("!!timestamp '2026-2-29 1:2:3'", "!yaml-syntax"),
    ("!!timestamp 2024-2-29T1:2:3.5+09:00", r#""2024-2-29T1:2:3.5+09:00""#),
    ("!!binary aGVsbG8=", r#""hello""#),
    ("!!binary |\n  aGVs\n  bG8=\n", r#""hello""#),
    ("!!binary /w==", "\"\u{fffd}\""),
    ("!!binary a", "!yaml-syntax"),
    ("! 1", r#""1""#),
    ("!mine 1", r#""1""#),
    ("!<tag:yaml.org,2002:int> '7'", "7"),
    ("!!map [a]", r#"["a"]"#),
    ("!!set {a, b}", r#"{"a":null,"b":null}"#),
    ("!!int x", "!yaml-syntax"),
    ("!!int 1.5", "!yaml-syntax"),
    ("!!float 18446744073709551615", "!yaml-syntax"),
    ("!!bool 1", "!yaml-syntax"),
    ("!e!x a", "!yaml-syntax"),
    ("!a,b c", r#""c""#),
    // Anchors, aliases, merges.
    ("a: &x 1\nb: *x\n", r#"{"a":1,"b":1}"#),
    ("a: &x\nb: *x\n", r#"{"a":null,"b":null}"#),
    ("- &x [a]\n- *x\n- [*x, *x]\n", r#"[["a"],["a"],[["a"],["a"]]]"#),
    ("- &x a\n- &x b\n- *x\n", r#"["a","b","b"]"#),
    ("&x a: 1\nb: *x\n", r#"{"a":1,"b":"a"}"#),
    ("a: &x b\n*x : c\n", r#"{"a":"b","b":"c"}"#),
    ("[&x a, *x]", r#"["a","a"]"#),
    ("- &x [&x a]\n- *x\n", r#"[["a"],"a"]"#),
    ("- &x !!str 1\n- !!str &y 2\n- *y\n", r#"["1","2","2"]"#),
    ("a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\n", r#"{"a":{"b":1,"c":2},"d":{"b":3,"c":2}}"#),
    (
        "a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n",
        r#"{"a":{"b":1},"c":{"b":2,"d":3},"e":{"b":1,"d":3}}"#,
    ),
    ("a:\n  <<: {b: 1}\n  c: 2\n", r#"{"a":{"b":1,"c":2}}"#),
    (
        "a: &x {b: 1}\nc: &y {<<: *x, d: 2}\ne: {<<: *y}\n",
        r#"{"a":{"b":1},"c":{"b":1,"d":2},"e":{"b":1,"d":2}}"#,
    ),
    ("{\"<<\": {a: 1}}", r#"{"<<":{"a":1}}"#),
    ("a: <<\n", r#"{"a":"<<"}"#),
    ("!!merge '<<': {a: 1}", r#"{"a":1}"#),
    ("<<: 1", "!yaml-syntax"),
    ("<<:", "!yaml-syntax"),
    ("<<: [{a: 1}, 2]", "!yaml-syntax"),
    ("a: &x [{b: 1}]\nc: {<<: *x}\n", "!yaml-syntax"),
    ("*x", "!yaml-syntax"),
    ("--- &x a\n--- *x\n", "!yaml-syntax"),
    ("&x [*x]", "!yaml-syntax"),
    ("&x a: *x\n<<: *x\n", "!yaml-syntax"),
    // Keys that are none.
    (": a", "!yaml-syntax"),
    ("? \n: a\n", "!yaml-syntax"),
    ("~: a", "!yaml-syntax"),
    ("null: a", "!yaml-syntax"),
    ("[a]: b", "!yaml-syntax"),
    ("? {a: b}\n: c\n", "!yaml-syntax"),
    ("18446744073709551615: a", "!yaml-syntax"),
    ("[a: b, : c]", "!yaml-syntax"),
    ("{}: a", "!yaml-syntax"),
    // Numbers that JSON does not have.
    (".inf", "!yaml-syntax"),
    ("-.Inf", "!yaml-syntax"),
    ("a: [.nan]", "!yaml-syntax"),
    ("'.inf'", r#"".inf""#),
    // Broken files.
    ("a: b: c", "!yaml-syntax"),
    ("a:\n\tb: c\n", "!yaml-syntax"),
    ("a: \"b", "!yaml-syntax"),
    ("a: 'b\n", "!yaml-syntax"),
    ("[a", "!yaml-syntax"),
    ("{a: b", "!yaml-syntax"),
    ("[a]]", "!yaml-syntax"),
    ("[a b: c, d\n e: f]", "!yaml-syntax"),
    ("[a}", "!yaml-syntax"),
    ("[,]", "!yaml-syntax"),
    ("a\nb: c\n", "!yaml-syntax"),
    ("a: b\n c: d\n", "!yaml-syntax"),
    ("a: b\nc\n", "!yaml-syntax"),
    ("  a: b\nc: d\n", "!yaml-syntax"),
    ("- a\nb: c\n", "!yaml-syntax"),
    ("a: - b\n", "!yaml-syntax"),
    ("a: ? b\n", "!yaml-syntax"),
    ("@a", "!yaml-syntax"),
    ("`a`", "!yaml-syntax"),
    ("a: %b", "!yaml-syntax"),
    ("[|]", "!yaml-syntax"),
    ("k: | a\n", "!yaml-syntax"),
    ("k: |0\n a\n", "!yaml-syntax"),
    ("k: |\n \ta\n", "!yaml-syntax"),
    ("k: |\n\ta\n", "!yaml-syntax"),
    ("\"\\/\"", "!yaml-syntax"),
    ("\"\\ud83d\\ude00\"", "!yaml-syntax"),
    ("\"\\x4\"", "!yaml-syntax"),
    ("\"\\UFFFFFFFF\"", "!yaml-syntax"),
    ("\"a\n---\nb\"", "!yaml-syntax"),
    ("& a", "!yaml-syntax"),
    ("&a.b c", "!yaml-syntax"),
    ("%FOO\n--- a\n", "!yaml-syntax"),
    ("%YAML 1.2\n--- a\n", "!yaml-syntax"),
    ("%YAML 1.1\n%YAML 1.1\n--- a\n", "!yaml-syntax"),
    ("%YAML 1.1\na\n", "!yaml-syntax"),
    ("... a", "!yaml-syntax"),
    // Characters that no file may hold.
    ("a: \0", "!yaml-encoding"),
    ("a: \u{7}", "!yaml-encoding"),
    ("a: \u{7f}", "!yaml-encoding"),
    ("a: \u{80}", "!yaml-encoding"),
    ("a: \u{fffe}", "!yaml-encoding"),
    ("a: \u{ffff}", "!yaml-encoding"),
    ("\u{feff}\u{feff}a: b", "!yaml-encoding"),
    ("a: b\u{feff}c", "{\"a\":\"b\u{feff}c\"}"),
    ("a: \u{fffd}\u{10000}", "{\"a\":\"\u{fffd}\u{10000}\"}"),
    ("a: \u{e000}", "!yaml-private-use"),
    ("# \u{f8ff}", "!yaml-private-use"),
    ("a: \u{f0000}", "!yaml-private-use"),
    ("a: \u{10fffd}", "!yaml-private-use"),
    ("a: \"\\uE000\"", "!yaml-private-use"),
    ("a: \"\\U0010FFFD\"", "!yaml-private-use"),
    ("a: !!binary 7oCA", "!yaml-private-use"),
    // Keys that stand twice.
    ("a: 1\na: 2\n", "!yaml-duplicate-key"),
    ("{a: 1, 'a': 2}", "!yaml-duplicate-key"),
    ("yes: 1\n'true': 2\n", "!yaml-duplicate-key"),
    ("1: a\n0x1: b\n", "!yaml-duplicate-key"),
    ("<<: {a: 1}\n<<: {b: 1}\n", "!yaml-duplicate-key"),
    ("a: 1\n<<: {a: 2}\n", "!yaml-duplicate-key"),
];

/// Returns the first document, or the rule of the first finding behind `!`.
fn read(text: &str) -> Value {
    match parse(FileId(0), text.as_bytes(), Options::SPEC) {
        Ok(documents) => documents.first().map_or(Value::Null, |document| document.root.to_json()),
        Err(report) => json!(format!("!{}", report.diagnostics[0].rule)),
    }
}

fn value(expected: &str) -> Value {
    serde_json::from_str(expected).unwrap_or_else(|_| json!(expected))
}

/// Lists the texts that are not read as expected.
fn wrong(cases: impl IntoIterator<Item = (String, Value)>) -> Vec<String> {
    let differs = |(text, expected): (String, Value)| {
        let found = read(&text);
        (found != expected).then(|| format!("{text:?} is {found}, not {expected}"))
    };
    cases.into_iter().filter_map(differs).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn a_plain_scalar_means_what_kubernetes_takes_it_for() {
    let cases = SCALARS.iter().flat_map(|(text, meaning)| {
        [
            (format!("k: {text}\n"), json!({ "k": value(meaning) })),
            (format!("- {text}\n"), json!([value(meaning)])),
            (format!("k: '{text}'\n"), json!({ "k": text })),
            (format!("- \"{text}\"\n"), json!([text])),
        ]
    });

    assert_eq!(wrong(cases), NONE);
}

#[test]
fn what_only_looks_like_a_number_or_a_word_is_text() {
    let cases = TEXTS.iter().flat_map(|text| {
        [(format!("k: {text}\n"), json!({ "k": text })), (format!("- {text}\n"), json!([text]))]
    });

    assert_eq!(wrong(cases), NONE);
}

#[test]
fn a_key_becomes_the_text_that_kubernetes_makes_of_it() {
    let cases = KEYS.iter().map(|(key, text)| (format!("{key}: v\n"), json!({ *text: "v" })));

    assert_eq!(wrong(cases), NONE);
}

#[test]
fn a_file_is_read_or_refused_as_kubernetes_would() {
    let cases = FILES.iter().map(|(text, expected)| ((*text).to_owned(), value(expected)));

    assert_eq!(wrong(cases), NONE);
}

/// Lists a node and all beneath it, the keys of maps as their places alone.
fn visit(node: &Node, places: &mut Vec<Location>, scalars: &mut Vec<Node>) {
    places.push(node.location);
    match &node.kind {
        Kind::Scalar { .. } => scalars.push(node.clone()),
        Kind::List { items, .. } => items.iter().for_each(|item| visit(item, places, scalars)),
        Kind::Map { entries, .. } => {
            for entry in entries.iter() {
                places.push(entry.key_location);
                visit(&entry.value, places, scalars);
            }
        }
    }
}

#[test]
fn the_bytes_of_a_scalar_mean_the_same_alone() {
    let untagged = FILES.iter().map(|(text, _)| *text).filter(|text| !text.contains('!'));
    for text in untagged {
        let documents = parse(FileId(0), text.as_bytes(), Options::SPEC).unwrap_or_default();
        let (mut places, mut scalars) = (Vec::new(), Vec::new());
        documents.iter().for_each(|document| visit(&document.root, &mut places, &mut scalars));

        for scalar in scalars {
            let Kind::Scalar { style: Style::Plain | Style::Quoted, .. } = scalar.kind else { continue };
            let alone = &text[scalar.location.start as usize..scalar.location.end as usize];
            assert_eq!(read(alone), scalar.to_json(), "{alone:?} of {text:?}");
        }
    }
}

/// Makes files of pieces that YAML gives a meaning.
fn soup() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "a",
        "b",
        "1",
        "yes",
        "- ",
        "-",
        "? ",
        ": ",
        ":",
        "\n",
        "\n  ",
        "\n    ",
        " ",
        "\t",
        "#",
        " # c",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "!!str ",
        "!t ",
        "!",
        "|",
        ">",
        "|-",
        "|2",
        "\"",
        "'",
        "\\",
        "\\n",
        "\\\n",
        "---\n",
        "\n...\n",
        "%YAML 1.1\n",
        "<<: ",
        "<<",
        "\r\n",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{e9}",
        "\u{1f338}",
        "\u{feff}",
        "\u{e000}",
        "\0",
        "@",
        ".inf",
        "0x1",
        "\"a\"",
        "a: b\n",
        "- a\n",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4096) })]

    #[test]
    fn every_place_lies_in_the_file_between_characters(text in soup()) {
        let inside = |location: Location| text.get(location.start as usize..location.end as usize).is_some();
        for options in [Options::SPEC, Options::SKELETON, Options::FOREIGN] {
            match parse(FileId(0), text.as_bytes(), options) {
                Ok(documents) => {
                    let (mut places, mut scalars) = (Vec::new(), Vec::new());
                    documents.iter().for_each(|document| visit(&document.root, &mut places, &mut scalars));
                    prop_assert!(places.into_iter().all(inside));
                }
                Err(report) => {
                    let places = report.diagnostics.iter().flat_map(|finding| {
                        finding.location.into_iter().chain(finding.related.iter().map(|(location, _)| *location))
                    });
                    prop_assert!(places.into_iter().all(inside), "{:?}", report);
                    prop_assert!(report.diagnostics.iter().all(|finding| finding.location.is_some()));
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse(FileId(0), &bytes, Options::SPEC);
    }
}
