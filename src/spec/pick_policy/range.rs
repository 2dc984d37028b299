//! Ranges of minors as picks write them: a blank means and, a comma means or.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::spec::version::{Minor, MinorRange};

/// A range of minors in a pick policy or a trailer: `>=1.34 <=1.37`, or `1.36, 1.37`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickRange {
    alternatives: Vec<MinorRange>,
    named: Vec<Minor>,
}

/// Why a text is no [`PickRange`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAPickRange {
    /// It is not made of comparisons.
    Syntax,
    /// A comma stands between two comparisons, where a blank was meant: holds the text as it was meant.
    Comma(String),
}

impl FromStr for PickRange {
    type Err = NotAPickRange;

    fn from_str(text: &str) -> Result<Self, NotAPickRange> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let mut range = Self { alternatives: Vec::new(), named: Vec::new() };
        for part in &parts {
            if part.contains("||") {
                return Err(NotAPickRange::Syntax);
            }
            range.alternatives.push(part.parse().map_err(|_| NotAPickRange::Syntax)?);
            range.named.extend(part.trim_start_matches('=').parse::<Minor>());
        }
        let compares = |part: &str| part.starts_with(['<', '>', '!']);
        let is_between = |pair: &[&str]| {
            let last_of_left = pair[0].rsplit(' ').next().unwrap_or_default();
            compares(last_of_left) && compares(pair[1])
        };
        match parts.windows(2).any(is_between) {
            true => Err(NotAPickRange::Comma(parts.join(" "))),
            false => Ok(range),
        }
    }
}

impl PickRange {
    /// Returns whether `minor` lies in the range.
    pub fn contains(&self, minor: Minor) -> bool {
        self.alternatives.iter().any(|range| range.contains(minor))
    }

    /// Returns the minors that stand in it one by one.
    pub fn named(&self) -> &[Minor] {
        &self.named
    }
}

impl<'de> Deserialize<'de> for PickRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("not a range of minors"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_means_and_and_a_comma_means_or() {
        let table = [
            (">=1.34 <=1.37", "1.34", true),
            (">=1.34 <=1.37", "1.38", false),
            ("1.36, 1.37", "1.37", true),
            ("1.36,1.37", "1.36", true),
            ("1.36, 1.37", "1.35", false),
            ("1.34, >=1.36", "1.36", true),
            ("1.34, >=1.36", "1.35", false),
            (">=1.36 !=1.37", "1.37", false),
        ];
        for (range, minor, expected) in table {
            let range: PickRange = range.parse().expect("because the table's ranges are well formed");
            let minor: Minor = minor.parse().expect("because the table's minors are well formed");
            assert_eq!(range.contains(minor), expected, "{range:?} {minor}");
        }
    }

    #[test]
    fn a_comma_between_comparisons_is_refused_with_what_was_meant() {
        for (text, meant) in
            [(">=1.34, <=1.37", ">=1.34 <=1.37"), (">=1.34,<1.37", ">=1.34 <1.37"), ("1.30, >1, <2", "")]
        {
            match text.parse::<PickRange>() {
                Err(NotAPickRange::Comma(hint)) => assert_eq!(hint, meant),
                other => {
                    assert!(meant.is_empty() && other == Err(NotAPickRange::Syntax), "{text}: {other:?}")
                }
            }
        }
        for text in ["", ",", "1.36,", "all", "1.36 || 1.37", ">=", "v1.36"] {
            assert_eq!(text.parse::<PickRange>(), Err(NotAPickRange::Syntax), "{text}");
        }
    }
}
