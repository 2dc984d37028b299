//! History work: what is on which branch, what is to be brought there, and the commits and tags that do it.
//!
//! Decide, then do: plans are computed from objects and refs alone and can be printed; carrying one out writes objects,
//! makes them durable, and then moves refs by compare-and-swap. No work tree is touched, and no hook, filter, driver or
//! alias of the repository is ever run.

pub mod commit_message;
pub mod apply;
pub mod configuration;
pub mod cut;
pub mod history;
pub mod hook_folder;
pub mod identity;
pub mod merge;
pub mod merge_commit;
pub mod patch_id;
pub mod pick;
pub mod publish;
pub mod push;
pub mod regenerate;
pub mod release;
pub mod sign;
pub mod store;
pub mod trunk;
pub mod verify;

#[cfg(test)]
mod fixture;
