//! `semver` and `semverCompare`: Masterminds/semver 3.4.0.

mod constraint;
mod version;

use std::any::Any;
use std::rc::Rc;

use self::constraint::Constraints;
use self::version::{Version, check_metadata, check_prerelease};
use super::{Function, Type};
use crate::argocd::Fault;
use crate::argocd::go::value::{Object, Value};

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function { name: "semver", fixed: &[Type::Text], variadic: None, call: semver },
    Function {
        name: "semverCompare",
        fixed: &[Type::Text, Type::Text],
        variadic: None,
        call: semver_compare,
    },
];

fn semver(arguments: &[Value]) -> Result<Value, Fault> {
    let version = Version::parse(text(&arguments[0])).map_err(Fault::Wrong)?;
    Ok(Value::Object(Rc::new(Held { version, by: By::Pointer })))
}

fn semver_compare(arguments: &[Value]) -> Result<Value, Fault> {
    let constraints = Constraints::parse(text(&arguments[0])).map_err(Fault::Wrong)?;
    let version = Version::parse(text(&arguments[1])).map_err(Fault::Wrong)?;
    Ok(Value::Bool(constraints.check(&version)))
}

fn text(value: &Value) -> &str {
    if let Value::Text(text) = value { text } else { "" }
}

/// A version in a template.
#[derive(Debug)]
struct Held {
    version: Version,
    by: By,
}

/// How a template holds a version: some methods need the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// `*semver.Version`: what was read.
    Pointer,
    /// `semver.Version`: what `IncMinor` and its like return.
    Value,
}

impl Object for Held {
    fn type_name(&self) -> &'static str {
        match self.by {
            By::Pointer => "*semver.Version",
            By::Value => "semver.Version",
        }
    }

    fn kind(&self) -> &'static str {
        match self.by {
            By::Pointer => "ptr",
            By::Value => "struct",
        }
    }

    fn print(&self) -> String {
        self.version.to_string()
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Fault>> {
        let version = &self.version;
        let is_pointer = self.by == By::Pointer;
        Some(match name {
            "Major" => none(arguments).map(|()| Value::Uint64(version.major)),
            "Minor" => none(arguments).map(|()| Value::Uint64(version.minor)),
            "Patch" => none(arguments).map(|()| Value::Uint64(version.patch)),
            "Prerelease" => none(arguments).map(|()| Value::text(version.prerelease.as_str())),
            "Metadata" => none(arguments).map(|()| Value::text(version.metadata.as_str())),
            "String" | "Value" => none(arguments).map(|()| Value::text(version.to_string())),
            "Original" if is_pointer => none(arguments).map(|()| Value::text(version.original.as_str())),
            "IncMajor" | "IncMinor" | "IncPatch" => {
                none(arguments).map(|()| by_value(incremented(version, name)))
            }
            "SetPrerelease" | "SetMetadata" => changed(version, name, arguments).map(by_value),
            "Compare" | "Equal" | "LessThan" | "LessThanEqual" | "GreaterThan" | "GreaterThanEqual"
                if is_pointer =>
            {
                compared(version, name, arguments)
            }
            "MarshalJSON" | "MarshalText" => Err(unsupported(name)),
            "Scan" | "UnmarshalJSON" | "UnmarshalText" if is_pointer => Err(unsupported(name)),
            _ => return None,
        })
    }

    fn json(&self) -> Result<Value, Fault> {
        Ok(Value::text(self.version.to_string()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn by_value(version: Version) -> Value {
    Value::Object(Rc::new(Held { version, by: By::Value }))
}

fn unsupported(name: &str) -> Fault {
    Fault::refused(format!("the method `{name}` of a version is not supported"))
}

fn none(arguments: &[Value]) -> Result<(), Fault> {
    match arguments.len() {
        0 => Ok(()),
        found => Err(Fault::wrong(format!("wrong number of args: want 0 got {found}"))),
    }
}

/// Returns the next version; the next patch of a prerelease is what it precedes.
fn incremented(version: &Version, name: &str) -> Version {
    version.with(|version| {
        let was_released = version.prerelease.is_empty();
        (version.prerelease, version.metadata) = (String::new(), String::new());
        let next = |number: u64| number.wrapping_add(1);
        match name {
            "IncMajor" => (version.major, version.minor, version.patch) = (next(version.major), 0, 0),
            "IncMinor" => (version.minor, version.patch) = (next(version.minor), 0),
            _ if was_released => version.patch = next(version.patch),
            _ => {}
        }
    })
}

fn changed(version: &Version, name: &str, arguments: &[Value]) -> Result<Version, Fault> {
    let [Value::Text(part)] = arguments else {
        return Err(Fault::wrong(format!("wrong arguments for {name}: want one string")));
    };
    match name {
        "SetMetadata" => check_metadata(part),
        _ => check_prerelease(part),
    }
    .map_err(Fault::Wrong)?;
    Ok(version.with(|version| match name {
        "SetMetadata" => version.metadata = part.to_string(),
        _ => version.prerelease = part.to_string(),
    }))
}

fn compared(version: &Version, name: &str, arguments: &[Value]) -> Result<Value, Fault> {
    let other = match arguments {
        [Value::Object(object)] => object.as_any().downcast_ref::<Held>(),
        _ => None,
    };
    let Some(other) = other.filter(|other| other.by == By::Pointer) else {
        return Err(Fault::wrong(format!("wrong arguments for {name}: want one *semver.Version")));
    };
    let compared = version.compare(&other.version);
    Ok(match name {
        "Equal" => Value::Bool(compared.is_eq()),
        "LessThan" => Value::Bool(compared.is_lt()),
        "LessThanEqual" => Value::Bool(compared.is_le()),
        "GreaterThan" => Value::Bool(compared.is_gt()),
        "GreaterThanEqual" => Value::Bool(compared.is_ge()),
        _ => Value::Int(compared as i64),
    })
}
