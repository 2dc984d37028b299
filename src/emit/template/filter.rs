//! The filters, tests and functions of templates: minijinja's own without those that show internals, with text in
//! JSON's spelling (`true`, not `True`; null, lists and maps are refused), and a few of ours.

use std::borrow::Cow;

use minijinja::value::{Kwargs, Rest, StringInput, Value, ValueOrKwargs, from_args};
use minijinja::{Environment, Error, ErrorKind, State, filters};

use super::refusal::Refusal;
use super::{context, data};

/// Joins two values as text; what `~` becomes. No template can name it.
pub(super) const CONCAT: &str = "~";
/// Refuses captured text. No template can name it.
pub(super) const PRINTED_ONLY: &str = "(printed-only)";
/// Bounds what a name holds. No template can name it.
pub(super) const BOUNDED: &str = "(bounded)";

/// The filters that templates may use.
pub(super) const FILTERS: [&str; 45] = [
    "abs",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "omit_empty",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "seconds",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
    "zip",
];
/// The tests that templates may use.
pub(super) const TESTS: [&str; 38] = [
    "!=",
    "<",
    "<=",
    "==",
    ">",
    ">=",
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "even",
    "false",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];
/// The functions that templates may call.
pub(super) const FUNCTIONS: [&str; 2] = ["dict", "range"];

/// Gives `environment` the filters, tests and functions above, and takes away all others.
pub(super) fn install(environment: &mut Environment<'static>) {
    for name in ["safe", "escape", "e", "pprint"] {
        environment.remove_filter(name);
    }
    for name in ["safe", "escaped", "filter", "test"] {
        environment.remove_test(name);
    }
    for name in ["debug", "namespace"] {
        environment.remove_global(name);
    }
    environment.add_filter(CONCAT, concat);
    environment.add_filter(PRINTED_ONLY, printed_only);
    environment.add_filter(BOUNDED, bounded);
    environment.add_filter("omit_empty", omit_empty);
    environment.add_filter("seconds", seconds);
    environment.add_filter("join", join);
    environment.add_filter("string", |state: &mut State, value: &Value| own(state, value));
    environment.add_filter("upper", |state: &mut State, value: &Value| {
        Ok::<_, Error>(text(state, value)?.to_uppercase())
    });
    environment.add_filter("lower", |state: &mut State, value: &Value| {
        Ok::<_, Error>(text(state, value)?.to_lowercase())
    });
    environment.add_filter("title", |state: &mut State, value: &Value| {
        Ok::<_, Error>(filters::title(text(state, value)?))
    });
    environment.add_filter("capitalize", capitalize);
    environment.add_filter("trim", trim);
    environment.add_filter("split", split);
    environment.add_filter("lines", |state: &mut State, value: &Value| filters::lines(&own(state, value)?));
    environment.add_filter("replace", replace);
    environment.add_filter("indent", indent);
    environment.add_filter("format", format);
}

/// Returns the text of a value; refuses what is none, and undefined values as minijinja does.
fn text<'a>(state: &mut State, value: &'a Value) -> Result<Cow<'a, str>, Error> {
    if value.is_undefined() {
        // Formatting is what knows how to say which variable it was.
        state.format(value.clone())?;
    }
    Ok(data::text(value, "where text is needed")?)
}

/// Returns the text of a value as a value.
fn own(state: &mut State, value: &Value) -> Result<Value, Error> {
    Ok(Value::from(text(state, value)?))
}

/// Refuses to make a text of `bytes` bytes that the fuel cannot pay for.
fn affordable(state: &State, bytes: usize) -> Result<(), Error> {
    const BYTES_PER_FUEL: u64 = 64;
    match state.fuel_levels() {
        Some((_, left)) if left.saturating_mul(BYTES_PER_FUEL) <= bytes as u64 => {
            Err(ErrorKind::OutOfFuel.into())
        }
        _ => Ok(()),
    }
}

