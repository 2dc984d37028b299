//! `buildCustomCert`: a certificate and its key as they were given, once they have been looked at.
//!
//! Go reads both in full. Here the outline is compared with that of X.509 and of keys: what has no DER in it is wrong, what
//! has another outline is refused. Numbers that do not fit each other, as in an RSA key, are not noticed.

use std::any::Any;
use std::rc::Rc;

use super::text;
use crate::argocd::Fault;
use crate::argocd::go::encoding::decode_base64;
use crate::argocd::go::value::{Object, Value};

/// sprig's `certificate`.
#[derive(Debug)]
struct Certificate {
    certificate: String,
    key: String,
}

impl Object for Certificate {
    fn type_name(&self) -> &'static str {
        "sprig.certificate"
    }

    fn kind(&self) -> &'static str {
        "struct"
    }

    fn print(&self) -> String {
        format!("{{{} {}}}", self.certificate, self.key)
    }

    fn call(&self, name: &str, _: &[Value]) -> Option<Result<Value, Fault>> {
        match name {
            "Cert" => Some(Ok(Value::text(self.certificate.as_str()))),
            "Key" => Some(Ok(Value::text(self.key.as_str()))),
            _ => None,
        }
    }

    fn json(&self) -> Result<Value, Fault> {
        let entry = |name: &str, text: &str| (name.into(), Value::text(text));
        Ok(Value::map([entry("Cert", &self.certificate), entry("Key", &self.key)]))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Decodes a certificate and a key, PEM in base64.
pub(super) fn build(arguments: &[Value]) -> Result<Value, Fault> {
    let decoded = |index: usize, what: &str| {
        let bytes = decode_base64(text(arguments, index));
        let bytes = bytes.map_err(|_| Fault::wrong(format!("unable to decode base64 {what}")))?;
        String::from_utf8(bytes).map_err(|_| unsupported(what))
    };
    let (certificate, key) = (decoded(0, "certificate")?, decoded(1, "private key")?);
    let (_, bytes) = pem(&certificate, "unable to decode certificate")?;
    check(&bytes, CERTIFICATE, "certificate")?;
    let (kind, bytes) = pem(&key, "no PEM data in input")?;
    let outline = match kind.as_str() {
        "PRIVATE KEY" => "sequence integer sequence octets",
        "RSA PRIVATE KEY" => {
            "sequence integer integer integer integer integer integer integer integer integer"
        }
        "EC PRIVATE KEY" => "sequence integer octets",
        "DSA PRIVATE KEY" => "sequence integer integer integer integer integer integer",
        _ => return Err(Fault::wrong(format!("error parsing private key: invalid private key type {kind}"))),
    };
    check(&bytes, outline, "private key")?;
    Ok(Value::Object(Rc::new(Certificate { certificate, key })))
}

fn unsupported(what: &str) -> Fault {
    Fault::refused(format!("a {what} of that form is not supported"))
}

/// Returns the kind and the bytes of the one block of a PEM text.
fn pem(text: &str, missing: &str) -> Result<(String, Vec<u8>), Fault> {
    if !text.contains("-----BEGIN ") || !text.contains("\n-----END ") {
        return Err(Fault::wrong(missing));
    }
    let block = || {
        let (_, block) = text.split_once("-----BEGIN ").filter(|(before, _)| before.trim().is_empty())?;
        let (kind, block) = block.split_once("-----\n")?;
        let (body, rest) = block.split_once("-----END ")?;
        let is_plain = !body.contains([':', '-', ' ', '\t']) && rest.trim_end() == format!("{kind}-----");
        decode_base64(body).ok().filter(|_| is_plain).map(|bytes| (kind.to_owned(), bytes))
    };
    block().ok_or_else(|| unsupported("PEM text"))
}

/// What stands in a certificate: what is signed, how, and the signature.
const CERTIFICATE: &str = "sequence sequence sequence bits";

/// Compares what a DER value has in it with an outline: its kind, then the kinds of the first of its parts.
fn check(bytes: &[u8], outline: &str, what: &str) -> Result<(), Fault> {
    let malformed = || Fault::wrong(format!("error parsing {what}: malformed"));
    let (tag, content, rest) = value(bytes).ok_or_else(malformed)?;
    if !rest.is_empty() {
        return Err(malformed());
    }
    let mut found = vec![name(tag)];
    let mut parts = content;
    while !parts.is_empty() {
        let (tag, _, rest) = value(parts).ok_or_else(malformed)?;
        found.push(name(tag));
        parts = rest;
    }
    let expected: Vec<&str> = outline.split(' ').collect();
    if found.starts_with(&expected) { Ok(()) } else { Err(unsupported(what)) }
}

fn name(tag: u8) -> &'static str {
    match tag {
        0x02 => "integer",
        0x03 => "bits",
        0x04 => "octets",
        0x30 => "sequence",
        _ => "other",
    }
}

/// Splits a DER value off: its tag, its content and what follows.
fn value(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
