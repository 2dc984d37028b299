//! `urlParse` and `urlJoin`.

use super::{Function, Type};
use crate::argocd::Fault;
use crate::argocd::go::url::Url;
use crate::argocd::go::value::{Map, Value};

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function { name: "urlParse", fixed: &[Type::Text], variadic: None, call: parse },
    Function { name: "urlJoin", fixed: &[Type::Map], variadic: None, call: join },
];

fn parse(arguments: &[Value]) -> Result<Value, Fault> {
    let [Value::Text(text)] = arguments else { return Err(Fault::wrong("urlParse takes a string")) };
    let url = Url::parse(text).map_err(|why| Fault::wrong(format!("unable to parse url: {why}")))?;
    let hostname = decoded(url.hostname())?;
    Ok(Value::map([
        ("scheme".into(), Value::text(url.scheme)),
        ("host".into(), decoded(&url.host)?),
        ("hostname".into(), hostname),
        ("path".into(), decoded(&url.path)?),
        ("query".into(), Value::text(url.query)),
        ("opaque".into(), Value::text(url.opaque)),
        ("fragment".into(), decoded(&url.fragment)?),
        ("userinfo".into(), Value::text(url.user.map(|user| user.text()).unwrap_or_default())),
    ]))
}

fn decoded(bytes: &[u8]) -> Result<Value, Fault> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Value::text(text)),
        Err(_) => {
            Err(Fault::refused("`urlParse` of a URL with escaped bytes that are no UTF-8 is not supported"))
        }
    }
}

fn join(arguments: &[Value]) -> Result<Value, Fault> {
    let [Value::Map(parts)] = arguments else { return Err(Fault::wrong("urlJoin takes a map")) };
    let mut url = Url {
        scheme: part(parts, "scheme")?,
        host: part(parts, "host")?.into_bytes(),
        path: part(parts, "path")?.into_bytes(),
        query: part(parts, "query")?,
        opaque: part(parts, "opaque")?,
        fragment: part(parts, "fragment")?.into_bytes(),
        ..Url::default()
    };
    let user = part(parts, "userinfo")?;
    if !user.is_empty() {
        let parsed = Url::parse(&format!("proto://{user}@host"));
        let wrong = |why| Fault::wrong(format!("unable to parse userinfo in dict: {why}"));
        url.user = parsed.map_err(wrong)?.user;
    }
    Ok(Value::text(url.to_string()))
}

/// Returns the text of a key, empty where there is none.
fn part(parts: &Map, key: &str) -> Result<String, Fault> {
    match parts.get(key) {
        None => Ok(String::new()),
        Some(Value::Text(text)) => Ok(text.to_string()),
        Some(other) => {
            let kind = other.kind();
            Err(Fault::wrong(format!("unable to parse {key} key, must be of type string, but {kind} found")))
        }
    }
}
