//! Kubernetes label selectors.

use std::collections::BTreeMap;
use std::str::FromStr;

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

/// Why a text is no selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASelector;

impl FromStr for Selector {
    type Err = NotASelector;

    /// Reads a selector as kubectl takes it: `tier=canary,zone in (a, b),!paused,team!=blue`.
    fn from_str(text: &str) -> Result<Self, NotASelector> {
        let match_expressions: Vec<Expression> = requirements(text).map(read).collect::<Result<_, _>>()?;
        Ok(Self { match_labels: BTreeMap::new(), match_expressions })
    }
}

/// Splits a text at the commas that stand in no parentheses.
fn requirements(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |letter: char| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })
}

/// Reads one requirement of a selector.
fn read(text: &str) -> Result<Expression, NotASelector> {
    let text = text.trim();
    if let Some(key) = text.strip_prefix('!') {
        return expression(key, Operator::DoesNotExist, Vec::new());
    }
    for (word, operator) in [("!=", Operator::NotIn), ("==", Operator::In), ("=", Operator::In)] {
        if let Some((key, value)) = text.split_once(word) {
            return expression(key, operator, vec![value]);
        }
    }
    let Some((key, rest)) = text.split_once(char::is_whitespace) else {
        return expression(text, Operator::Exists, Vec::new());
    };
    let rest = rest.trim_start();
    let listed = [("notin", Operator::NotIn), ("in", Operator::In)];
    let (operator, list) = listed
        .into_iter()
        .find_map(|(word, operator)| Some((operator, rest.strip_prefix(word)?)))
        .ok_or(NotASelector)?;
    let list = list.trim().strip_prefix('(').and_then(|list| list.strip_suffix(')')).ok_or(NotASelector)?;
    expression(key, operator, list.split(',').collect())
}

fn expression(key: &str, operator: Operator, values: Vec<&str>) -> Result<Expression, NotASelector> {
    let is_plain = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
    };
    let (key, values) = (key.trim(), values.into_iter().map(str::trim));
    let values: Vec<String> = values.map(str::to_owned).collect();
    let is_sound = !key.is_empty() && is_plain(key) && values.iter().all(|value| is_plain(value));
    if is_sound { Ok(Expression { key: key.to_owned(), operator, values }) } else { Err(NotASelector) }
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

    #[test]
    fn a_selector_is_read_as_kubectl_reads_it() {
        let labels = ["tier=canary", "zone=a", "empty="].map(|label| {
            let (key, value) = label.split_once('=').expect("because the table's labels are well formed");
            (key.to_owned(), value.to_owned())
        });
        let labels = BTreeMap::from(labels);
        for (text, expected) in [
            ("tier=canary", true),
            ("tier == canary", true),
            ("tier=production", false),
            ("tier!=canary", false),
            ("team!=blue", true),
            ("tier", true),
            ("!tier", false),
            ("!team", true),
            ("tier in (canary, production)", true),
            ("tier in(production)", false),
            ("tier notin (production),zone=a", true),
            ("tier notin (canary),zone=a", false),
            ("empty=", true),
            ("team=", false),
        ] {
            let selector = text.parse::<Selector>();
            assert_eq!(selector.map(|selector| selector.selects(&labels)), Ok(expected), "{text}");
        }
        for text in ["", ",", "a=b,", "=b", "a b", "a in", "a in b", "a in (b", "a=b c", "a>1", "a=(b)", "!"]
        {
            assert_eq!(text.parse::<Selector>(), Err(NotASelector), "{text}");
        }
    }
}
