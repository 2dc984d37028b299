//! Texts into lists, and lists into texts.

use std::sync::Arc;

use super::text::printed;
use super::{Answer, Function, Type, unfit};
use crate::argocd::Fault;
use crate::argocd::go::value::{Element, List, Texts, Value};

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("join", &[Type::Text, Type::Any], join),
    Function::new("sortAlpha", &[Type::Any], sort_alpha),
    Function::new("split", &[Type::Text, Type::Text], split),
    Function::new("splitList", &[Type::Text, Type::Text], split_list),
    Function::new("splitn", &[Type::Text, Type::Int, Type::Text], splitn),
    Function::new("toStrings", &[Type::Any], |given| Ok(Value::List(to_strings(given)?))),
];

fn join(given: &[Value]) -> Answer {
    let [Value::Text(separator), list] = given else { return Err(unfit()) };
    let list = to_strings(std::slice::from_ref(list))?;
    let mut joined = String::new();
    for (place, item) in list.items.iter().enumerate() {
        if place > 0 {
            joined.push_str(separator);
        }
        joined.push_str(&printed(item)?);
    }
    Ok(Value::text(joined))
}

/// A `[]string` is sorted where it lies, and returned.
fn sort_alpha(given: &[Value]) -> Answer {
    let list = match given {
        [Value::List(_)] => to_strings(given)?,
        [other] => List::new(Element::Text, [Value::Text(printed(other)?)]),
        _ => return Err(unfit()),
    };
    if !list.items.sort() {
        return Err(Fault::refused(
            "`sortAlpha` of a list of which `slice` has made another one is not supported",
        ));
    }
    Ok(Value::List(list))
}

/// Returns a list of texts: without what is nil; the list itself where it is one, and one of one item where it is none.
fn to_strings(given: &[Value]) -> Result<List, Fault> {
    let [value] = given else { return Err(unfit()) };
    let items = match value {
        Value::List(list) if list.element == Element::Text => return Ok(list.clone()),
        Value::List(list) => &list.items,
        other => std::slice::from_ref(other),
    };
    let some = items.iter().filter(|item| !matches!(item, Value::Nil));
    let texts: Result<Vec<Value>, Fault> = some.map(|item| printed(item).map(Value::Text)).collect();
    Ok(List::new(Element::Text, texts?))
}

fn split_list(given: &[Value]) -> Answer {
    let [Value::Text(separator), Value::Text(text)] = given else { return Err(unfit()) };
    Ok(Value::texts(parts(separator, -1, text)))
}

fn split(given: &[Value]) -> Answer {
    let [Value::Text(separator), Value::Text(text)] = given else { return Err(unfit()) };
    Ok(numbered(parts(separator, -1, text)))
}

fn splitn(given: &[Value]) -> Answer {
    let [Value::Text(separator), Value::Int(most), Value::Text(text)] = given else { return Err(unfit()) };
    Ok(numbered(parts(separator, *most, text)))
}

/// Names the parts `_0`, `_1` and so on.
fn numbered(parts: Vec<&str>) -> Value {
    let named = parts.into_iter().enumerate();
    let texts: Texts = named.map(|(place, part)| (format!("_{place}").into(), Arc::from(part))).collect();
    Value::Texts(texts.into())
}

/// Splits a text at a separator, into at most so many parts where `most` is not negative; at every character where there
/// is no separator.
fn parts<'a>(separator: &str, most: i64, text: &'a str) -> Vec<&'a str> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if most == 0 {
        return Vec::new();
    }
    if !separator.is_empty() {
        return text.splitn(most, separator).collect();
    }
    let mut starts: Vec<usize> = text.char_indices().map(|(start, _)| start).take(most).collect();
    starts.push(text.len());
    starts.windows(2).map(|ends| &text[ends[0]..ends[1]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argocd::go_template::{Options, Template};

    fn filled(template: &str) -> Result<String, Fault> {
        Template::parse(template, &Options::default())?.execute(&Value::map([]))
    }

    #[test]
    fn a_list_of_texts_is_sorted_where_it_lies() {
        let template =
            r#"{{ $l := splitList "," "b,a" }}{{ $d := dict "l" $l }}{{ sortAlpha $d.l }}{{ $l }}{{ $d }}"#;
        assert_eq!(filled(template), Ok("[a b][a b]map[l:[a b]]".to_owned()));
    }

    #[test]
    fn another_list_is_sorted_as_a_copy() {
        let template = r#"{{ $l := list "b" "a" }}{{ sortAlpha $l }}{{ $l }}"#;
        assert_eq!(filled(template), Ok("[a b][b a]".to_owned()));
    }

    #[test]
    fn a_part_of_a_list_is_not_sorted_within_it() {
        let template = r#"{{ $l := splitList "," "c,b,a" }}{{ sortAlpha (slice $l 0 2) }}{{ $l }}"#;
        let refused = "`sortAlpha` of a list of which `slice` has made another one is not supported";
        assert_eq!(filled(template), Err(Fault::refused(refused)));
    }
}
