//! What people write: read, validated at the door, and typed.

pub mod credential;
pub mod schema;
pub mod version;
pub mod yaml;
