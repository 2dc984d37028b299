//! What people write: read, validated at the door, and typed.
//!
//! [`load`] turns a tree of files into a [`Catalog`], or reports everything that is wrong with it. Nothing here
//! may know what is emitted.

pub mod addon;
mod catalog;
pub mod cluster;
mod decode;
mod documents;
pub mod edit;
pub mod fleet;
pub mod kinds;
pub mod merge;
pub mod name;
pub mod patch;
pub mod pick_policy;
pub mod pin;
pub mod provider;
pub mod release;
mod requires;
pub mod schema;
pub mod selector;
pub mod tenant;
pub mod version;
pub mod yaml;

pub use catalog::{
    Catalog, Content, Former, FormerCluster, Tag, Written, load, load_fleet_alone, load_specs,
};
pub use decode::with_defaults;
pub use fleet::Unchecked;