fn concat(state: &mut State, left: &Value, right: &Value) -> Result<String, Error> {
    let (left, right) = (text(state, left)?, text(state, right)?);
    affordable(state, left.len().saturating_add(right.len()))?;
    let mut joined = String::with_capacity(left.len() + right.len());
    joined.push_str(&left);
    joined.push_str(&right);
    Ok(joined)
}

fn printed_only(value: &Value) -> Result<Value, Error> {
    if value.is_safe() || data::has_holes(value) {
        Err(Refusal::captured().into())
    } else {
        Ok(value.clone())
    }
}

fn bounded(state: &State, value: &Value) -> Result<Value, Error> {
    data::bounded(value, &mut || state.consume_fuel(1), context::is_ours)
}

fn omit_empty(value: &Value) -> Value {
    let empty = match (value.as_str(), value.len()) {
        (Some(text), _) => text.is_empty(),
        (None, Some(length)) => length == 0,
        (None, None) => {
            value.as_object().is_some_and(|_| value.try_iter().is_ok_and(|mut items| items.next().is_none()))
        }
    };
    if empty { Value::from(()) } else { value.clone() }
}

/// `20m` is 1200: Go's durations in hours, minutes and seconds; null stays null.
fn seconds(value: &Value) -> Result<Value, Error> {
    if value.is_none() {
        return Ok(Value::from(()));
    }
    match value.as_str().and_then(parse_seconds) {
        Some(seconds) => Ok(Value::from(seconds)),
        None => {
            let refusal = Refusal::new("template-value", "`seconds` needs a duration in whole seconds");
            Err(refusal.hint("such as `90s`, `20m` or `1h30m`").into())
        }
    }
}

fn parse_seconds(text: &str) -> Option<u64> {
    let mut units = [('h', 3600), ('m', 60), ('s', 1)].into_iter();
    let mut rest = text;
    let mut total: Option<u64> = None;
    while !rest.is_empty() {
        let (digits, behind) = rest.split_at(rest.find(|character: char| !character.is_ascii_digit())?);
        let unit = behind.chars().next()?;
        let (_, factor) = units.find(|(letter, _)| *letter == unit)?;
        let part = digits.parse::<u64>().ok()?.checked_mul(factor)?;
        total = Some(total.unwrap_or(0).checked_add(part)?);
        rest = &behind[1..];
    }
    total
}

fn join(
    state: &mut State,
    value: &Value,
    joiner: Option<Value>,
    attribute: Option<Cow<'_, str>>,
    kwargs: Kwargs,
) -> Result<String, Error> {
    let joiner = if joiner.is_some() { joiner } else { kwargs.get("d")? };
    let attribute = match attribute {
        Some(attribute) => Some(attribute),
        None => kwargs.get::<Option<&str>>("attribute")?.map(Cow::Borrowed),
    };
    kwargs.assert_all_used()?;
    if value.is_undefined() {
        text(state, value)?;
    }
    let joiner = joiner.unwrap_or_else(|| Value::from(""));
    let joiner = text(state, &joiner)?;
    let mut joined = String::new();
    for (index, item) in value.try_iter()?.checked().enumerate() {
        state.consume_fuel(1)?;
        let item = match &attribute {
            Some(path) => path.split('.').try_fold(item?, |item, step| match step.parse() {
                Ok(index) => item.get_item_by_index(index),
                Err(_) => item.get_attr(step),
            })?,
            None => item?,
        };
        let item = text(state, &item)?;
        affordable(state, joined.len().saturating_add(joiner.len()).saturating_add(item.len()))?;
        if index > 0 {
            joined.push_str(&joiner);
        }
        joined.push_str(&item);
    }
    Ok(joined)
}

fn capitalize(state: &mut State, value: &Value) -> Result<Value, Error> {
    let value = own(state, value)?;
    Ok(filters::capitalize(StringInput::new(state, &value)?))
}

fn trim(state: &mut State, value: &Value, characters: Option<Cow<'_, str>>) -> Result<Value, Error> {
    let value = own(state, value)?;
    Ok(filters::trim(StringInput::new(state, &value)?, characters))
}

