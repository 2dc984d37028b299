//! Generators in a matrix or merge.
//!
//! Follows `getParams` of `generators/{matrix,merge}.go` of Argo CD 3.5.1. The API server keeps a matrix or merge in
//! another one as it was written; it is read here, and whatever is nested once more has no field to go into.

use std::borrow::Cow;

use serde_json::Value;

use super::Generators;
use super::interpolation::Interpolation;
use super::place::Place;
use crate::argocd::Fault;
use crate::argocd::params::Params;
use crate::argocd::schema::{Field, NESTED_MATRIX_GENERATOR, NESTED_MERGE_GENERATOR, Names, Type, decode};

/// What a generator is filled with: the parameters of another one.
pub type Filling<'f, 'w> = Option<(&'f Interpolation<'f>, &'f Params<'w>)>;

/// Returns the entries of a matrix or merge.
pub fn entries(generator: &Value) -> &[Value] {
    generator.get("generators").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Reads an entry of a matrix or merge.
///
/// # Errors
/// Says what is no matrix or merge.
pub fn read(entry: &Value) -> Result<Cow<'_, Value>, Fault> {
    let mut read = Cow::Borrowed(entry);
    let kinds: [(&str, &'static [Field]); 2] =
        [("matrix", NESTED_MATRIX_GENERATOR), ("merge", NESTED_MERGE_GENERATOR)];
    for (field, fields) in kinds {
        let Some(written) = entry.get(field).filter(|written| !written.is_null()) else { continue };
        let decoded = decode(Type::Struct(fields), written, Names::AnyCase)
            .map_err(|fault| fault.within(&format!("error converting to nested {field} generator")))?;
        read.to_mut()[field] = decoded.value;
    }
    Ok(read)
}

/// Returns the sets of an entry that was read.
///
/// # Errors
/// Says what its generator says; there must be exactly one.
pub fn generate<'w>(
    entry: &Value,
    filling: Filling<'_, 'w>,
    place: &Place<'_>,
    generators: &Generators<'w>,
) -> Result<Vec<Params<'w>>, Fault> {
    let given = generators
        .given(entry, filling, place)
        .map_err(|fault| fault.within("child generator returned an error on parameter generation"))?;
    let mut given = given.into_iter().map(|(_, params)| params);
    match (given.next(), given.next()) {
        (Some(params), None) => Ok(params),
        (None, _) => Err(Fault::wrong("child generator generated no parameters")),
        (Some(_), Some(_)) => Err(Fault::wrong("found more than one generator in matrix.Generators")),
    }
}
