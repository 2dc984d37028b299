//! Names of clusters, tenants, addons and the like.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use super::schema::is_dns_label;

/// An RFC 1123 label: lower-case letters, digits and `-`, at most 63 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// Reads a name; `None` where the text is no DNS label.
    pub fn new(text: &str) -> Option<Self> {
        is_dns_label(text).then(|| Self(text.into()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns a text as Argo CD makes a name of it (v3.5.1, `utils/template_functions.go`, `SanitizeName`): lower case,
/// `-` for everything but letters, digits, `-` and `.`, at most 253 bytes, no `-` and `.` at its ends.
pub fn normalized(text: &str) -> String {
    let letter = |character: char| match character {
        'a'..='z' | '0'..='9' | '-' | '.' => character,
        _ => '-',
    };
    let mut name: String = text.to_lowercase().chars().map(letter).collect();
    name.truncate(253);
    name.trim_matches(['-', '.']).to_owned()
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no DNS label")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised_as_argo_cd_does() {
        let table =
            [("blue-web", "blue-web"), ("Blue_Web.1", "blue-web.1"), ("-a/b-", "a-b"), ("é", ""), ("", "")];
        for (text, expected) in table {
            assert_eq!(normalized(text), expected, "{text}");
        }
        assert_eq!(normalized(&"a".repeat(300)).len(), 253);
    }
}
