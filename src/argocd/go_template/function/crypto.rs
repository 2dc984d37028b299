//! sprig's functions on hashes and bytes, and those of its cryptography that draw no random numbers.

mod certificate;
mod cipher;
mod password;

use std::fmt::Write;

use sha1::Digest;

use super::{Function, Type};
use crate::argocd::Fault;
use crate::argocd::go::encoding::{decode_base32, decode_base64, encode_base32};
use crate::argocd::go::value::Value;
use crate::base64;

const TEXT: &[Type] = &[Type::Text];

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function { name: "sha1sum", fixed: TEXT, variadic: None, call: sha_1 },
    Function { name: "sha256sum", fixed: TEXT, variadic: None, call: sha_256 },
    Function { name: "sha512sum", fixed: TEXT, variadic: None, call: sha_512 },
    Function { name: "adler32sum", fixed: TEXT, variadic: None, call: adler_32 },
    Function { name: "b64enc", fixed: TEXT, variadic: None, call: to_base64 },
    Function { name: "b64dec", fixed: TEXT, variadic: None, call: from_base64 },
    Function { name: "b32enc", fixed: TEXT, variadic: None, call: to_base32 },
    Function { name: "b32dec", fixed: TEXT, variadic: None, call: from_base32 },
    Function {
        name: "derivePassword",
        fixed: &[Type::Uint32, Type::Text, Type::Text, Type::Text, Type::Text],
        variadic: None,
        call: password::derive,
    },
    Function { name: "decryptAES", fixed: &[Type::Text, Type::Text], variadic: None, call: cipher::decrypt },
    Function {
        name: "buildCustomCert",
        fixed: &[Type::Text, Type::Text],
        variadic: None,
        call: certificate::build,
    },
];

fn text(arguments: &[Value], index: usize) -> &str {
    if let Some(Value::Text(text)) = arguments.get(index) { text } else { "" }
}

fn sha_1(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(hexadecimal(&sha1::Sha1::digest(text(arguments, 0))))
}

fn sha_256(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(hexadecimal(&sha2::Sha256::digest(text(arguments, 0))))
}

fn sha_512(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(hexadecimal(&sha2::Sha512::digest(text(arguments, 0))))
}

fn hexadecimal(bytes: &[u8]) -> Value {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    Value::text(text)
}

/// The sum of RFC 1950, as a decimal number.
fn adler_32(arguments: &[Value]) -> Result<Value, Fault> {
    const MODULUS: u32 = 65_521;
    let (low, high) = text(arguments, 0).bytes().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(byte)) % MODULUS;
        (low, (high + low) % MODULUS)
    });
    Ok(Value::text((high << 16 | low).to_string()))
}

fn to_base64(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::text(base64::encode(text(arguments, 0).as_bytes())))
}

fn from_base64(arguments: &[Value]) -> Result<Value, Fault> {
    or_message("b64dec", decode_base64(text(arguments, 0)))
}

fn to_base32(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::text(encode_base32(text(arguments, 0).as_bytes())))
}

fn from_base32(arguments: &[Value]) -> Result<Value, Fault> {
    or_message("b32dec", decode_base32(text(arguments, 0)))
}

/// sprig gives the message where there is nothing to decode.
fn or_message(name: &str, decoded: Result<Vec<u8>, String>) -> Result<Value, Fault> {
    match decoded {
        Ok(bytes) => as_text(name, bytes),
        Err(message) => Ok(Value::text(message)),
    }
}

/// Makes a text of what a function gives.
fn as_text(name: &str, bytes: Vec<u8>) -> Result<Value, Fault> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Value::text(text)),
        Err(_) => Err(Fault::refused(format!("`{name}` of bytes that are no UTF-8 is not supported"))),
    }
}
