//! An Application of an addon: the ApplicationSet and its generator, the cluster Secret with its labels, and what the
//! template looks up there.

use super::addon::{enabled, namespace_step};
use super::{Asked, Explanation, Origin, Step};
use crate::diagnostic::{Diagnostic, Report};
use crate::emit::application::application_name;
use crate::emit::fold::{Fold, Folded};
use crate::emit::look_up::{AddonKeys, ClusterLookUps, LookUp};
use crate::emit::patch::AllPatches;
use crate::emit::values::AddonValues;
use crate::expand::Expansion;
use crate::location::Sources;
use crate::spec::Catalog;
use crate::spec::addon::ACCESS;

/// Explains the Application called `name`.
pub(super) fn explain(
    catalog: &Catalog,
    sources: &Sources,
    expansion: &Expansion<'_>,
    name: &str,
) -> Result<Explanation, Report> {
    let patches = AllPatches::new(expansion);
    let values = AddonValues::new(expansion)?;
    let fold = Fold::new(expansion, &patches, &values)?;
    let mut known = Vec::new();
    for (index, expanded) in expansion.clusters.iter().enumerate() {
        let look_ups = ClusterLookUps::new(&catalog.fleet, expanded);
        for (position, folded) in
            fold.addons(index).enumerate().filter(|(_, folded)| folded.variant.is_some())
        {
            let made = application_name(folded.installed.addon, look_ups.normalized_name());
            if made == name {
                let asked = Asked { catalog, sources, expansion, index };
                return of(&asked, &fold, (name, position), folded);
            }
            known.push(made);
        }
    }
    let finding = Diagnostic::error_nowhere(
        "unknown-reference",
        format!("no ApplicationSet makes an Application `{name}`"),
    );
    let otherwise = "`yoshino preview` names them all";
    Err(finding.hint_nearest(name, known.iter().map(String::as_str), otherwise).into())
}

fn of(
    asked: &Asked<'_>,
    fold: &Fold<'_>,
    (name, position): (&str, usize),
    folded: Folded<'_, '_>,
) -> Result<Explanation, Report> {
    let (addon, fleet) = (folded.installed.addon, &asked.catalog.fleet);
    let expanded = &asked.expansion.clusters[asked.index];
    let management = &expanded.management.name;
    let keys = AddonKeys::new(&fleet.spec.label_domain, &addon.name);
    let variant = folded.variant.map(|variant| variant.name.as_str()).unwrap_or_default();
    let variants = fold.variants(management, &addon.name);
    let number = variants.iter().position(|known| known.name == variant).unwrap_or_default();
    let folder = fleet.output_folder(management);

    let mut steps = enabled(asked, addon).steps;
    let label = |key: &str, value: &str| {
        let what = format!("so the Secret `{}` has the label `{key}`", expanded.cluster.secret_name());
        Step::new(Origin::Derived, Some(super::object_place(expanded)), what).giving(value.into())
    };
    steps.push(label(&keys.enabled, "true"));
    steps.push(label(&keys.source, variant));
    let set = format!(
        "the ApplicationSet `{}` ({folder}/applicationsets/{}.yaml) selects both in `spec.generators[{number}].clusters`",
        addon.name, addon.name
    );
    if addon.name.as_str() == ACCESS {
        steps.push(Step::new(Origin::Derived, None, set));
    } else {
        steps.push(Step::new(Origin::Addon, Some(addon.document.location), set));
        steps.push(namespace_step(addon));
    }
    steps.extend(looked_up(asked, fold, &folded, &keys));
    let all = AllPatches::new(asked.expansion);
    let owners = all.on_cluster(asked.index).into_iter().chain(all.of_addon(expanded.content, &addon.name));
    let places = owners.flat_map(|owner| owner.places(&owner.matching("Application", "argoproj.io", name)));
    steps.extend(
        places.map(|place| Step::new(Origin::Patch, Some(place), "is applied to it, and so makes a variant")),
    );
    let value = fold.application(asked.index, position)?;
    let subject = format!("the Application {name} of {} on {management}", expanded.cluster.identity());
    Ok(Explanation { subject, value, steps })
}

/// Returns what the template looks up on the Secret, and what it finds.
fn looked_up(asked: &Asked<'_>, fold: &Fold<'_>, folded: &Folded<'_, '_>, keys: &AddonKeys) -> Vec<Step> {
    let expanded = &asked.expansion.clusters[asked.index];
    let fleet = &asked.catalog.fleet;
    let look_ups = ClusterLookUps::new(fleet, expanded);
    let of_addon = fold.look_ups(expanded, *folded);
    let all =
        [LookUp::Name, LookUp::Project, LookUp::Revision, LookUp::Version, LookUp::Path, LookUp::Values];
    let found = all
        .map(|look_up| (look_up.parameter(&fleet.spec.label_domain, keys), look_ups.get(look_up, &of_addon)));
    let used = found.into_iter().filter(|(_, value)| !value.is_empty());
    used.map(|(parameter, value)| {
        Step::new(Origin::Derived, None, format!("the template looks up `{{{{{parameter}}}}}`"))
            .giving(value.into())
    })
    .collect()
}
