//! The functions that a template may call: sprig's and Argo CD's own, by name.
//!
//! Which there are, and what they do, follows Masterminds/sprig 3.3.0 (`GenericFuncMap` without `env`, `expandenv` and
//! `getHostByName`) and `applicationset/utils/template_functions.go` of Argo CD 3.5.1. What reads a clock, draws a
//! random number or asks the machine is refused by name.

mod json;
mod name;
mod semver;
mod yaml;

use super::super::Fault;
use super::super::go::value::Value;

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
    /// `float64`
    Float,
    /// `map[string]interface {}`; [`Value::Nil`] is passed as an empty map.
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
const TABLES: [&[Function]; 4] = [json::TABLE, name::TABLE, semver::TABLE, yaml::TABLE];

/// Functions that are refused, each with the reason.
const REFUSED: [(&str, &str); 0] = [];

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
