//! What lies beneath `schemas/` are imported schemas.

use crate::check::{Check, Page, Rule, Specs};
use crate::crd::read_files;
use crate::diagnostic::{Report, Severity};
use crate::location::Location;

/// What lies beneath `schemas/` are imported schemas.
pub const RULE: Rule = Rule {
    id: "schema-file",
    severity: Severity::Error,
    page: Page {
        summary: "every file beneath `schemas/` is one that `yoshino schema import` wrote",
        why: "Objects of a kind whose schema cannot be read would not be checked, and nobody would notice.",
        wrong: "# schemas/example.com/lake.json\n{\"group\": \"example.com\", \"kind\": \"Lake\"}\n",
        right: "# schemas/example.com/lake.json\n{\"group\": \"example.com\", \"kind\": \"Lake\", \"namespaced\": true, \"versions\": {\"v1\": {\"type\": \"object\"}}}\n",
    },
    check: Check::World(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let (_, refused) = read_files(&specs.catalog.trunk.files);
    for (path, why) in refused {
        let Some(file) = specs.sources.find(path) else { continue };
        let message = format!("`{path}` is no imported schema: {why}");
        report.push(
            RULE.finding(Location::start_of(file), message)
                .hint("`yoshino schema import DIR` writes it anew"),
        );
    }
}
