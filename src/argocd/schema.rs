//! Go's types of Application and ApplicationSet as tables, and JSON read by them.
//!
//! An object that has been read is JSON as Go's `json.Marshal` writes the struct: fields in the order of the type,
//! what `omitempty` leaves out left out, and what has no zero to leave out written (`destination: {}`). So what is
//! read needs no second form, and only what changes it (a text filled in, a patch) must keep it so.
//!
//! The tables follow the struct tags of Argo CD 3.5.1 and apimachinery 0.36.1; nothing here knows what a field means.

mod application;
mod application_set;
mod decode;
mod forge;
mod metadata;
mod number;
mod source;
mod status;
mod time;

pub use application::{APPLICATION, PATCHED};
pub use application_set::{
    APPLICATION_SET, NESTED_GENERATOR, NESTED_MATRIX_GENERATOR, NESTED_MERGE_GENERATOR, TEMPLATE,
};
pub use decode::{Decoded, Names, decode, field_in_any_case};
pub use number::{floated, normalized};
pub use status::APPLICATION_STATUS;

/// The type of a value in Go.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// `string`
    Text,
    /// `bool`
    Bool,
    /// `int64`
    Integer,
    /// `intstr.IntOrString`
    IntegerOrText,
    /// `metav1.Time`
    Time,
    /// JSON kept as it is: `runtime.RawExtension`, `apiextensionsv1.JSON`.
    Raw,
    /// A pointer: what is not there differs from what is zero.
    Pointer(&'static Type),
    /// A slice.
    List(&'static Type),
    /// A map whose keys are texts.
    Map(&'static Type),
    /// A struct: its fields in order, those of embedded structs among them.
    Struct(&'static [Field]),
}

/// A field of a struct.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// The type of its value.
    pub of: Type,
    /// When it is written.
    pub written: Written,
    /// How a strategic merge patch changes it.
    pub patched: Patched,
}

/// When a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Always.
    Always,
    /// Where it is not empty: `omitempty`. No struct is empty, and nothing a pointer refers to.
    NotEmpty,
    /// Where it is not zero: `omitzero`. A struct is zero where nothing in it is written.
    NotZero,
    /// Where it was read at all, `null` included: the field of an embedded pointer.
    Mentioned,
}

/// How a strategic merge patch changes a field: the struct tags `patchStrategy` and `patchMergeKey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patched {
    /// Maps and structs are merged, anything else gives way.
    Plainly,
    /// It gives way as a whole.
    Whole,
    /// A list keeps its items and takes on those of the patch that it has not.
    Items,
    /// A list of structs is merged item by item; the key says which belong together.
    ItemsBy(&'static str),
}

impl Field {
    const fn replaced(self) -> Self {
        Self { patched: Patched::Whole, ..self }
    }

    const fn merged(self, key: &'static str) -> Self {
        let patched = if key.is_empty() { Patched::Items } else { Patched::ItemsBy(key) };
        Self { patched, ..self }
    }
}

const fn field(name: &'static str, of: Type, written: Written) -> Field {
    Field { name, of, written, patched: Patched::Plainly }
}

const fn always(name: &'static str, of: Type) -> Field {
    field(name, of, Written::Always)
}

const fn optional(name: &'static str, of: Type) -> Field {
    field(name, of, Written::NotEmpty)
}

const fn nonzero(name: &'static str, of: Type) -> Field {
    field(name, of, Written::NotZero)
}

const fn embedded(name: &'static str, of: Type) -> Field {
    field(name, of, Written::Mentioned)
}
