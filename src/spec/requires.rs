//! Which versions of yoshino may read a fleet.

use std::cmp::Ordering;

use super::schema::version_range;
use super::yaml::Node;
use crate::diagnostic::Diagnostic;

/// Reports that a Fleet's `requires` excludes `version`, that of this yoshino; nothing where it is no range.
pub fn check(fleet: &Node, version: &str) -> Option<Diagnostic> {
    let requires = fleet.at("/spec/requires")?;
    let comparisons = version_range(requires.as_str()?)?;
    let own = numbers(version);
    let holds = |(operator, bound): &(&str, [u64; 3])| match (*operator, own.cmp(bound)) {
        (">=", order) => order != Ordering::Less,
        ("<=", order) => order != Ordering::Greater,
        (operator, Ordering::Less) => operator == "<",
        (operator, Ordering::Greater) => operator == ">",
        (operator, Ordering::Equal) => operator == "=",
    };
    if comparisons.iter().all(holds) {
        return None;
    }
    let message = format!("this is yoshino {version}, and the fleet requires `{}`", requires.as_str()?);
    let diagnostic = Diagnostic::error("yoshino-version", requires.location, message);
    Some(diagnostic.hint("another version may read the specs differently; use one in the range"))
}

/// Returns the numbers of a version, without what stands behind `-` or `+`.
fn numbers(version: &str) -> [u64; 3] {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = [0; 3];
    for (slot, number) in numbers.iter_mut().zip(plain.split('.')) {
        *slot = number.parse().unwrap_or(0);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::FileId;
    use crate::spec::yaml::{Options, parse};

    #[test]
    fn every_comparison_must_hold() {
        let table = [
            (">=0.1", "0.1.0", true),
            (">=0.1", "0.2.0-rc.1", true),
            (">=0.2", "0.1.9", false),
            (">=0.1 <1", "0.9.9", true),
            (">=0.1 <1", "1.0.0", false),
            ("=0.1.2", "0.1.2", true),
            (">0.1.2", "0.1.2", false),
            ("<=0.1.2", "0.1.2", true),
        ];
        for (range, version, expected) in table {
            let text = format!("spec: {{requires: '{range}'}}");
            let documents =
                parse(FileId(0), text.as_bytes(), Options::SPEC).expect("because the text is YAML");
            assert_eq!(check(&documents[0].root, version).is_none(), expected, "{range} {version}");
        }
    }
}
