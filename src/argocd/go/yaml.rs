//! YAML as sigs.k8s.io/yaml v1.6.0 writes it: JSON, read as YAML by go-yaml v2.4.3, and written by it.
//!
//! What `toYaml` gives ends up in values and patches, so it is the same bytes. Our own writer is `emit/yaml`; it has
//! another style, and this one must not be used for what we write ourselves.

mod analysis;
mod emit;
mod order;
mod read;
mod source;

pub use read::read;

use super::json::{Escape, to_json};
use super::value::Value;
use crate::argocd::Fault;

/// Writes a document, which ends with a line break.
///
/// # Errors
/// Says what Go says of values that have no JSON, and of JSON that is no YAML: control characters beyond ASCII's first
/// 32, keys of more than 1,022 characters. Maps whose keys go-yaml sorts by chance are refused.
pub fn to_yaml(value: &Value) -> Result<String, Fault> {
    match source::read(value, 0) {
        Ok(source) => Ok(emit::document(&source)),
        // A map that holds itself is found as one by the writer of JSON.
        Err(Fault::Refused(refused)) => {
            to_json(value, Escape::Html)?;
            Err(Fault::Refused(refused))
        }
        Err(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn yaml(json: serde_json::Value) -> String {
        to_yaml(&Value::from_json(&json)).unwrap_or_else(|fault| format!("{fault:?}"))
    }

    #[test]
    fn values_are_written_as_go_yaml_writes_them() {
        let long = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore";
        let folded = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt\n  ut labore";
        let cases = [
            (json!(null), "null\n".to_owned()),
            (json!({}), "{}\n".to_owned()),
            (json!({"b": [{"x": 1e6, "y": 1e21}, []], "a10": 1.5e6, "a9": 1234567.5}),
                "a9: 1.2345675e+06\na10: 1500000\nb:\n- x: 1000000\n  \"y\": 1e+21\n- []\n".to_owned()),
            (json!([[1, [2]], {"a": {}}]), "- - 1\n  - - 2\n- a: {}\n".to_owned()),
            (json!({"a": "x\ny\n", "b": " x\n", "c": "x\n\n"}),
                "a: |\n  x\n  y\nb: |2\n   x\nc: |+\n  x\n\n".to_owned()),
            (json!(["yes", "12:30:45", "a: b", "it's", "\t", "🌸", "", "-", "<<"]),
                "- \"yes\"\n- \"12:30:45\"\n- 'a: b'\n- it's\n- \"\\t\"\n- \"\\U0001F338\"\n- \"\"\n- '-'\n- <<\n".to_owned()),
            (json!([long]), format!("- {folded}\n")),
            (json!({"k": long, long: 1}), format!("k: {folded}\n{long}: 1\n")),
            (json!({format!("{long}{}", "x".repeat(40)): 1}), format!("? {folded}{}\n: 1\n", "x".repeat(40))),
        ];
        for (value, expected) in cases {
            assert_eq!(yaml(value), expected);
        }
    }

    #[test]
    fn what_is_json_and_no_yaml_is_an_error() {
        for text in ["\u{7f}", "\u{80}", "\u{fffe}", "a\u{85}--- b"] {
            assert!(matches!(to_yaml(&Value::text(text)), Err(Fault::Wrong(_))), "{text:?}");
        }
        assert_eq!(yaml(json!("a \u{85} b\u{85}\u{85}c")), "|-\n  a b\n  c\n");
        assert!(matches!(to_yaml(&Value::from_json(&json!({"k".repeat(1023): 1}))), Err(Fault::Wrong(_))));
    }
}
