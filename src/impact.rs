//! What a change does: two renderings become classified changes.
//!
//! Pure: both sides are given as trees of files. How the result is printed for people is the command line's business,
//! but for its JSON, which is an interface of the product.

mod application;
mod applications;
mod change;
mod cluster;
mod content;
mod document;
mod eks;
mod field;
mod half_applied;
mod limits;
mod machine;
mod management;
mod matrix;
mod object;
mod output;
mod pair;
mod pin;
mod rule;
mod side;
mod single;
mod tenant;
mod version_step;
mod wiring;
mod world;

pub use application::READS_ELSEWHERE;
pub use change::{
    Application, Applications, Cell, Change, Class, ClusterId, Difference, FieldChange, Finding, Limit,
    Machines, Matrix, Nodes, Row, Workloads,
};
pub use content::{Reader, Repository};
pub use limits::Allowance;
pub use pair::Pair;
pub use pin::pinned_instead;
pub use side::{Side, Which, committed_side, render_sides};

use rayon::prelude::*;

use crate::error::Failure;

use management::{Comparison, Outcome, compare_management};

/// The JSON Schema of what [`Difference::to_json`] returns.
pub const SCHEMA: &str = include_str!("impact/schema.json");

/// How two sides are compared.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// What Applications read beyond what a rendering does.
    pub repository: &'r Repository<'r>,
    /// What is acknowledged.
    pub allowances: &'r [Allowance],
    /// Whether [`Difference::matrix`] is wanted.
    pub matrix: bool,
}

/// Compares two sides.
///
/// # Errors
/// Reports files that cannot be read, and ApplicationSets that are not supported.
pub fn compare(sides: Pair<&Side>, request: Request<'_>) -> Result<Difference, Failure> {
    let trees = content::trees_may_differ(sides.map(|side| &side.catalog.trunk.files));
    let Request { repository, allowances, .. } = request;
    let comparison = Comparison { sides, repository, trees, matrix: request.matrix };
    let managements: Vec<&str> = output::managements(sides).into_iter().collect();
    let outcomes: Vec<Outcome> = managements
        .par_iter()
        .map(|management| compare_management(comparison, management))
        .collect::<Result<_, Failure>>()?;
    let mut difference = Difference::default();
    let (mut singles, mut cells) = (Vec::new(), Vec::new());
    for (management, outcome) in managements.into_iter().zip(outcomes) {
        singles.extend(outcome.singles);
        cells.push((management, outcome.cells));
        difference.half_applied.extend(outcome.half_applied);
        let Applications { added, removed, changed } = outcome.applications;
        difference.applications.added.extend(added);
        difference.applications.removed.extend(removed);
        difference.applications.changed.extend(changed);
    }
    let Applications { added, removed, changed } = &mut difference.applications;
    for applications in [added, removed, changed] {
        applications.sort();
    }
    difference.changes = single::gather(singles);
    difference.matrix = matrix::table(cells);
    // What a change may do is not for the change to say.
    let base = sides.base;
    difference.limits = limits::limits(&difference, &base.catalog.fleet, base.nodes, allowances);
    Ok(difference)
}
