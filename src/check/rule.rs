//! Every rule, one a file.

mod minors_order;
mod pin_unreadable;

use super::Rule;

/// Every rule, in the order of the documentation: fleet, tenants, addons, clusters, names, credentials.
pub const RULES: &[&Rule] = &[&minors_order::RULE, &pin_unreadable::RULE];
