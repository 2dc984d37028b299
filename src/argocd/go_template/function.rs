//! The functions that a template may call: sprig's and Argo CD's own, by name.
//!
//! Which there are, and what they do, follows Masterminds/sprig 3.3.0 (`GenericFuncMap` without `env`, `expandenv` and
//! `getHostByName`) and `applicationset/utils/template_functions.go` of Argo CD 3.5.1. What reads a clock, draws a
//! random number or asks the machine is refused by name.

mod cast;
mod circle;
mod copying;
mod crypto;
mod date;
mod decimal;
mod json;
mod kind;
mod list;
mod logic;
mod map;
mod math;
mod merging;
mod name;
mod numbers;
mod path;
#[cfg(test)]
pub(super) mod recorded;
mod refused;
mod regexp;
mod semver;
mod slicing;
mod splitting;
mod text;
mod url;
mod words;
mod wrapping;
mod yaml;

use self::refused::REFUSED;
use super::super::Fault;
use super::super::go::value::Value;

/// What a function comes to.
type Answer = Result<Value, Fault>;

/// A function.
#[derive(Debug)]
pub struct Function {
    /// Its name in templates.
    pub name: &'static str,
    /// The types of the arguments that must be there. Whoever calls has held the arguments against them, as Go does
    /// by reflection, so that `call` gets exactly these.
    pub fixed: &'static [Type],
    /// The type of all further arguments; `None` where there may be none.
    pub variadic: Option<Type>,
    /// What it does; what Go would recover from as a panic is a fault too.
    pub call: fn(&[Value]) -> Result<Value, Fault>,
}

/// The type of a parameter in Go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `interface {}`: anything, nil included.
    Any,
    /// `bool`
    Bool,
    /// `string`
    Text,
    /// `int`
    Int,
    /// `int64`
    Int64,
    /// `uint32`, which constants alone are; it is passed as a [`Value::Uint64`].
    Uint32,
    /// `float64`
    Float,
    /// `map[string]interface {}`; [`Value::Nil`] stands for Go's nil map, as which a template passes it.
    Map,
    /// `map[string]string`
    Texts,
    /// `[]interface {}`
    List,
    /// `[]string`
    TextList,
    /// A type that no value in a template has but what one other function returns, named as Go names it.
    Object(&'static str),
}

/// What there is under a name.
#[derive(Clone, Copy, Debug)]
pub enum Found {
    /// A function.
    Function(&'static Function),
    /// A function of Argo CD's that is refused, and why: `it reads the clock`.
    Refused(&'static str),
    /// Nothing: Argo CD fails to parse the template.
    Unknown,
}

/// The tables of functions, one for each subject.
const TABLES: &[&[Function]] = &[
    copying::TABLE,
    crypto::TABLE,
    date::TABLE,
    json::TABLE,
    kind::TABLE,
    list::TABLE,
    logic::TABLE,
    map::TABLE,
    math::TABLE,
    merging::TABLE,
    name::TABLE,
    numbers::TABLE,
    path::TABLE,
    regexp::TABLE,
    semver::TABLE,
    slicing::TABLE,
    splitting::TABLE,
    text::TABLE,
    url::TABLE,
    words::TABLE,
    wrapping::TABLE,
    yaml::TABLE,
];

/// Returns what there is under a name.
pub fn find(name: &str) -> Found {
    if let Some(function) = TABLES.iter().copied().flatten().find(|function| function.name == name) {
        return Found::Function(function);
    }
    REFUSED
        .iter()
        .find(|(refused, _)| *refused == name)
        .map_or(Found::Unknown, |(_, why)| Found::Refused(why))
}

/// Tells whether what a function gives for a map of two keys or more is in Go's random order; here it is in the order of
/// the keys.
pub fn has_random_order(name: &str) -> bool {
    matches!(name, "keys" | "values")
}

/// Returns what a function gives, in another order where it is in random order in Go.
pub(super) fn in_other_order(function: &Function, given: &[Value]) -> Answer {
    match function.name {
        "keys" => map::keys(given, map::shifted),
        "values" => map::values(given, map::shifted),
        _ => (function.call)(given),
    }
}

impl Function {
    /// Makes a function that takes just so many arguments.
    const fn new(name: &'static str, fixed: &'static [Type], call: fn(&[Value]) -> Answer) -> Self {
        Self { name, fixed, variadic: None, call }
    }

    /// Says that it takes any number of arguments of a type behind these.
    const fn and(mut self, variadic: Type) -> Self {
        self.variadic = Some(variadic);
        self
    }
}

/// Says that a function was called with what its types do not let through.
fn unfit() -> Fault {
    Fault::wrong("wrong type of argument")
}
