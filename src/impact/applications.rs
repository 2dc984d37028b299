//! Every Application of one management cluster, before and after.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::Value;

use super::application::{Scales, Verdict, compare, described, installed, is_held, workloads};
use super::content::readings;
use super::pair::Pair;
use super::single::{Reason, Single};
use super::world::{Cluster, Known, Set, SetPair};
use super::{Application, Applications, Class, ClusterId, Workloads};
use crate::emit::application::IN_CLUSTER;
use crate::error::Failure;
use crate::spec::addon::ACCESS;

/// The kind of what goes from an Application that stays.
const NAMESPACE: &str = "Namespace";

/// What becomes of the Applications of one management cluster.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Their changes.
    pub singles: Vec<Single>,
    /// Which they are.
    pub applications: Applications,
}

/// What is compared.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    /// The management cluster.
    pub management: &'q str,
    /// Its ApplicationSets.
    pub sets: &'q [SetPair],
    /// Its clusters; those that are left out are the same on both sides.
    pub clusters: &'q [Cluster<'q>],
    /// What Applications are held against.
    pub scales: Scales<'q>,
}

/// An Application that is on one side alone, as far as its set and its Secret go.
struct Loose<'q> {
    set: &'q SetPair,
    cluster: &'q Cluster<'q>,
    body: Value,
}

/// What one set makes of one Secret.
#[derive(Default)]
struct Made<'q> {
    singles: Vec<Single>,
    removed: Vec<Loose<'q>>,
    added: Vec<Loose<'q>>,
}

impl<'q> Question<'q> {
    /// Compares every Application.
    ///
    /// # Errors
    /// Reports files behind Applications that cannot be read.
    pub fn answer(self) -> Result<Outcome, Failure> {
        let pairs = self
            .sets
            .par_iter()
            .flat_map(|set| self.clusters.par_iter().map(move |cluster| self.made(set, cluster)));
        let made: Vec<Made<'q>> = pairs.collect::<Result<_, Failure>>()?;
        let mut outcome = Outcome::default();
        let (mut removed, mut added) = (BTreeMap::new(), BTreeMap::new());
        for one in made {
            outcome.singles.extend(one.singles);
            removed.extend(one.removed.into_iter().map(|loose| (name(&loose.body).to_owned(), loose)));
            added.extend(one.added.into_iter().map(|loose| (name(&loose.body).to_owned(), loose)));
        }
        for (name, head) in added {
            match removed.remove(&name) {
                Some(base) => {
                    let pair = Pair::new(&base.body, &head.body);
                    outcome.singles.extend(self.changed(head.set, head.cluster, pair)?);
                }
                None => outcome.singles.push(self.installed(&head)),
            }
        }
        outcome.singles.extend(removed.into_values().map(|base| self.removed(&base)));
        outcome.applications = listed(&outcome.singles);
        Ok(outcome)
    }

    /// Compares what a set makes of a Secret on both sides.
    fn made(self, set: &'q SetPair, cluster: &'q Cluster<'q>) -> Result<Made<'q>, Failure> {
        let mut made = Made::default();
        let applications = |set: Option<&Set>, secret: Option<Known<'_>>| match set.zip(secret) {
            Some((set, (secret, _))) => set.applications(secret),
            None => Ok(Vec::new()),
        };
        let sets = set.sets.each().map(Option::as_ref);
        if set.is_same
            && let (Some(head), Some(base_values), Some(head_values)) =
                (sets.head, cluster.secrets.base, cluster.secrets.head)
            && head.sees_the_same(base_values.1, head_values.1)
        {
            // Nothing but what lies behind the Application can differ.
            if !set.may_read_otherwise {
                return Ok(made);
            }
            for body in applications(sets.head, cluster.secrets.head)? {
                made.singles.extend(self.read_otherwise(set, cluster, &body)?);
            }
            return Ok(made);
        }
        let mut base = applications(sets.base, cluster.secrets.base)?;
        for head in applications(sets.head, cluster.secrets.head)? {
            match base.iter().position(|one| name(one) == name(&head)) {
                Some(index) => {
                    let base = base.swap_remove(index);
                    made.singles.extend(self.changed(set, cluster, Pair::new(&base, &head))?);
                }
                None => made.added.push(Loose { set, cluster, body: head }),
            }
        }
        made.removed.extend(base.into_iter().map(|body| Loose { set, cluster, body }));
        Ok(made)
    }

    fn read_otherwise(
        self,
        set: &SetPair,
        cluster: &Cluster<'_>,
        body: &Value,
    ) -> Result<Vec<Single>, Failure> {
        let (values, folders) = readings(body.get("spec").unwrap_or(&Value::Null), self.scales.fleets.head);
        for reading in values.into_iter().chain(folders) {
            let pair = Pair::new(Some(reading.clone()), Some(reading));
            if !self.scales.contents.compare(pair)?.is_same() {
                return self.changed(set, cluster, Pair::new(body, body));
            }
        }
        Ok(Vec::new())
    }

