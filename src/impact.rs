//! What a change does: two renderings become classified changes.
//!
//! Pure: both sides are given as trees of files. How the result is printed for people is the command line's business,
//! but for its JSON, which is an interface of the product.

mod change;

pub use change::{
    Application, Applications, Cell, Change, Class, ClusterId, Difference, FieldChange, Finding, Limit,
    Machines, Matrix, Nodes, Row, Workloads,
};
