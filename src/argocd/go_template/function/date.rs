//! sprig's functions on dates and durations that ask neither the clock nor the machine.

use std::any::Any;
use std::rc::Rc;

use super::{Function, Type};
use crate::argocd::Fault;
use crate::argocd::go::time::{Parsed, Time, format_duration, parse, parse_duration};
use crate::argocd::go::value::{Object, Value};

const TIME: Type = Type::Object("time.Time");
const IN_ZONE: &[Type] = &[Type::Text, Type::Any, Type::Text];
const MODIFY: &[Type] = &[Type::Text, TIME];
const TWO_TEXTS: &[Type] = &[Type::Text, Type::Text];

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function { name: "dateInZone", fixed: IN_ZONE, variadic: None, call: in_zone },
    Function { name: "date_in_zone", fixed: IN_ZONE, variadic: None, call: in_zone },
    Function { name: "htmlDateInZone", fixed: &[Type::Any, Type::Text], variadic: None, call: html_in_zone },
    Function { name: "dateModify", fixed: MODIFY, variadic: None, call: modify_or_keep },
    Function { name: "date_modify", fixed: MODIFY, variadic: None, call: modify_or_keep },
    Function { name: "mustDateModify", fixed: MODIFY, variadic: None, call: modify },
    Function { name: "must_date_modify", fixed: MODIFY, variadic: None, call: modify },
    Function { name: "duration", fixed: &[Type::Any], variadic: None, call: duration },
    Function { name: "durationRound", fixed: &[Type::Any], variadic: None, call: duration_round },
    Function { name: "toDate", fixed: TWO_TEXTS, variadic: None, call: to_date_or_zero },
    Function { name: "mustToDate", fixed: TWO_TEXTS, variadic: None, call: to_date },
    Function { name: "unixEpoch", fixed: &[TIME], variadic: None, call: unix_epoch },
];

fn text(value: &Value) -> &str {
    if let Value::Text(text) = value { text } else { "" }
}

fn time_of(value: &Value) -> Option<Time> {
    match value {
        Value::Object(object) => object.as_any().downcast_ref::<Held>().map(|held| held.0),
        _ => None,
    }
}

fn held(time: Time) -> Value {
    Value::Object(Rc::new(Held(time)))
}

fn in_zone(arguments: &[Value]) -> Result<Value, Fault> {
    shown(text(&arguments[0]), &arguments[1], text(&arguments[2]))
}

fn html_in_zone(arguments: &[Value]) -> Result<Value, Fault> {
    shown("2006-01-02", &arguments[0], text(&arguments[1]))
}

/// Shows a time, or so many seconds after 1970; anything else is now.
fn shown(layout: &str, date: &Value, zone: &str) -> Result<Value, Fault> {
    let time = match (time_of(date), date) {
        (Some(time), _) => time,
        (None, Value::Int(seconds) | Value::Int64(seconds)) => Time::from_unix(*seconds)?,
        (None, other) => {
            let what = other.type_name();
            return Err(Fault::refused(format!(
                "a date in a {what} is not supported: sprig reads the clock"
            )));
        }
    };
    time.format_in(layout, zone).map(Value::text)
}

fn modify(arguments: &[Value]) -> Result<Value, Fault> {
    let nanoseconds = parse_duration(text(&arguments[0])).map_err(Fault::Wrong)?;
    let time = time_of(&arguments[1]).unwrap_or(Time::ZERO);
    time.later(nanoseconds).map(held)
}

/// What is no duration changes nothing.
fn modify_or_keep(arguments: &[Value]) -> Result<Value, Fault> {
    match modify(arguments) {
        Err(Fault::Wrong(_)) => Ok(arguments[1].clone()),
        result => result,
    }
}

/// Shows seconds as a duration; an `int` is none to sprig.
fn duration(arguments: &[Value]) -> Result<Value, Fault> {
    let seconds = match &arguments[0] {
        Value::Text(text) => whole(text),
        Value::Int64(seconds) => *seconds,
        _ => 0,
    };
    Ok(Value::text(format_duration(seconds.wrapping_mul(1_000_000_000))))
}

/// Reads a whole number; one that is too large is the nearest.
fn whole(text: &str) -> i64 {
    use crate::argocd::go::number::{NumberError, parse_int};
    match parse_int(text, 10) {
        Ok(value) | Err(NumberError::Range(value)) => value,
        Err(NumberError::Syntax) => 0,
    }
}

/// Shows the largest unit of a duration that it is more than one of.
fn duration_round(arguments: &[Value]) -> Result<Value, Fault> {
    const SECOND: u64 = 1_000_000_000;
    const DAY: u64 = 24 * 3_600 * SECOND;
    const UNITS: [(u64, &str); 6] = [
        (365 * DAY, "y"),
        (30 * DAY, "mo"),
        (DAY, "d"),
        (3_600 * SECOND, "h"),
        (60 * SECOND, "m"),
        (SECOND, "s"),
    ];
    let nanoseconds = match &arguments[0] {
        Value::Text(text) => parse_duration(text).unwrap_or(0),
        Value::Int64(nanoseconds) => *nanoseconds,
        other if time_of(other).is_some() => {
            return Err(Fault::refused("`durationRound` of a time is not supported: it reads the clock"));
        }
        _ => 0,
    };
    let size = nanoseconds.unsigned_abs();
    let unit = UNITS.iter().find(|(unit, _)| size > *unit);
    Ok(Value::text(unit.map_or("0s".to_owned(), |(unit, name)| format!("{}{name}", size / unit))))
}

