//! Globs over paths: `*` within a part, `**` across parts, anchored at the root; every other character is itself.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// A glob, `{name}` in it standing for one whole part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    text: String,
    parts: Vec<String>,
}

/// Why a text is no [`Glob`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAGlob;

impl FromStr for Glob {
    type Err = NotAGlob;

    fn from_str(text: &str) -> Result<Self, NotAGlob> {
        let part_is_plain = |part: &str| !matches!(part, "" | "." | "..");
        let is_sound = text.split('/').all(part_is_plain) && !text.chars().any(char::is_control);
        match is_sound {
            true => Ok(Self { text: text.to_owned(), parts: text.split('/').map(str::to_owned).collect() }),
            false => Err(NotAGlob),
        }
    }
}

impl Glob {
    /// Returns the glob as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether `path` matches.
    pub fn matches(&self, path: &str) -> bool {
        self.captures(path).is_some()
    }

    /// Returns what stands in a matching path where the glob has `{name}`; `None` where it does not match.
    pub fn captures(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let path: Vec<&str> = path.split('/').collect();
        let mut captures = BTreeMap::new();
        matches_parts(&self.parts, &path, &mut captures).then_some(captures)
    }

    /// Returns the names of its `{name}` parts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| name_of(part))
    }
}

/// Returns whether any of `globs` matches `path`.
pub fn any_matches(globs: &[Glob], path: &str) -> bool {
    globs.iter().any(|glob| glob.matches(path))
}

fn name_of(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

fn matches_parts(pattern: &[String], path: &[&str], captures: &mut BTreeMap<String, String>) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return path.is_empty() };
    if first == "**" {
        // At the end it stands for what lies in a folder, which is at least one part; elsewhere for any number.
        let least = usize::from(rest.is_empty());
        return (least..=path.len()).any(|skipped| matches_parts(rest, &path[skipped..], captures));
    }
    let Some((part, behind)) = path.split_first() else { return false };
    if let Some(name) = name_of(first) {
        captures.insert(name.to_owned(), (*part).to_owned());
        return matches_parts(rest, behind, captures);
    }
    matches_part(first.as_bytes(), part.as_bytes()) && matches_parts(rest, behind, captures)
}

/// Returns whether a text without `/` matches a pattern in which `*` stands for any characters.
///
/// Only the last `*` is ever gone back to, so the time is at most the product of the lengths.
fn matches_part(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut position) = (0, 0);
    let mut last_star = None;
    while position < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                last_star = Some((at, position));
                at += 1;
            }
            Some(byte) if *byte == text[position] => {
                at += 1;
                position += 1;
            }
            _ => match last_star {
                Some((star, taken)) => {
                    last_star = Some((star, taken + 1));
                    at = star + 1;
                    position = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

impl<'de> Deserialize<'de> for Glob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NotAGlob| serde::de::Error::custom("not a glob"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_a_part_and_two_go_across() {
        let table = [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "addons/a.yaml", false),
            ("**/*.yaml", "a.yaml", true),
            ("**/*.yaml", "addons/x/a.yaml", true),
            ("docs/**", "docs/a/b.md", true),
            ("docs/**", "docs", false),
            ("docs/**", "docs2/a", false),
            ("addons/*/addon.yaml", "addons/cilium/addon.yaml", true),
            ("addons/*/addon.yaml", "addons/a/b/addon.yaml", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("**", "x", true),
            ("a*b*c", "aXbXXbc", true),
            ("a*b*c", "aXbXX", false),
            ("a[b]?", "a[b]?", true),
            ("a[b]?", "abx", false),
            ("picks.yaml", "picks.yaml", true),
        ];
        for (glob, path, expected) in table {
            let glob: Glob = glob.parse().expect("because the table's globs are sound");
            assert_eq!(glob.matches(path), expected, "{glob:?} {path}");
        }
    }

    #[test]
    fn a_name_in_braces_is_one_part() {
        let glob: Glob = "addons/{addon}/**".parse().expect("because the glob is sound");
        let captures = glob.captures("addons/cilium/values.yaml").expect("because it matches");
        assert_eq!(captures, BTreeMap::from([("addon".to_owned(), "cilium".to_owned())]));
        assert_eq!(glob.captures("addons/cilium"), None);
    }

    #[test]
    fn what_leaves_the_repository_is_no_glob() {
        for text in ["", "/a", "a/", "a//b", "../a", "./a", "a\nb"] {
            assert_eq!(text.parse::<Glob>(), Err(NotAGlob), "{text}");
        }
    }
}
