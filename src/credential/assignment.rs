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

/// Returns the key of a literal in a text that holds another file: `password: x` or `password = x` on a line of its
/// own, `"password": "x"` anywhere. Prose, and what a shell computes, is none.
pub fn embedded(text: &str) -> Option<&str> {
    let holds_file = text.contains('\n') || text.trim_start().starts_with('{');
    let lines = text.lines().filter(|_| holds_file);
    lines
        .filter_map(|line| {
            assignments(line).into_iter().find(|found| is_setting(line, found)).map(|found| &line[found.key])
        })
        .next()
}

/// Returns whether an assignment is one of a configuration file.
fn is_setting(line: &str, found: &Assignment) -> bool {
    let before = line[..found.key.start].trim_start();
    let stands_alone = matches!(before, "" | "- " | "\"" | "'" | "- \"" | "export ");
    let between = &line[found.key.end..found.value.start];
    let value = &line[found.value.clone()];
    let is_json = between.starts_with('"') && between.ends_with('"') && between.contains(':');
    let is_word =
        between.ends_with(['"', '\'']) || !value.trim_end_matches([',', ';']).contains(char::is_whitespace);
    (stands_alone || is_json) && is_word && !value.starts_with(['$', '`', '<', '%', '{'])
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
    fn files_within_texts_are_read_and_prose_is_not() {
        for (text, key) in [
            ("[Global]\nusername = x\npassword = hunter2\n", "password"),
            ("a: b\nclient_secret: hunter2\n", "client_secret"),
            ("{\"bearerToken\": \"abc\"}", "bearerToken"),
            ("#!/bin/sh\nexport DB_PASSWORD='a b'\n", "DB_PASSWORD"),
        ] {
            assert_eq!(embedded(text), Some(key), "{text}");
        }
        for text in [
            "TOKEN=$(curl -s http://metadata/token)\nX=`cat y`\n",
            "The password: at least eight characters\ntoken: of a user\n",
            "curl --token=abc\nif [ \"$TOKEN\" = \"x\" ]; then\n",
            "password = <your password>\npassword=\n",
            "password: hunter2",
        ] {
            assert_eq!(embedded(text), None, "{text}");
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