fn split(
    state: &mut State,
    value: &Value,
    separator: Option<std::sync::Arc<str>>,
    most: Option<i64>,
) -> Result<Value, Error> {
    filters::split(&own(state, value)?, separator, most)
}

fn replace(
    state: &mut State,
    value: &Value,
    from: &Value,
    to: &Value,
    rest: Rest<ValueOrKwargs>,
) -> Result<String, Error> {
    let rest = rest.into_values();
    let (count, kwargs): (Option<i64>, Kwargs) = from_args(&rest)?;
    let count = if count.is_some() { count } else { kwargs.get("count")? };
    kwargs.assert_all_used()?;
    let (value, from, to) = (text(state, value)?, text(state, from)?, text(state, to)?);
    let count = count.and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
    let found = value.matches(&*from).take(count).count();
    affordable(state, found.saturating_mul(to.len()).saturating_add(value.len()))?;
    Ok(value.replacen(&*from, &to, count))
}

fn indent(state: &mut State, value: &Value, rest: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let value = own(state, value)?;
    let rest = rest.into_values();
    let (width, first, blank, kwargs): (Option<usize>, Option<bool>, Option<bool>, Kwargs) =
        from_args(&rest)?;
    let width = match width {
        Some(width) => width,
        None => kwargs.get::<Option<usize>>("width")?.unwrap_or(4),
    };
    let input = StringInput::new(state, &value)?;
    let lines = input.as_str().matches('\n').count() + 1;
    affordable(state, width.saturating_mul(lines + 1).saturating_add(input.as_str().len()))?;
    filters::indent(input, Some(width), first, blank, kwargs)
}

fn format(state: &mut State, value: &Value, rest: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut arguments = Vec::with_capacity(rest.0.len());
    for argument in rest.into_values() {
        if argument.is_kwargs() {
            let mut named = Vec::new();
            for name in argument.try_iter()?.checked() {
                let name = name?;
                named.push((String::from(name.clone()), formatted(state, &argument.get_item(&name)?)?));
            }
            arguments.push(ValueOrKwargs::from(Value::from(named.into_iter().collect::<Kwargs>())));
        } else {
            arguments.push(ValueOrKwargs::from(formatted(state, &argument)?));
        }
    }
    let value = own(state, value)?;
    filters::format(state, &value, Rest(arguments))
}

/// Returns what `format` may print of an argument: numbers stay numbers for `%d`, all else is text.
fn formatted(state: &mut State, argument: &Value) -> Result<Value, Error> {
    if argument.is_number() { Ok(argument.clone()) } else { own(state, argument) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_counted_in_seconds() {
        for (text, expected) in [
            ("20m", Some(1200)),
            ("1h30m", Some(5400)),
            ("90s", Some(90)),
            ("1h0m5s", Some(3605)),
            ("0s", Some(0)),
            ("", None),
            ("20", None),
            ("m", None),
            ("30m1h", None),
            ("1.5h", None),
            ("-5m", None),
            ("5d", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(parse_seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn every_name_is_known_to_minijinja_and_nothing_else_is() {
        let mut environment = Environment::new();
        install(&mut environment);
        let filter = |name: &str| {
            let applied = environment.empty_state().apply_filter(name, &[Value::from("1")]);
            !applied.is_err_and(|error| error.kind() == ErrorKind::UnknownFilter)
        };
        let test = |name: &str| {
            let performed = environment.empty_state().perform_test(name, &[Value::from("1")]);
            !performed.is_err_and(|error| error.kind() == ErrorKind::UnknownTest)
        };

        assert!(FILTERS.iter().all(|name| filter(name)));
        assert!(TESTS.iter().all(|name| test(name)));
        let hidden = ["safe", "escape", "e", "pprint", "tojson", "urlencode"];
        assert!(!hidden.iter().any(|name| filter(name)));
        let functions: Vec<&str> = environment.globals().map(|(name, _)| name).collect();
        assert_eq!(functions, FUNCTIONS);
    }
}
