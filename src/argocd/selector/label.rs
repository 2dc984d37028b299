//! What Kubernetes takes for a label's key and value, in its words where it takes something for neither.
//!
//! Follows `IsLabelKey` and `IsLabelValue` of k8s.io/apimachinery 0.36.1 (`api/validate/content`).

/// The longest name of a label, and the longest value, in bytes.
const LONGEST: usize = 63;

/// The longest prefix of a label's key, in bytes.
const LONGEST_PREFIX: usize = 253;

const NAME: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const PREFIX: &str = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const LETTERS: &str =
    "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/// Returns everything that is wrong with a label's key: `[prefix/]name`.
pub fn faults_of_key(key: &str) -> Vec<String> {
    let parts: Vec<&str> = key.split('/').collect();
    let mut faults = Vec::new();
    let name = match parts[..] {
        [name] => name,
        [prefix, name] => {
            faults.extend(faults_of_prefix(prefix).into_iter().map(|fault| format!("prefix part {fault}")));
            name
        }
        _ => {
            return vec![format!(
                "a valid label key must consist of {LETTERS} {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
                pattern(NAME, &["MyName", "my.name", "123-abc"])
            )];
        }
    };
    if name.is_empty() {
        faults.push("name part must be non-empty".to_owned());
    } else if name.len() > LONGEST {
        faults.push(format!("name part {}", too_long(LONGEST)));
    }
    if !is_name(name) {
        let pattern = pattern(NAME, &["MyName", "my.name", "123-abc"]);
        faults.push(format!("name part must consist of {LETTERS} {pattern}"));
    }
    faults
}

/// Returns everything that is wrong with a label's value.
pub fn faults_of_value(value: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if value.len() > LONGEST {
        faults.push(too_long(LONGEST));
    }
    if !value.is_empty() && !is_name(value) {
        let pattern = pattern(&format!("({NAME})?"), &["MyValue", "my_value", "12345"]);
        faults.push(format!("a valid label must be an empty string or consist of {LETTERS} {pattern}"));
    }
    faults
}

fn faults_of_prefix(prefix: &str) -> Vec<String> {
    if prefix.is_empty() {
        return vec!["must be non-empty".to_owned()];
    }
    let mut faults = Vec::new();
    if prefix.len() > LONGEST_PREFIX {
        faults.push(too_long(LONGEST_PREFIX));
    }
    if !prefix.split('.').all(is_dns_label) {
        let pattern = pattern(PREFIX, &["example.com"]);
        faults.push(format!(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character {pattern}"
        ));
    }
    faults
}

fn is_name(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let bytes = name.as_bytes();
    let ends = bytes.first().zip(bytes.last());
    ends.is_some_and(|(first, last)| first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric())
        && bytes.iter().copied().all(is_inner)
}

fn is_dns_label(label: &str) -> bool {
    let is_end = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = label.as_bytes();
    let ends = bytes.first().zip(bytes.last());
    ends.is_some_and(|(first, last)| is_end(first) && is_end(last))
        && bytes.iter().all(|byte| is_end(byte) || *byte == b'-')
}

fn too_long(most: usize) -> String {
    format!("must be no more than {most} bytes")
}

/// Writes a regular expression with examples, commas as Kubernetes has them.
fn pattern(expression: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|example| format!("'{example}', ")).collect();
    format!("(e.g. {}regex used for validation is '{expression}')", examples.join(" or "))
}
