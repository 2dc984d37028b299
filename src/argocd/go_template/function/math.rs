//! Arithmetic: whole numbers that wrap round, and decimal fractions.

use super::cast::{to_float, to_int};
use super::decimal::Decimal;
use super::{Answer, Function, Type, unfit};
use crate::argocd::Fault;
use crate::argocd::go::value::Value;

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("add", &[], |given| whole(&[&[Value::Nil], given].concat(), i64::wrapping_add))
        .and(Type::Any),
    Function::new("add1", &[Type::Any], |given| {
        whole(&[given, &[Value::Int(1)]].concat(), i64::wrapping_add)
    }),
    Function::new("add1f", &[Type::Any], |given| decimal(&[given, &[Value::Int(1)]].concat(), Decimal::plus)),
    Function::new("addf", &[], |given| decimal(&[&[Value::Nil], given].concat(), Decimal::plus))
        .and(Type::Any),
    Function::new("biggest", &[Type::Any], |given| whole(given, i64::max)).and(Type::Any),
    Function::new("ceil", &[Type::Any], |given| fraction(given, |number, _| number.ceil())),
    Function::new("div", &[Type::Any, Type::Any], |given| divided(given, i64::wrapping_div)),
    Function::new("divf", &[Type::Any], |given| decimal(given, Decimal::over)).and(Type::Any),
    Function::new("floor", &[Type::Any], |given| fraction(given, |number, _| number.floor())),
    Function::new("max", &[Type::Any], |given| whole(given, i64::max)).and(Type::Any),
    Function::new("maxf", &[Type::Any], |given| fraction(given, larger)).and(Type::Any),
    Function::new("min", &[Type::Any], |given| whole(given, i64::min)).and(Type::Any),
    Function::new("minf", &[Type::Any], |given| fraction(given, |one, other| -larger(-one, -other)))
        .and(Type::Any),
    Function::new("mod", &[Type::Any, Type::Any], |given| divided(given, i64::wrapping_rem)),
    Function::new("mul", &[Type::Any], |given| whole(given, i64::wrapping_mul)).and(Type::Any),
    Function::new("mulf", &[Type::Any], |given| decimal(given, |one, other| Ok(one.times(&other))))
        .and(Type::Any),
    Function::new("round", &[Type::Any, Type::Int], round).and(Type::Float),
    Function::new("sub", &[Type::Any, Type::Any], |given| whole(given, i64::wrapping_sub)),
    Function::new("subf", &[Type::Any], |given| decimal(given, Decimal::minus)).and(Type::Any),
];

fn whole(given: &[Value], join: fn(i64, i64) -> i64) -> Answer {
    given.iter().map(to_int).reduce(join).map(Value::Int64).ok_or_else(unfit)
}

fn divided(given: &[Value], divide: fn(i64, i64) -> i64) -> Answer {
    match given {
        [_, divisor] if to_int(divisor) == 0 => Err(Fault::wrong("runtime error: integer divide by zero")),
        _ => whole(given, divide),
    }
}

fn decimal(given: &[Value], join: fn(Decimal, Decimal) -> Result<Decimal, Fault>) -> Answer {
    let mut numbers = given.iter().map(|value| Decimal::read(to_float(value)));
    let first = numbers.next().ok_or_else(unfit)??;
    let joined = numbers.try_fold(first, |one, other| join(one, other?))?;
    Ok(Value::Float(joined.to_float()))
}

/// `join` is asked once more than there is another number, with the last as both, which changes nothing.
fn fraction(given: &[Value], join: fn(f64, f64) -> f64) -> Answer {
    let mut numbers = given.iter().map(to_float);
    let first = numbers.next().ok_or_else(unfit)?;
    let joined = numbers.fold(join(first, first), join);
    Ok(Value::Float(joined))
}

/// Returns the larger of two numbers as `math.Max` does: infinity, then what is not a number, then 0 before -0.
fn larger(one: f64, other: f64) -> f64 {
    if one == f64::INFINITY || other == f64::INFINITY {
        return f64::INFINITY;
    }
    if one.is_nan() || other.is_nan() {
        return f64::NAN;
    }
    if one > other || one == other && other.is_sign_negative() { one } else { other }
}

/// Rounds to so many places behind the point, up where the rest is at least 0.5 or what is given for it.
fn round(given: &[Value]) -> Answer {
    let [value, Value::Int(places), options @ ..] = given else { return Err(unfit()) };
    let up_from = match options.first() {
        Some(Value::Float(from)) => *from,
        _ => 0.5,
    };
    let power = power_of_ten(*places);
    let digits = power * to_float(value);
    let rounded = if digits.fract() >= up_from { digits.ceil() } else { digits.floor() };
    Ok(Value::Float(rounded / power))
}

/// Returns a power of ten as `math.Pow` comes to it: by squaring, with an error in the last digit now and then.
fn power_of_ten(exponent: i64) -> f64 {
    const TEN: (f64, i64) = (0.625, 4);
    let (mut fraction, mut twos) = (1.0, 0);
    let (mut square, mut square_twos) = TEN;
    let mut rest = exponent.unsigned_abs();
    while rest != 0 {
        // From here on there is nothing but infinity or zero.
        if square_twos > 1 << 12 {
            twos += square_twos;
            break;
        }
        if rest & 1 == 1 {
            fraction *= square;
            twos += square_twos;
        }
        square *= square;
        square_twos <<= 1;
        if square < 0.5 {
            square += square;
            square_twos -= 1;
        }
        rest >>= 1;
    }
    if exponent < 0 { scaled(1.0 / fraction, -twos) } else { scaled(fraction, twos) }
}

/// Returns `number` times a power of two, rounded once.
fn scaled(number: f64, twos: i64) -> f64 {
    let Ok(twos) = i32::try_from(twos) else { return number * if twos < 0 { 0.0 } else { f64::INFINITY } };
    match twos {
        ..-1000 => number * 2_f64.powi(-1000) * 2_f64.powi(twos.max(-3000) + 1000),
        -1000..=1000 => number * 2_f64.powi(twos),
        1001.. => number * 2_f64.powi(1000) * 2_f64.powi(twos.min(3000) - 1000),
    }
}
