//! Texts that were cut within a character: Go's hold the bytes that are left, ours U+FFFD for each.
//!
//! In what is printed both are the same. A function that looks at such a text closely would see the difference, and is
//! refused.

use crate::argocd::Fault;
use crate::argocd::go::value::Value;

/// Functions that only pass texts on, byte by byte or character by character.
const PASSING: [&str; 45] = [
    "and",
    "append",
    "cat",
    "coalesce",
    "concat",
    "default",
    "dict",
    "empty",
    "first",
    "indent",
    "initial",
    "join",
    "kindIs",
    "kindOf",
    "last",
    "list",
    "lower",
    "mustAppend",
    "mustFirst",
    "mustInitial",
    "mustLast",
    "mustPrepend",
    "mustPush",
    "mustRest",
    "mustReverse",
    "nindent",
    "not",
    "or",
    "plural",
    "prepend",
    "print",
    "println",
    "push",
    "rest",
    "reverse",
    "squote",
    "ternary",
    "title",
    "toString",
    "toStrings",
    "trim",
    "tuple",
    "typeIs",
    "typeOf",
    "upper",
];

/// Functions that look for texts in the last one: what is whole is not found in what is left of a character.
const FINDING: [&str; 11] = [
    "contains",
    "hasPrefix",
    "hasSuffix",
    "replace",
    "split",
    "splitList",
    "splitn",
    "trimAll",
    "trimPrefix",
    "trimSuffix",
    "trimall",
];

const LEFT: char = char::REPLACEMENT_CHARACTER;

/// Whether a template in execution has cut a character.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cuts {
    are_there: bool,
}

impl Cuts {
    /// Looks at what a function has made: U+FFFD that was not given is what is left of a character.
    pub fn note(&mut self, given: &[Value], made: &Value) {
        if let Value::Text(text) = made
            && text.contains(LEFT)
            && !given.iter().any(has_left)
        {
            self.are_there = true;
        }
    }

    /// Refuses to give a function what is left of a character.
    ///
    /// # Errors
    /// Names the function.
    pub fn check(self, name: &str, given: &[Value]) -> Result<(), Fault> {
        if !self.are_there || PASSING.contains(&name) || !given.iter().any(has_left) {
            return Ok(());
        }
        let is_fine = match (name, given) {
            ("printf", [Value::Text(format), ..]) => {
                format.split('%').skip(1).all(|verb| verb.starts_with(['s', 'v', 'd']))
            }
            // Two parts side by side might be a character again.
            (name, [wanted @ .., Value::Text(text)]) if FINDING.contains(&name) => {
                !wanted.iter().any(has_left) && !text.contains("\u{fffd}\u{fffd}")
            }
            _ => false,
        };
        if is_fine {
            return Ok(());
        }
        Err(Fault::refused(format!("`{name}` of a text that was cut within a character is not supported")))
    }
}

fn has_left(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.contains(LEFT),
        Value::List(list) => list.items.iter().any(has_left),
        Value::Map(map) => map.0.borrow().iter().any(|(key, value)| key.contains(LEFT) || has_left(value)),
        Value::Texts(texts) => texts.iter().any(|(key, text)| key.contains(LEFT) || text.contains(LEFT)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argocd::go_template::{Options, Template};

    fn filled(template: &str) -> Result<String, Fault> {
        let data = [("s".into(), Value::text("naïve")), ("t".into(), Value::text("a\u{fffd}"))];
        Template::parse(template, &Options::default())?.execute(&Value::map(data))
    }

    #[test]
    fn what_was_cut_is_printed_and_passed_on_but_not_looked_at() {
        for (template, expected) in [
            ("{{ trunc 3 .s }}", "na\u{fffd}"),
            ("{{ .s | trunc 3 | trimSuffix `-` | upper | printf `%s-x` }}", "NA\u{fffd}-x"),
            ("{{ list (trunc 3 .s) 1 | join `,` }}", "na\u{fffd},1"),
            ("{{ trunc 3 .s | len }}", "len"),
            ("{{ .s | trunc 3 | quote }}", "quote"),
            ("{{ contains (trunc 3 .s) .s }}", "contains"),
            ("{{ dict `a` (trunc 3 .s) | toJson }}", "toJson"),
            // The characters of the text itself are nobody's parts.
            ("{{ len .t }} {{ toJson .t }}", "4 \"a\u{fffd}\""),
        ] {
            let found = match filled(template) {
                Err(Fault::Refused(why)) => why.to_string().split('`').nth(1).unwrap_or_default().to_owned(),
                other => other.unwrap_or_default(),
            };
            assert_eq!(found, expected, "{template}");
        }
    }
}
