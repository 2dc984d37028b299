//! Hiding credentials in what is printed: CI logs are public.

use std::ops::Range;

use super::{assignments, find_all, is_credential_key, is_literal};

/// Values that must not be shown, taken from lines of source files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masks {
    secrets: Vec<String>,
}

/// A run of base64 of this length is taken for key material.
const LONG_RUN: usize = 40;

/// How many characters of a value, cut short in a message, give it away.
const TELLING: usize = 12;

impl Masks {
    /// Adds what line `number` (from 1) of a file must not show.
    pub fn add_line(&mut self, text: &str, number: usize) {
        let line = line_of(text, number);
        let values = hidden(text, number).into_iter().map(|range| &line[range]);
        // Where somebody's password is `password`, the word says nothing.
        let telling = values.filter(|value| !is_credential_key(value));
        self.secrets.extend(telling.map(str::to_owned));
    }

    /// Returns a message with `***` for everything that looks like a credential, by itself or because it stands in
    /// one of the lines.
    pub fn hide(&self, message: &str) -> String {
        let mut text = message.to_owned();
        for secret in &self.secrets {
            text = hide_value(&text, secret);
        }
        let mut ranges = find_all(text.as_bytes()).into_iter().map(|found| found.range).collect::<Vec<_>>();
        ranges.extend(url_password(&text));
        ranges.sort_by_key(|range| std::cmp::Reverse(range.start));
        for range in ranges {
            if text.is_char_boundary(range.start) && text.is_char_boundary(range.end) {
                text.replace_range(range, "***");
            }
        }
        text
    }
}

/// Replaces a value where it stands as a word, and the beginning of it where a message cut it short.
fn hide_value(text: &str, secret: &str) -> String {
    let whole = hide_words(text, secret);
    let beginning: String = secret.chars().take(TELLING).collect();
    if beginning.chars().count() < TELLING {
        return whole;
    }
    match whole.find(&beginning) {
        Some(start) => {
            let end = whole[start..].find(['`', '…']).map_or(whole.len(), |end| start + end);
            format!("{}***{}", &whole[..start], &whole[end..])
        }
        None => whole,
    }
}

/// Replaces a value where nothing goes on before and behind it; a short one, which may be a word of ours, only where
/// it is quoted.
fn hide_words(text: &str, secret: &str) -> String {
    const SHORT: usize = 6;
    if secret.chars().count() < SHORT {
        return text.replace(&format!("`{secret}`"), "`***`");
    }
    let mut shown = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(secret) {
        let end = start + secret.len();
        let goes_on =
            rest[..start].ends_with(char::is_alphanumeric) || rest[end..].starts_with(char::is_alphanumeric);
        shown.push_str(&rest[..start]);
        shown.push_str(if goes_on { secret } else { "***" });
        rest = &rest[end..];
    }
    shown + rest
}

/// Returns line `number` (from 1) of a file with `*` for every character of what looks like a credential.
pub fn masked_line(text: &str, number: usize) -> String {
    let line = line_of(text, number);
    let mut is_hidden = vec![false; line.len()];
    for range in hidden(text, number) {
        is_hidden[range].fill(true);
    }
    let mask = |(at, character): (usize, char)| match is_hidden[at] && !character.is_whitespace() {
        true => '*',
        false => character,
    };
    line.char_indices().map(mask).collect()
}

fn line_of(text: &str, number: usize) -> &str {
    let line = text.split('\n').nth(number.saturating_sub(1)).unwrap_or_default();
    line.trim_start_matches('\u{feff}').trim_end_matches('\r')
}

/// Returns which parts of a line must not be shown.
fn hidden(text: &str, number: usize) -> Vec<Range<usize>> {
    let line = line_of(text, number);
    let above: Vec<&str> = text.split('\n').take(number.saturating_sub(1)).collect();
    if !line.trim().is_empty() && (lies_in_key(&above) || lies_in_value(&above, line)) {
        return std::iter::once(0..line.len()).collect();
    }
    let mut ranges: Vec<Range<usize>> =
        find_all(line.as_bytes()).into_iter().map(|found| found.range).collect();
    ranges.extend(assignments(line).into_iter().map(|found| found.value));
    ranges.extend(lists(line));
    ranges.extend(url_password(line));
    ranges.extend(long_runs(line));
    ranges.extend(paired_value(text, number, line));
    ranges.extend(object_data(line));
    ranges.retain(|range| line.is_char_boundary(range.start) && line.is_char_boundary(range.end));
    ranges
}

