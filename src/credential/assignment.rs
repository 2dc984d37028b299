//! Credentials by their keys, in a text that nobody parses.

use std::ops::Range;

use super::{is_credential_key, is_literal};

/// A literal at the key of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Where the key stands, in bytes of the line.
    pub key: Range<usize>,
    /// Where the value stands, without its quotes.
    pub value: Range<usize>,
}

/// Returns every literal that stands behind the key of a credential in one line: `key: value`, `"key": "value"`,
/// `key=value`, also several within `{}`.
pub fn assignments(line: &str) -> Vec<Assignment> {
    let mut found = Vec::new();
    for (at, separator) in line.match_indices([':', '=']) {
        let behind = at + separator.len();
        let rest = &line[behind..];
        // In YAML a `:` within a word is part of it, unless the key is quoted as in JSON.
        let before = line[..at].trim_end();
        let quoted = before.ends_with(['"', '\'']);
        if separator == ":" && !quoted && !rest.is_empty() && !rest.starts_with([' ', '\t']) {
            continue;
        }
        let key_end = before.trim_end_matches(['"', '\'']).len();
        let part_of_key =
            |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
        let key_start = line[..key_end].trim_end_matches(part_of_key).len();
        if !is_credential_key(&line[key_start..key_end]) {
            continue;
        }
        let start = behind + (rest.len() - rest.trim_start().len());
        let within_braces = line[..key_start].contains('{');
        let value = value(&line[start..], within_braces);
        let value = start + value.start..start + value.end;
        if is_literal(&line[value.clone()]) {
            found.push(Assignment { key: key_start..key_end, value });
        }
    }
    found
}

/// Returns the part of `text` that is a value: within quotes, or up to a comment, or within braces up to where the
/// entry ends. What begins another structure is none.
fn value(text: &str, within_braces: bool) -> Range<usize> {
    let Some(first) = text.chars().next() else { return 0..0 };
    if first == '"' || first == '\'' {
        let end = text[1..].find(first).map_or(text.len(), |end| end + 1);
        return 1..end;
    }
    if text.starts_with(['{', '[', '|', '>', '&', '*', '!', '#']) && !text.starts_with("{{") {
        return 0..0;
    }
    let comment = text.find(" #").unwrap_or(text.len());
    let end = match within_braces {
        true => text[..comment].find([',', '}', ']']).unwrap_or(comment),
        false => comment,
    };
    0..text[..end].trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(line: &str) -> Vec<&str> {
        assignments(line).into_iter().map(|found| &line[found.value]).collect()
    }

    #[test]
    fn literals_are_found_in_all_the_ways_of_writing_them() {
        let table: [(&str, &[&str]); 8] = [
            ("  password: hunter2  # note", &["hunter2"]),
            ("- adminPassword: 'a b'", &["a b"]),
            ("{user: x, password: p1, token: t1}", &["p1", "t1"]),
            ("{\"apiKey\":\"abc\",\"x\":1}", &["abc"]),
            ("export DB_PASSWORD=hunter2", &["hunter2"]),
            ("  \"client_secret\": \"s, t\",", &["s, t"]),
            ("password: \"unclosed", &["unclosed"]),
            ("token: a#b", &["a#b"]),
        ];
        for (line, expected) in table {
            assert_eq!(values(line), expected, "{line}");
        }
    }

    #[test]
    fn what_is_no_literal_is_left_alone() {
        for line in [
            "password:",
            "password: ''",
            "secret: {name: x}",
            "password: |",
            "passwordRef: x",
            "existingSecret: x",
            "token: ${{ x }}",
            "automountServiceAccountToken: false",
            "https://x/token:8080",
            "image: token:latest",
            "# no keys here",
        ] {
            assert!(values(line).is_empty(), "{line} {:?}", values(line));
        }
    }
}
