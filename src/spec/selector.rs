//! Kubernetes label selectors.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A label selector as `metav1.LabelSelector` has it; the empty one selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selector {
    /// Labels that must have these values.
    #[serde(default)]
    pub match_labels: BTreeMap<String, String>,
    /// Expressions that must all hold.
    #[serde(default)]
    pub match_expressions: Vec<Expression>,
}

/// One expression of a selector.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expression {
    /// The label's key.
    pub key: String,
    /// What is asked of it.
    pub operator: Operator,
    /// The values of `In` and `NotIn`; empty for the others.
    #[serde(default)]
    pub values: Vec<String>,
}

/// What a selector's expression asks of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Operator {
    /// It has one of the values.
    In,
    /// It is absent, or has none of the values.
    NotIn,
    /// It is there.
    Exists,
    /// It is absent.
    DoesNotExist,
}

impl Selector {
    /// Returns whether every label and every expression holds.
    pub fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        self.holds(|key| labels.get(key).map(String::as_str))
    }

    /// Returns whether every label and every expression holds, given the value of a label; `None` where it is absent.
    pub fn holds<'l>(&self, label: impl Fn(&str) -> Option<&'l str>) -> bool {
        self.match_labels.iter().all(|(key, value)| label(key) == Some(value))
            && self.match_expressions.iter().all(|expression| expression.holds(label(&expression.key)))
    }
}

impl Expression {
    /// Returns whether the expression holds for its label's value; `None` where the label is absent.
    pub fn holds(&self, value: Option<&str>) -> bool {
        let listed = |value: &str| self.values.iter().any(|own| own == value);
        match self.operator {
            Operator::In => value.is_some_and(listed),
            Operator::NotIn => value.is_none_or(|value| !listed(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_holds_where_all_its_parts_do() {
        let labels = BTreeMap::from([("tier".to_owned(), "canary".to_owned())]);
        let selector = |json: serde_json::Value| -> Selector {
            serde_json::from_value(json).expect("because the table's selectors are well formed")
        };
        let expression = |operator: &str, values: &[&str]| serde_json::json!({"matchExpressions": [{"key": "tier", "operator": operator, "values": values}]});
        assert!(Selector::default().selects(&labels));
        assert!(selector(serde_json::json!({"matchLabels": {"tier": "canary"}})).selects(&labels));
        assert!(!selector(serde_json::json!({"matchLabels": {"zone": ""}})).selects(&labels));
        assert!(selector(expression("In", &["canary", "x"])).selects(&labels));
        assert!(!selector(expression("NotIn", &["canary"])).selects(&labels));
        assert!(selector(expression("NotIn", &["canary"])).selects(&BTreeMap::new()));
        assert!(selector(expression("Exists", &[])).selects(&labels));
        assert!(!selector(expression("DoesNotExist", &[])).selects(&labels));
    }
}
