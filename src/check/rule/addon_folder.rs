//! An addon stands in the folder of its name.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// An addon stands in the folder of its name.
pub const RULE: Rule = Rule {
    id: "addon-folder",
    severity: Severity::Error,
    page: Page {
        summary: "an addon's name is that of its folder",
        why: "Rules of picks and owners of code name addons by their folder, `addons/<name>/**`, and everything that is \
              emitted names them by their name.",
        wrong: "# addons/cilium/addon.yaml\nmetadata:\n  name: cilium-cni\n",
        right: "# addons/cilium-cni/addon.yaml\nmetadata:\n  name: cilium-cni\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for addon in specs.catalog.trunk.addons.values() {
        let folder = addon.path.folder().trim_start_matches("addons/");
        if folder != addon.name.as_str() {
            let message = format!("the addon `{}` stands in the folder `{folder}`", addon.name);
            report.push(RULE.finding(place::addon(addon), message).label(format!("expected `{folder}`")));
        }
    }
}