/// Returns whether the lines above have begun a PEM private key and not ended it.
fn lies_in_key(above: &[&str]) -> bool {
    const LONGEST_KEY: usize = 200;
    let mark = above
        .iter()
        .rev()
        .take(LONGEST_KEY)
        .find(|line| line.contains("-----BEGIN ") || line.contains("-----END "));
    mark.is_some_and(|line| line.contains("PRIVATE KEY") && !line.contains("-----END "))
}

/// Returns whether a line goes on with the value of a credential's key above it: a block, or text on a line of its
/// own.
fn lies_in_value(above: &[&str], line: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = indent(line);
    let parent = above.iter().rev().find(|line| !line.trim().is_empty() && indent(line) < own);
    let Some((key, value)) = parent.and_then(|parent| parent.split_once(':')) else { return false };
    let key = key.trim().trim_start_matches("- ").trim_matches(['"', '\'']);
    let value = value.trim();
    let opens =
        value.starts_with(['|', '>']) || (value.is_empty() && !line.contains(": ") && !line.ends_with(':'));
    is_credential_key(key) && opens && is_literal(line)
}

/// Returns the lists that stand at keys of credentials: `password: [a, b]`.
fn lists(line: &str) -> Vec<Range<usize>> {
    let opened = line.match_indices('[').filter(|(at, _)| {
        let before =
            line[..*at].trim_end().strip_suffix(':').unwrap_or_default().trim_end_matches(['"', '\'']);
        let part_of_key = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        is_credential_key(&before[before.trim_end_matches(part_of_key).len()..])
    });
    let ends = |at: usize| line[at..].find(']').map_or(line.len(), |end| at + end);
    opened.map(|(at, _)| at + 1..ends(at)).collect()
}

/// Returns the password in a URL: what stands between `:` and `@` of its authority.
fn url_password(line: &str) -> Option<Range<usize>> {
    let authority = line.find("://")? + 3;
    let length =
        line[authority..].find(|character: char| character.is_whitespace() || "/`\"'".contains(character));
    let end = length.map_or(line.len(), |length| authority + length);
    let at = authority + line[authority..end].rfind('@')?;
    let colon = authority + line[authority..at].find(':')?;
    (colon + 1 < at && is_literal(&line[colon + 1..at])).then_some(colon + 1..at)
}

/// Returns runs of base64 that are long and mixed enough to be key material.
fn long_runs(line: &str) -> Vec<Range<usize>> {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let mut ranges = Vec::new();
    let mut start = 0;
    for run in line.as_bytes().split(|byte| !belongs(byte)) {
        let has = |kind: fn(&u8) -> bool| run.iter().any(kind);
        let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
        if run.len() >= LONG_RUN && mixed {
            ranges.push(start..start + run.len());
        }
        start += run.len() + 1;
    }
    ranges
}

/// Returns the map behind `data:` or `stringData:` on a line. One line does not tell whether it is a Secret's.
fn object_data(line: &str) -> Option<Range<usize>> {
    let is_key = |at: usize| !line[..at].ends_with(|character: char| character.is_ascii_alphanumeric());
    let behind = |key: &str| {
        let keys = line.match_indices(key).filter(|(at, _)| is_key(*at));
        keys.map(|(at, key)| at + key.len()).find(|behind| line[*behind..].trim_start().starts_with('{'))
    };
    let start = ["stringData:", "data:"].into_iter().filter_map(behind).min()?;
    Some(start + (line[start..].len() - line[start..].trim_start().len())..line.len())
}

