//! Values into numbers, and rows of numbers.

use super::cast::{to_float, to_int};
use super::text::printed;
use super::{Answer, Function, Type, unfit};
use crate::argocd::Fault;
use crate::argocd::go::number::{NumberError, parse_int};
use crate::argocd::go::value::{Element, List, Value};

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("atoi", &[Type::Text], atoi),
    Function::new("float64", &[Type::Any], |given| one(given).map(to_float).map(Value::Float)),
    Function::new("int", &[Type::Any], |given| one(given).map(to_int).map(Value::Int)),
    Function::new("int64", &[Type::Any], |given| one(given).map(to_int).map(Value::Int64)),
    Function::new("seq", &[], seq).and(Type::Int),
    Function::new("toDecimal", &[Type::Any], to_decimal),
    Function::new("until", &[Type::Int], until),
    Function::new("untilStep", &[Type::Int, Type::Int, Type::Int], until_step),
];

/// As many numbers a row may have.
const LONGEST: i128 = 1_000_000;

fn one(given: &[Value]) -> Result<&Value, Fault> {
    given.first().ok_or_else(unfit)
}

/// What is too large becomes the largest number.
fn atoi(given: &[Value]) -> Answer {
    let [Value::Text(text)] = given else { return Err(unfit()) };
    Ok(Value::Int(match parse_int(text, 10) {
        Ok(number) | Err(NumberError::Range(number)) => number,
        Err(NumberError::Syntax) => 0,
    }))
}

/// Reads what is printed as an octal number.
fn to_decimal(given: &[Value]) -> Answer {
    Ok(Value::Int64(parse_int(&printed(one(given)?)?, 8).unwrap_or(0)))
}

fn until(given: &[Value]) -> Answer {
    let [Value::Int(count)] = given else { return Err(unfit()) };
    numbers(row("until", (0, *count), if *count < 0 { -1 } else { 1 })?)
}

fn until_step(given: &[Value]) -> Answer {
    let [Value::Int(start), Value::Int(stop), Value::Int(step)] = given else { return Err(unfit()) };
    numbers(row("untilStep", (*start, *stop), *step)?)
}

fn numbers(row: Vec<i64>) -> Answer {
    Ok(Value::List(List::new(Element::Int, row.into_iter().map(Value::Int))))
}

/// `seq END`, `seq START END` or `seq START STEP END`; both ends belong to it.
fn seq(given: &[Value]) -> Answer {
    let (start, step, end) = match given {
        [Value::Int(end)] => (1, None, *end),
        [Value::Int(start), Value::Int(end)] => (*start, None, *end),
        [Value::Int(start), Value::Int(step), Value::Int(end)] => (*start, Some(*step), *end),
        _ => return Ok(Value::text("")),
    };
    let direction = if end < start { -1 } else { 1 };
    if end < start && step.is_some_and(|step| step > 0) {
        return Ok(Value::text(""));
    }
    let row = row("seq", (start, end.wrapping_add(direction)), step.unwrap_or(direction))?;
    let numbers: Vec<String> = row.iter().map(i64::to_string).collect();
    Ok(Value::text(numbers.join(" ")))
}

/// Returns the numbers from `start` to before `stop`; none where the step leads nowhere.
fn row(name: &str, (start, stop): (i64, i64), step: i64) -> Result<Vec<i64>, Fault> {
    let distance = i128::from(stop) - i128::from(start);
    if distance == 0 || step == 0 || (distance < 0) != (step < 0) {
        return Ok(Vec::new());
    }
    let count = distance.unsigned_abs().div_ceil(i128::from(step).unsigned_abs());
    let count = i128::try_from(count).unwrap_or(i128::MAX);
    let behind = i128::from(start) + count.saturating_mul(step.into());
    // Upstream wraps round where the step behind the last leaves the range, and goes on.
    if count > LONGEST || i64::try_from(behind).is_err() {
        return Err(Fault::refused(format!("`{name}` to more than {LONGEST} numbers is not supported")));
    }
    let numbers = (0..count).map(|place| i128::from(start) + place * i128::from(step));
    Ok(numbers.filter_map(|number| i64::try_from(number).ok()).collect())
}
