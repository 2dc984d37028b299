//! JSON Schemas of what people write: one description from which validation, defaults, editors' completion
//! (`yoshino schema`) and the variables of templates all follow.
//!
//! The subset read here is JSON Schema 2020-12 as far as our kinds and a provider's `schema.json` need it:
//! `type`, `properties`, `required`, `additionalProperties`, `propertyNames`, `items`, `enum`, `const`, `pattern`
//! by `format` only, `minimum`, `maximum`, `minLength`, `maxLength`, `minItems`, `maxItems`,
//! `default`, `description`, `$ref`
//! into the same document's `$defs`, `anyOf` of branches that differ in `type`, `oneOf` of branches that only
//! say `required` ("exactly one of these fields"), and of our own `x-refused`: why a known field is refused. It must not know any particular kind.

mod format;
mod read;
mod respell;
mod validate;

use std::sync::Arc;

use serde_json::Value;

pub use format::{
    Format, is_branch, is_dns_label, is_dns_name, is_label_key, is_label_value, percent, seconds,
    version_range,
};
pub use respell::respell;
pub use validate::{Extent, type_of, validate};

/// What one place of a document may hold.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The types allowed; empty where any is.
    pub types: Vec<Type>,
    /// The fields of a map that have a meaning of their own, in the order of the document.
    pub properties: Vec<Property>,
    /// What other fields a map may have.
    pub additional: Additional,
    /// The rule for the names of other fields.
    pub property_names: Option<Format>,
    /// Fields that must be there.
    pub required: Vec<Arc<str>>,
    /// Fields of which exactly one must be there; empty where there is no such choice.
    pub exactly_one: Vec<Arc<str>>,
    /// The items of a list.
    pub items: Option<Arc<Schema>>,
    /// Alternatives that differ in type.
    pub any_of: Vec<Arc<Schema>>,
    /// The words allowed; empty where any is.
    pub words: Vec<Value>,
    /// The syntax of a text.
    pub format: Option<Format>,
    /// Bounds of a number.
    pub minimum: Option<f64>,
    /// Bounds of a number.
    pub maximum: Option<f64>,
    /// Fewest characters of a text, or items of a list.
    pub at_least: Option<usize>,
    /// Most characters of a text, or items of a list.
    pub at_most: Option<usize>,
    /// What holds where nothing is written.
    pub default: Option<Value>,
    /// Why the field is refused by name: it is known, but comes with a later version.
    pub refused: Option<Arc<str>>,
}

/// A field of a map: its name and what it may hold.
pub type Property = (Arc<str>, Arc<Schema>);

/// A JSON type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// A map.
    Object,
}

/// What fields a map may have beside its `properties`.
#[derive(Clone, Debug, Default)]
pub enum Additional {
    /// Any, with any value.
    #[default]
    Any,
    /// None: an unknown field is an error.
    Refused,
    /// Any, each with such a value: labels, arguments.
    Each(Arc<Schema>),
}

impl Schema {
    /// Reads a JSON Schema document.
    ///
    /// # Errors
    /// Says what is not understood, with a JSON pointer to it.
    pub fn read(document: &Value) -> Result<Arc<Self>, String> {
        read::read(document)
    }

    /// Returns the schema of the field `name`: its own, or what all other fields share.
    pub fn property(&self, name: &str) -> Option<&Arc<Schema>> {
        let own = self.properties.iter().find(|(property, _)| &**property == name).map(|(_, schema)| schema);
        let shared = || match &self.additional {
            Additional::Each(schema) => Some(schema),
            Additional::Any | Additional::Refused => None,
        };
        own.or_else(shared)
    }

    /// Returns the alternative that a value of type `kind` is held to; the schema itself where there are none.
    pub fn alternative(self: &Arc<Self>, kind: Type) -> &Arc<Schema> {
        let fits = |schema: &&Arc<Schema>| {
            schema.types.is_empty() || schema.types.iter().any(|own| own.accepts(kind))
        };
        self.any_of.iter().find(fits).unwrap_or(self)
    }
}

impl Type {
    /// Returns the type that a JSON Schema calls by this word.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    /// Returns whether a value is of the type, as the API server sees it: `1.0` is a whole number.
    pub fn holds(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Boolean => value.is_boolean(),
            Self::Integer => {
                value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
            }
            Self::Number => value.is_number(),
            Self::String => value.is_string(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }

    /// Returns whether a value of type `other` may stand where `self` is asked for.
    pub fn accepts(self, other: Type) -> bool {
        self == other || (self == Type::Number && other == Type::Integer)
    }

    /// Returns the word people use for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::String => "text",
            Self::Array => "a list",
            Self::Object => "a map",
        }
    }
}
