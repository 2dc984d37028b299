//! Go's `text/template` with the functions that Argo CD 3.5.1 gives to ApplicationSets.

pub mod function;