fn to_date(arguments: &[Value]) -> Result<Value, Fault> {
    match parse(text(&arguments[0]), text(&arguments[1])) {
        Ok(Parsed::Time(time)) => Ok(held(time)),
        Ok(Parsed::OfMachine) => Err(Fault::refused(
            "a date that is not in UTC is not supported: the machine's time zone has a say in it",
        )),
        Ok(Parsed::Beyond) => Err(Fault::refused("a time beyond the year 9999 is not supported")),
        Err(why) => Err(Fault::Wrong(why)),
    }
}

/// What is no date is Go's time without a value.
fn to_date_or_zero(arguments: &[Value]) -> Result<Value, Fault> {
    match to_date(arguments) {
        Err(Fault::Wrong(_)) => Ok(held(Time::ZERO)),
        result => result,
    }
}

fn unix_epoch(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::text(time_of(&arguments[0]).unwrap_or(Time::ZERO).unix().to_string()))
}

/// A time in a template.
#[derive(Debug)]
struct Held(Time);

impl Object for Held {
    fn type_name(&self) -> &'static str {
        "time.Time"
    }

    fn kind(&self) -> &'static str {
        "struct"
    }

    fn print(&self) -> String {
        self.0.format("2006-01-02 15:04:05.999999999 -0700 MST")
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Fault>> {
        let civil = self.0.civil();
        let int = |number: i64| Ok(Value::Int(number));
        let long = |nanoseconds: i128| {
            let number = i64::try_from(nanoseconds);
            number
                .map(Value::Int64)
                .map_err(|_| Fault::refused(format!("`{name}` of a time so far away is not supported")))
        };
        Some(match (name, arguments) {
            ("Format", [Value::Text(layout)]) => Ok(Value::text(self.0.format(layout))),
            ("Before" | "After" | "Equal" | "Compare", [other]) => self.compared(name, other),
            ("AddDate", _)
            | (
                "Add" | "AppendFormat" | "AppendBinary" | "AppendText" | "GobEncode" | "GoString" | "In"
                | "Local" | "Location" | "MarshalBinary" | "MarshalJSON" | "MarshalText" | "Month" | "Round"
                | "Sub" | "Truncate" | "Weekday",
                _,
            ) => Err(Fault::refused(format!("the method `{name}` of a time is not supported"))),
            ("UTC", []) => Ok(held(self.0)),
            ("String", []) => Ok(Value::text(self.print())),
            ("IsZero", []) => Ok(Value::Bool(self.0 == Time::ZERO)),
            ("IsDST", []) => Ok(Value::Bool(false)),
            ("Unix", []) => Ok(Value::Int64(self.0.unix())),
            ("UnixMilli", []) => long(self.0.nanoseconds().div_euclid(1_000_000)),
            ("UnixMicro", []) => long(self.0.nanoseconds().div_euclid(1_000)),
            ("UnixNano", []) => long(self.0.nanoseconds()),
            ("Year", []) => int(civil.year().into()),
            ("YearDay", []) => int(civil.day_of_year().into()),
            ("Day", []) => int(civil.day().into()),
            ("Hour", []) => int(civil.hour().into()),
            ("Minute", []) => int(civil.minute().into()),
            ("Second", []) => int(civil.second().into()),
            ("Nanosecond", []) => int(civil.subsec_nanosecond().into()),
            ("Clock" | "Date" | "ISOWeek" | "Zone" | "ZoneBounds", _) => {
                Err(Fault::wrong(format!("can't call method/function \"{name}\" with several results")))
            }
            (
                "Format" | "Before" | "After" | "Equal" | "Compare" | "UTC" | "String" | "IsZero" | "IsDST"
                | "Unix" | "UnixMilli" | "UnixMicro" | "UnixNano" | "Year" | "YearDay" | "Day" | "Hour"
                | "Minute" | "Second" | "Nanosecond",
                _,
            ) => Err(Fault::wrong(format!("wrong arguments for {name}"))),
            _ => return None,
        })
    }

    fn json(&self) -> Result<Value, Fault> {
        if !(0..=9999).contains(&self.0.civil().year()) {
            return Err(Fault::wrong("Time.MarshalJSON: year outside of range [0,9999]"));
        }
        Ok(Value::text(self.0.format("2006-01-02T15:04:05.999999999Z07:00")))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Held {
    fn compared(&self, name: &str, other: &Value) -> Result<Value, Fault> {
        let Some(other) = time_of(other) else {
            let found = other.type_name();
            return Err(Fault::wrong(format!("wrong type for value; expected time.Time; got {found}")));
        };
        let compared = self.0.cmp(&other);
        Ok(match name {
            "Before" => Value::Bool(compared.is_lt()),
            "After" => Value::Bool(compared.is_gt()),
            "Equal" => Value::Bool(compared.is_eq()),
            _ => Value::Int(compared as i64),
        })
    }
}
