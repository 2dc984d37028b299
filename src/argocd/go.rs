//! What Go's own libraries make of values, as far as Argo CD's templates show it.
//!
//! Nothing here knows what an ApplicationSet is.

pub mod encoding;
pub mod equal;
pub mod items;
pub mod json;
pub mod letter;
pub mod number;
pub mod path;
pub mod print;
pub mod quote;
pub mod regexp;
pub mod time;
pub(in crate::argocd) mod unicode;
pub mod url;
pub mod value;
pub mod yaml;
