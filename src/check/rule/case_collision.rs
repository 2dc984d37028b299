//! Files can be told apart everywhere.

use crate::check::collision::collisions;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::location::Location;

/// Files can be told apart everywhere.
pub const RULE: Rule = Rule {
    id: "case-collision",
    severity: Severity::Warning,
    page: Page {
        summary: "no two files differ in upper and lower case alone",
        why: "On macOS and Windows such files are one: whoever checks the repository out there has either of them, and \
              commits the loss of the other. What is rendered from them has the same names.",
        wrong: "# addons/metrics/manifests/Service.yaml\nkind: Service\n# addons/metrics/manifests/service.yaml\nkind: Service\n",
        right: "# addons/metrics/manifests/service.yaml\nkind: Service\n# addons/metrics/manifests/service-account.yaml\nkind: ServiceAccount\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let paths = specs.catalog.trunk.files.0.keys();
    for (first, later) in collisions(paths.map(|path| (path.as_str().to_lowercase(), path)).collect()) {
        let message = format!("`{first}` and `{later}` are one file where case does not count");
        let start = |path| specs.sources.find(path).map(Location::start_of);
        let Some(at) = start(later) else { continue };
        let finding = RULE.finding(at, message);
        report.push(match start(first) {
            Some(first) => finding.related(first, "the other file"),
            None => finding,
        });
    }
}
