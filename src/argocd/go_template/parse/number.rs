//! Numbers of templates: each is all that it can be, as Go's constants are.

use super::super::tree::Number;
use super::Wrong;
use crate::argocd::go::number::{parse_float, parse_int, parse_uint};
use crate::argocd::go::quote;

/// What a word that looks like a number is.
pub(super) enum Read {
    Number(Number),
    /// It ends in `i`.
    Imaginary,
}

/// Reads a character constant.
pub(super) fn rune(word: &str) -> Result<Number, Wrong> {
    let (rune, rest) = quote::unquote_rune(&word[1..]).ok_or("invalid syntax")?;
    if rest != "'" {
        return Err(format!("malformed character constant: {word}"));
    }
    Ok(Number { int: Some(rune.into()), float: rune.into(), is_float: false })
}

/// Reads a number.
pub(super) fn number(word: &str) -> Result<Read, Wrong> {
    if word.strip_suffix('i').is_some_and(|real| parse_float(real).is_ok()) {
        return Ok(Read::Imaginary);
    }
    let int = parse_int(word, 0).ok();
    let whole = int.map(|int| int as f64).or_else(|| parse_uint(word, 0).ok().map(|uint| uint as f64));
    if let Some(float) = whole {
        return Ok(Read::Number(Number { int, float, is_float: is_float(word) }));
    }
    let Ok(float) = parse_float(word) else { return Err(format!("illegal number syntax: {word:?}")) };
    if !word.contains(FLOAT) {
        return Err(format!("integer overflow: {word:?}"));
    }
    Ok(Read::Number(Number { int: as_int(float), float, is_float: is_float(word) }))
}

/// What makes a number a `float64` where nothing else says what it is.
const FLOAT: [char; 5] = ['.', 'e', 'E', 'p', 'P'];

fn is_float(word: &str) -> bool {
    let is_hex = word.len() > 2 && (word.starts_with("0x") || word.starts_with("0X"));
    word.contains(FLOAT) && (!is_hex || word.contains(['p', 'P']))
}

/// Returns the whole number that a `float64` is.
fn as_int(float: f64) -> Option<i64> {
    let fits =
        float.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
    fits.then_some(float as i64)
}
