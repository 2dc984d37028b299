//! Kubernetes versions, minors and ranges of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// A Kubernetes minor: `1.35`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minor {
    /// The part before the point.
    pub major: u16,
    /// The part behind it.
    pub minor: u16,
}

/// A Kubernetes version with its patch: `v1.35.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The version's minor.
    pub minor: Minor,
    /// The patch number.
    pub patch: u16,
}

/// A range of minors: comparisons that must all hold (a blank or a comma between them), alternatives after `||`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinorRange(Vec<Vec<Comparison>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Comparison {
    operator: Operator,
    bound: Minor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    AtLeast,
    Above,
    AtMost,
    Below,
    Exactly,
    Not,
}

/// Why a text is no minor, version or range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAVersion;

impl FromStr for Minor {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let (major, minor) = text.split_once('.').ok_or(NotAVersion)?;
        Ok(Self { major: number(major)?, minor: number(minor)? })
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let (minor, patch) =
            text.strip_prefix('v').and_then(|rest| rest.rsplit_once('.')).ok_or(NotAVersion)?;
        Ok(Self { minor: minor.parse()?, patch: number(patch)? })
    }
}

impl FromStr for MinorRange {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let alternative = |text: &str| {
            let words = text.split([' ', ',']).filter(|word| !word.is_empty());
            let comparisons: Vec<Comparison> = words.map(str::parse).collect::<Result<_, _>>()?;
            if comparisons.is_empty() { Err(NotAVersion) } else { Ok(comparisons) }
        };
        Ok(Self(text.split("||").map(alternative).collect::<Result<_, _>>()?))
    }
}

impl FromStr for Comparison {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let operators = [
            (">=", Operator::AtLeast),
            ("<=", Operator::AtMost),
            ("!=", Operator::Not),
            (">", Operator::Above),
            ("<", Operator::Below),
            ("=", Operator::Exactly),
        ];
        let written =
            operators.iter().find_map(|(word, operator)| Some((*operator, text.strip_prefix(word)?)));
        let (operator, bound) = written.unwrap_or((Operator::Exactly, text));
        Ok(Self { operator, bound: bound.parse()? })
    }
}

impl Minor {
    /// Returns the minor that stands in a name where the pattern has `{minor}`; `None` where the name is another one.
    pub fn in_name(pattern: &str, name: &str) -> Option<Self> {
        let (before, behind) = pattern.split_once("{minor}")?;
        name.strip_prefix(before)?.strip_suffix(behind)?.parse().ok()
    }
}

impl MinorRange {
    /// Returns whether `minor` lies in the range.
    pub fn contains(&self, minor: Minor) -> bool {
        self.0.iter().any(|comparisons| comparisons.iter().all(|comparison| comparison.holds_for(minor)))
    }
}

impl Comparison {
    fn holds_for(self, minor: Minor) -> bool {
        match self.operator {
            Operator::AtLeast => minor >= self.bound,
            Operator::Above => minor > self.bound,
            Operator::AtMost => minor <= self.bound,
            Operator::Below => minor < self.bound,
            Operator::Exactly => minor == self.bound,
            Operator::Not => minor != self.bound,
        }
    }
}

/// Reads a number without sign or leading zero.
fn number(text: &str) -> Result<u16, NotAVersion> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    if digits && canonical { text.parse().map_err(|_| NotAVersion) } else { Err(NotAVersion) }
}

impl fmt::Display for Minor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "v{}.{}", self.minor, self.patch)
    }
}

/// Lets a type be read from a text by serde through its `FromStr`.
macro_rules! deserialize_from_text {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(|NotAVersion| serde::de::Error::custom("not a version"))
            }
        }
    )*};
}

deserialize_from_text!(Minor, Version, MinorRange);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_where_all_comparisons_of_one_alternative_hold() {
        let table = [
            (">=1.33 <1.38", "1.33", true),
            (">=1.33 <1.38", "1.38", false),
            (">=1.33,<1.38", "1.37", true),
            ("1.34", "1.34", true),
            ("1.34", "1.35", false),
            ("=1.34 || >=1.36", "1.36", true),
            (">1.34 !=1.36", "1.36", false),
            ("<=1.9", "1.10", false),
        ];
        for (range, minor, expected) in table {
            let range: MinorRange = range.parse().expect("because the table's ranges are well formed");
            let minor: Minor = minor.parse().expect("because the table's minors are well formed");
            assert_eq!(range.contains(minor), expected, "{range:?} {minor}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["", "1", "1.", ".1", "1.035", "v1.35", "1.35.2", "1.x", "1.99999999"] {
            assert_eq!(text.parse::<Minor>(), Err(NotAVersion), "{text}");
        }
        for text in ["1.35.2", "v1.35", "v1.35.2-rc.1", "v1.35.02", "v1.35.2+x"] {
            assert_eq!(text.parse::<Version>(), Err(NotAVersion), "{text}");
        }
        for text in ["", "  ", ">=", ">=1.33 <", "~1.33", "1.33 ||"] {
            assert_eq!(text.parse::<MinorRange>(), Err(NotAVersion), "{text}");
        }
    }
}