    fn single(self, class: Class, set: &SetPair, cluster: &ClusterId, body: &Value) -> Single {
        let mut single = Single::new(class, "Application", self.management, name(body));
        let namespace = body.pointer("/metadata/namespace").and_then(Value::as_str);
        single.namespace = namespace.map(str::to_owned);
        single.cluster = Some(cluster.clone());
        single.addon = Some(set.name.clone());
        single
    }

    /// Says how two Applications differ, and which namespaces go from what they read.
    fn changed(
        self,
        set: &SetPair,
        cluster: &Cluster<'_>,
        pair: Pair<&Value>,
    ) -> Result<Vec<Single>, Failure> {
        let Some(Verdict { class, reasons, fields, gone }) = compare(pair, self.scales)? else {
            return Ok(Vec::new());
        };
        let namespaces = gone.iter().map(|namespace| {
            let (workloads, why) = namespace.fate(pair.head);
            let mut single = Single::new(Class::Destroys, NAMESPACE, self.management, &namespace.name);
            single.cluster = Some(cluster.id.clone());
            single.addon = Some(set.name.clone());
            single.workloads = Some(workloads);
            single.reasons.push(Reason::new(why));
            single
        });
        let mut singles: Vec<Single> = namespaces.collect();
        singles.push(Single { reasons, fields, ..self.single(class, set, cluster.id, pair.head) });
        Ok(singles)
    }

    fn installed(self, loose: &Loose<'_>) -> Single {
        let mut single = self.single(Class::Installs, loose.set, loose.cluster.id, &loose.body);
        installed(&mut single, &loose.body, self.scales.fleets.head);
        single
    }

    fn removed(self, loose: &Loose<'_>) -> Single {
        let Loose { set, cluster, body } = loose;
        if is_held(body) {
            let mut single = self.single(Class::Cosmetic, set, cluster.id, body);
            single.reasons.push(Reason::new("it was held, and there is nothing to hold any more"));
            return single;
        }
        if set.sets.head.as_ref().or(set.sets.base.as_ref()).is_some_and(|set| !set.may_delete()) {
            let mut single = self.single(Class::Changes, set, cluster.id, body);
            let why = "its ApplicationSet may delete nothing: it stays, and nobody looks after it";
            single.reasons.push(Reason::new(why));
            return single;
        }
        let mut single = self.single(Class::Destroys, set, cluster.id, body);
        let (workloads, why) = fate(set, cluster, body);
        single.workloads = Some(workloads);
        single.reasons.extend(why.into_iter().map(Reason::new));
        if set.name == ACCESS && workloads == Workloads::Deleted {
            let why =
                "nobody has the roles any more that it bound; its namespaces stay with what lies in them";
            single.reasons.push(Reason::new(why));
        }
        let spec = body.get("spec").unwrap_or(&Value::Null);
        single
            .reasons
            .push(Reason::new(format!("it was installed from {}", described(spec, self.scales.fleets.base))));
        single
    }
}

/// Returns what becomes of the workloads of an Application that goes away, and why.
///
/// Argo CD 3.5.1 takes the finalizer off an Application whose destination it does not know any more
/// (`removeFinalizerOnInvalidDestination`).
fn fate(set: &SetPair, cluster: &Cluster<'_>, body: &Value) -> (Workloads, Vec<String>) {
    let destination = body.pointer("/spec/destination");
    let server = destination.and_then(|destination| destination.get("server")).and_then(Value::as_str);
    let is_elsewhere = server != Some(IN_CLUSTER);
    let mut why = Vec::new();
    if set.sets.head.is_none() {
        why.push("its ApplicationSet goes away, too".to_owned());
    }
    if workloads(body) == Workloads::Orphaned {
        why.push("it has no finalizer, so what it installed stays, and nobody looks after it".into());
        return (Workloads::Orphaned, why);
    }
    if cluster.secrets.head.is_none() && is_elsewhere {
        why.push("its cluster's Secret goes away, so Argo CD cannot reach what it installed".into());
        return (Workloads::Orphaned, why);
    }
    (Workloads::Deleted, why)
}

fn listed(singles: &[Single]) -> Applications {
    let mut applications = Applications::default();
    for single in singles.iter().filter(|single| single.kind != NAMESPACE) {
        let listed = Application {
            management: single.management.clone(),
            name: single.name.clone(),
            project: single.cluster.as_ref().map(|cluster| cluster.project.clone()),
            cluster: single.cluster.as_ref().map(|cluster| cluster.name.clone()),
            addon: single.addon.clone(),
        };
        match single.class {
            Class::Destroys => applications.removed.push(listed),
            Class::Installs => applications.added.push(listed),
            Class::Refuses | Class::Replaces | Class::Upgrades | Class::Changes | Class::Cosmetic => {
                applications.changed.push(listed);
            }
        }
    }
    applications
}

fn name(application: &Value) -> &str {
    application.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}
