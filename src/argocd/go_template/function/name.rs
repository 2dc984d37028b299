//! Names of objects made of any text: `normalize` and `slugify`, Argo CD's own.

use super::{Function, Type};
use crate::argocd::Fault;
use crate::argocd::go::value::Value;
use crate::emit::look_up::normalized;

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function { name: "normalize", fixed: &[Type::Text], variadic: None, call: normalize },
    Function { name: "slugify", fixed: &[], variadic: Some(Type::Any), call: slugify },
];

/// The length of a slug where nothing else is said.
const SLUG_LENGTH: i64 = 50;

fn normalize(arguments: &[Value]) -> Result<Value, Fault> {
    match arguments {
        [Value::Text(text)] => Ok(Value::text(normalized(text))),
        _ => Err(Fault::wrong("normalize takes a string")),
    }
}

/// How a slug that is too long is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// Behind a whole word.
    Words,
    /// Anywhere, and before dashes are taken together.
    Characters,
}

/// `slugify [LENGTH [SMART [IGNORED…]]] TEXT`; Go asserts the types when it runs.
fn slugify(arguments: &[Value]) -> Result<Value, Fault> {
    let Some((last, before)) = arguments.split_last() else { return Ok(Value::text("")) };
    let Value::Text(text) = last else { return Err(mismatch(last, "string")) };
    let length = match before.first() {
        None => SLUG_LENGTH,
        Some(Value::Int(length)) => *length,
        Some(other) => return Err(mismatch(other, "int")),
    };
    let cut = match before.get(1) {
        None | Some(Value::Bool(true)) => Cut::Words,
        Some(Value::Bool(false)) => Cut::Characters,
        Some(other) => return Err(mismatch(other, "bool")),
    };
    slug(&normalized(text), length, cut).map(Value::text)
}

fn mismatch(found: &Value, expected: &str) -> Fault {
    Fault::wrong(format!("interface conversion: interface {{}} is {}, not {expected}", found.type_name()))
}

/// Returns what gosimple/slug 1.15.0 makes of a sanitized name: its tables of letters have nothing to do then.
fn slug(name: &str, length: i64, cut: Cut) -> Result<String, Fault> {
    let mut slug = name.to_owned();
    if cut == Cut::Characters {
        let end = usize::try_from(length)
            .map_err(|_| Fault::wrong(format!("slice bounds out of range [:{length}]")))?;
        slug.truncate(end);
    }
    let slug = slug.replace('.', "-");
    let words: Vec<&str> = slug.split('-').filter(|word| !word.is_empty()).collect();
    let slug = words.join("-");
    match usize::try_from(length) {
        Ok(length) if length > 0 && cut == Cut::Words => Ok(in_words(&slug, length).to_owned()),
        _ => Ok(slug),
    }
}

/// Cuts before the last dash that stands at `length` or before; one long word is cut at `length`.
fn in_words(slug: &str, length: usize) -> &str {
    if slug.len() <= length {
        return slug;
    }
    let end = slug.as_bytes()[..=length].iter().rposition(|byte| *byte == b'-').unwrap_or(length);
    &slug[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_cut_behind_a_word_or_anywhere() {
        let text = |text: &str| Value::text(text);
        let slug = |arguments: &[Value]| match slugify(arguments) {
            Ok(Value::Text(slug)) => slug.to_string(),
            other => format!("{other:?}"),
        };
        let branch = "feat/Some_Super.Long...branch";
        assert_eq!(slug(&[text(branch)]), "feat-some-super-long-branch");
        assert_eq!(slug(&[Value::Int(11), text(branch)]), "feat-some");
        assert_eq!(slug(&[Value::Int(9), Value::Bool(true), text(branch)]), "feat-some");
        assert_eq!(slug(&[Value::Int(3), text(branch)]), "fea");
        assert_eq!(slug(&[Value::Int(21), Value::Bool(false), text(branch)]), "feat-some-super-long");
        assert_eq!(slug(&[Value::Int(0), Value::Bool(false), text(branch)]), "");
        assert_eq!(slug(&[Value::Int(-1), text(branch)]), "feat-some-super-long-branch");
        assert_eq!(slug(&[]), "");
        assert!(slugify(&[Value::Int(-1), Value::Bool(false), text(branch)]).is_err());
        assert!(slugify(&[Value::Float(5.0), text(branch)]).is_err());
    }
}