/// Returns the value of a pair whose name, on a line beside it, is that of a credential: `name: X_TOKEN` above or
/// below `value: …`.
fn paired_value(text: &str, number: usize, line: &str) -> Option<Range<usize>> {
    let named = |line: &str| {
        let name = line.trim().trim_start_matches("- ").strip_prefix("name:")?;
        Some(is_credential_key(name.trim().trim_matches(['"', '\''])))
    };
    let start = line.find("value:")? + "value:".len();
    let beside = [number.checked_sub(1)?, number + 1];
    let is_credential =
        beside.iter().any(|number| *number > 0 && named(line_of(text, *number)) == Some(true));
    let value = start + (line[start..].len() - line[start..].trim_start().len());
    (is_credential && is_literal(&line[value..])).then_some(value..line.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_masked_character_by_character(
            text in "([ -~\\n]|[é\u{feff}…]|password|: |- |\\||eyJ|-----BEGIN |PRIVATE KEY-----|value:|://|@|\\{\\{){0,40}",
            number in 0_usize..8,
        ) {
            let line = line_of(&text, number);
            prop_assert_eq!(masked_line(&text, number).chars().count(), line.chars().count());
            let mut masks = Masks::default();
            masks.add_line(&text, number);
            masks.hide(&text);
            super::super::embedded(&text);
        }
    }

    #[test]
    fn a_line_keeps_its_shape_and_loses_its_secret() {
        let table = [
            ("  password: hunter2  # old", "  password: *******  # old"),
            ("secret: {name: x, key: y}", "secret: {name: x, key: y}"),
            ("url: https://bob:hunter2@example.com/x", "url: https://bob:*******@example.com/x"),
            ("password: [hunter2]", "password: [*******]"),
            ("version: 1.20.3", "version: 1.20.3"),
            ("token: ${{ x }}", "token: ${{ x }}"),
            ("stringData: {a: b c}", "stringData: *** * **"),
            (
                "{kind: Secret, metadata: {a: b}, data: {c: d}}",
                "{kind: Secret, metadata: {a: b}, data: *** ***",
            ),
            ("data: value", "data: value"),
            ("id: 0123456789abcdef0123456789abcdef01234567", "id: 0123456789abcdef0123456789abcdef01234567"),
        ];
        for (line, expected) in table {
            assert_eq!(masked_line(line, 1), expected);
        }
        let run = "aB3".repeat(20);
        assert_eq!(masked_line(&format!("ca: {run}"), 1), format!("ca: {}", "*".repeat(60)));
    }

    #[test]
    fn what_goes_on_below_its_key_is_hidden_too() {
        let block = "a:\n  password: |\n    hunter2\n\n    again\n  other: x\n";
        assert_eq!(masked_line(block, 3), "    *******");
        assert_eq!(masked_line(block, 5), "    *****");
        assert_eq!(masked_line(block, 6), "  other: x");
        assert_eq!(masked_line("token:\n  - hunter2\n", 2), "  * *******");
        let map = "secret:\n  name: x\n";
        assert_eq!(masked_line(map, 2), "  name: x");
        let key = format!(
            "{}{}",
            "k: |\n  -----BEGIN PRIVATE ", "KEY-----\n  MIIE\n  -----END PRIVATE KEY-----\n  after\n"
        );
        assert_eq!(masked_line(&key, 3), "  ****");
        assert_eq!(masked_line(&key, 5), "  after");
        let pair = "- name: DB_PASSWORD\n  value: hunter2\n- name: USER\n  value: bob\n";
        assert_eq!(masked_line(pair, 2), "  value: *******");
        assert_eq!(masked_line(pair, 4), "  value: bob");
    }

    #[test]
    fn messages_do_not_repeat_what_their_lines_hide() {
        let mut masks = Masks::default();
        masks.add_line("password: hunter2", 1);
        masks.add_line("token: abcdefghijklmnopqrstuvwxyz", 1);
        assert_eq!(masks.hide("`hunter2` is text here"), "`***` is text here");
        assert_eq!(masks.hide("`abcdefghijklmnopq…` is text here"), "`***…` is text here");
        masks.add_line("hcloudToken: hcloud", 1);
        masks.add_line("token: a", 1);
        masks.add_line("password: password", 1);
        assert_eq!(masks.hide("the value of `password`"), "the value of `password`");
        assert_eq!(
            masks.hide("a value of `hcloudToken`, `hcloud`, is `a`"),
            "a value of `hcloudToken`, `***`, is `***`"
        );
        assert_eq!(Masks::default().hide("`https://a:b@c/d` is no URL"), "`https://a:***@c/d` is no URL");
        assert_eq!(Masks::default().hide("`v1.35.2` is fine"), "`v1.35.2` is fine");
    }
}
