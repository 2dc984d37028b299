//! Selectors: of Secrets by their labels, and of parameter sets once they are generated.
//!
//! The first follows `LabelSelectorAsSelector` of k8s.io/apimachinery 0.36.1, the second Argo CD's variation of it
//! (`applicationset/utils/selector.go` of 3.5.1), which takes any value, so that URLs can be asked for.

mod label;

use serde_json::Value;

use super::cluster_secret::SECRET_TYPE;
use crate::spec::selector::{Expression, Operator};

/// A selector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    expressions: Vec<Expression>,
}

/// What a selector selects, which decides what it may be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selects {
    /// Cluster Secrets: values must be values of labels. What makes a Secret a cluster is not asked again, whatever
    /// `matchLabels` says of it.
    Clusters,
    /// Parameter sets: any value will do.
    Parameters,
}

impl Selector {
    /// Reads a `metav1.LabelSelector`; nothing selects everything.
    ///
    /// # Errors
    /// Says what Kubernetes or Argo CD says; of several labels that are wrong, the first in the order of the keys.
    pub fn read(selector: &Value, selects: Selects) -> Result<Self, String> {
        let labels = selector.get("matchLabels").and_then(Value::as_object);
        let mut labels: Vec<(&String, &Value)> = labels.into_iter().flatten().collect();
        labels.sort_by_key(|(key, _)| *key);
        let mut expressions = Vec::new();
        if selects == Selects::Clusters {
            labels.retain(|(key, _)| *key != SECRET_TYPE);
        }
        for (key, value) in labels {
            let values = vec![text(Some(value)).to_owned()];
            expressions.push(expression(key, Operator::In, values, selects)?);
        }
        for written in selector.get("matchExpressions").and_then(Value::as_array).into_iter().flatten() {
            let operator = operator(text(written.get("operator")), selects)?;
            let values = written.get("values").and_then(Value::as_array).into_iter().flatten();
            let values = values.map(|value| text(Some(value)).to_owned()).collect();
            expressions.push(expression(text(written.get("key")), operator, values, selects)?);
        }
        Ok(Self { expressions })
    }

    /// Returns whether everything that is asked holds; `value` gives a key's value, `None` where it is absent.
    pub fn selects<V: AsRef<str>>(&self, value: impl Fn(&str) -> Option<V>) -> bool {
        let holds =
            |expression: &Expression| expression.holds(value(&expression.key).as_ref().map(AsRef::as_ref));
        self.expressions.iter().all(holds)
    }
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

fn operator(operator: &str, selects: Selects) -> Result<Operator, String> {
    match operator {
        "In" => Ok(Operator::In),
        "NotIn" => Ok(Operator::NotIn),
        "Exists" => Ok(Operator::Exists),
        "DoesNotExist" => Ok(Operator::DoesNotExist),
        other => {
            let what = match selects {
                Selects::Clusters => "label",
                Selects::Parameters => "pod",
            };
            Err(format!("{other:?} is not a valid {what} selector operator"))
        }
    }
}

fn expression(
    key: &str,
    operator: Operator,
    values: Vec<String>,
    selects: Selects,
) -> Result<Expression, String> {
    let mut faults = Vec::new();
    let of_key = label::faults_of_key(key);
    if !of_key.is_empty() {
        faults.push(format!("key: Invalid value: {key:?}: {}", of_key.join("; ")));
    }
    let needs_values = matches!(operator, Operator::In | Operator::NotIn);
    if needs_values && values.is_empty() {
        faults.push(
            "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty".into(),
        );
    } else if !needs_values && !values.is_empty() {
        let written = Value::from(values.clone());
        faults.push(format!(
            "values: Invalid value: {written}: values set must be empty for exists and does not exist"
        ));
    }
    if selects == Selects::Clusters {
        for (index, value) in values.iter().enumerate() {
            let of_value = label::faults_of_value(value);
            if !of_value.is_empty() {
                let of_value = of_value.join("; ");
                faults.push(format!("values[{index}][{key}]: Invalid value: {value:?}: {of_value}"));
            }
        }
    }
    match &faults[..] {
        [] => Ok(Expression { key: key.to_owned(), operator, values }),
        [fault] => Err(fault.clone()),
        _ => Err(format!("[{}]", faults.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_selector_is_read_as_strictly_as_upstream_reads_it() {
        const NAME: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
        const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
        const PREFIX: &str = r"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
        for (selector, selects, expected) in [
            (json!(null), Selects::Clusters, String::new()),
            (json!({"matchLabels": {"a": "https://1"}}), Selects::Parameters, String::new()),
            (
                json!({"matchLabels": {"argocd.argoproj.io/secret-type": "?", "p": "p1/p2"}}),
                Selects::Clusters,
                format!("values[0][p]: Invalid value: \"p1/p2\": {VALUE}"),
            ),
            (
                json!({"matchLabels": {"a/b/c": ""}}),
                Selects::Parameters,
                format!(
                    "key: Invalid value: \"a/b/c\": a valid label key {NAME} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
                ),
            ),
            (
                json!({"matchExpressions": [{"key": "A_/", "operator": "In"}]}),
                Selects::Parameters,
                format!(
                    "[key: Invalid value: \"A_/\": prefix part {PREFIX}; name part must be non-empty; name part {NAME}, values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty]"
                ),
            ),
            (
                json!({"matchExpressions": [{"key": "x", "operator": "Exists", "values": ["a"]}]}),
                Selects::Parameters,
                "values: Invalid value: [\"a\"]: values set must be empty for exists and does not exist"
                    .into(),
            ),
            (
                json!({"matchExpressions": [{"key": "x", "operator": "Gt"}]}),
                Selects::Parameters,
                "\"Gt\" is not a valid pod selector operator".into(),
            ),
            (
                json!({"matchExpressions": [{"key": "x", "operator": "Gt"}]}),
                Selects::Clusters,
                "\"Gt\" is not a valid label selector operator".into(),
            ),
        ] {
            assert_eq!(Selector::read(&selector, selects).err().unwrap_or_default(), expected, "{selector}");
        }
    }

    #[test]
    fn everything_that_is_asked_must_hold() -> Result<(), String> {
        let selector = json!({
            "matchLabels": {"a": "1"},
            "matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["x"]}],
        });
        let selector = Selector::read(&selector, Selects::Parameters)?;
        let selects = |entries: &[(&str, &str)]| {
            selector.selects(|key| entries.iter().find(|(known, _)| *known == key).map(|(_, value)| *value))
        };
        assert!(selects(&[("a", "1")]));
        assert!(selects(&[("a", "1"), ("b", "y")]));
        assert!(!selects(&[("a", "1"), ("b", "x")]));
        assert!(!selects(&[("b", "y")]));
        Ok(())
    }
}
