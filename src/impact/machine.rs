//! What a change of an object of a cluster does: to machines, by the provider's table, and whether the API takes it.
//!
//! An object that is written in another version of its API is compared by what it means.

use serde_json::Value;

use super::field::differences;
use super::object::{Key, Objects, is_control_plane, is_pool, nodes, text};
use super::pair::Pair;
use super::rule::{rule, severity};
use super::single::{Reason, Single};
use super::{Class, FieldChange, Machines, Nodes, version_step};
use crate::emit::cluster_api::{base_name, is_template, to_openstack_v1beta1};
use crate::emit::{Object, Origin};
use crate::location::{FileId, Location};
use crate::spec::provider::{Effect, Impact, ImpactRule};

/// All objects of one cluster on both sides, and what is known about them.
#[derive(Clone, Copy)]
pub struct Scene<'s> {
    /// The objects.
    pub objects: Pair<&'s Objects>,
    /// The provider's table; `None` where the provider is not known.
    pub impact: Option<&'s Impact>,
    /// The management cluster.
    pub management: &'s str,
}

/// A field, and the rule that says what its change does.
struct Judged<'i> {
    field: FieldChange,
    rule: Option<&'i ImpactRule>,
    /// Whether it is the name of a template, of which the content is told instead.
    is_template: bool,
}

impl<'s> Scene<'s> {
    /// Compares an object that is on both sides; `None` where nothing differs.
    pub fn compare(self, key: &Key, pair: Pair<&Value>) -> Option<Single> {
        let in_one_version = in_one_version(pair);
        let fields = match &in_one_version {
            Some(pair) => differences(&pair.base, &pair.head),
            None => differences(pair.base, pair.head),
        };
        if fields.is_empty() {
            let mut single = self.single(Class::Cosmetic, key);
            single.reasons.push(Reason::new(match in_one_version {
                Some(_) => "it means the same in another version of its API",
                None => "only the order of items differs",
            }));
            return Some(single);
        }
        let judged: Vec<Judged<'_>> = fields.into_iter().map(|field| self.judge(key, pair, field)).collect();
        let worst = judged.iter().filter_map(|judged| judged.rule).min_by_key(|rule| severity(rule.effect));
        let steps = version_step::refusals(key, pair, self.objects);
        let effect = worst.map_or(Effect::Nothing, |rule| rule.effect);
        let class = match effect {
            _ if !steps.is_empty() => Class::Refuses,
            Effect::Refused => Class::Refuses,
            Effect::ControlPlane | Effect::Pool => Class::Replaces,
            Effect::Nothing => Class::Changes,
        };
        let mut single = self.single(class, key);
        single.reasons.extend(steps.into_iter().map(Reason::new));
        match class {
            Class::Refuses => single.reasons.extend(because(&judged, Effect::Refused)),
            Class::Replaces => self.replaces(&mut single, key, pair, effect),
            _ => {}
        }
        if class != Class::Refuses {
            single.reasons.extend(because(&judged, effect));
            single.reasons.extend(scaled(key, pair));
        }
        for judged in judged {
            match judged.is_template {
                true => single.fields.extend(self.template_fields(pair, &judged.field)),
                false => single.fields.push(judged.field),
            }
        }
        Some(single)
    }

    /// Makes a change of one object.
    pub fn single(self, class: Class, key: &Key) -> Single {
        let mut single = Single::new(class, &key.kind, self.management, &key.name);
        single.namespace = Some(key.namespace.clone()).filter(|namespace| !namespace.is_empty());
        single
    }

    fn judge(self, key: &Key, pair: Pair<&Value>, field: FieldChange) -> Judged<'s> {
        let found = self.impact.and_then(|impact| {
            let rules = leaves(&field).into_iter().filter_map(|leaf| rule(impact, &key.kind, &leaf));
            rules.min_by_key(|rule| severity(rule.effect))
        });
        let is_template = template_reference(pair.head, &field).is_some();
        Judged { field, rule: found, is_template }
    }

    fn replaces(self, single: &mut Single, key: &Key, pair: Pair<&Value>, effect: Effect) {
        match effect {
            Effect::ControlPlane => {
                single.machines = Some(Machines { control_planes: 1, nodes: Nodes::default() });
                let general = "its machines are replaced, one after another";
                let replicas = pair.base.pointer("/spec/replicas").and_then(Value::as_u64);
                single.reasons.extend(replicas.map(|replicas| {
                    Reason::new(general).own(match replicas {
                        1 => "its machine is replaced".to_owned(),
                        replicas => format!("its {replicas} machines are replaced, one after another"),
                    })
                }));
            }
            Effect::Pool => {
                let count = self.pool_of(key, pair.base).map(nodes).unwrap_or_default();
                let waits = text(pair.head, "/spec/rollout/strategy/type") == "OnDelete";
                let min = if waits { 0 } else { count.min };
                single.machines = Some(Machines { control_planes: 0, nodes: Nodes { min, ..count } });
                let when_deleted = "they are replaced when deleted, not before (`OnDelete`)";
                single.reasons.extend(waits.then(|| Reason::new(when_deleted)));
            }
            Effect::Nothing | Effect::Refused => {}
        }
    }

    /// Returns the pool whose machines an object of the base decides: itself, or what refers to it.
    fn pool_of<'o>(self, key: &Key, object: &'o Value) -> Option<&'o Value>
    where
        Self: 'o,
    {
        if is_pool(key) {
            return Some(object);
        }
        let refers = |pool: &&Value| {
            let reference = pool.pointer("/spec/template/spec/infrastructureRef");
            reference.is_some_and(|reference| {
                text(reference, "/kind") == key.kind && text(reference, "/name") == key.name
            })
        };
        let mut pools = self.objects.base.iter().filter(|(key, _)| is_pool(key)).map(|(_, pool)| pool);
        pools.find(refers)
    }

    /// Returns what differs between the templates that a reference led to and leads to.
    fn template_fields(self, pair: Pair<&Value>, field: &FieldChange) -> Vec<FieldChange> {
        let whole = || vec![field.clone()];
        let Some(reference) = template_reference(pair.head, field) else { return whole() };
        let kind = text(reference, "/kind");
        let name =
            |value: &Option<Value>| value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        let find = |objects: &Objects, name: &str| {
            let mut of_kind = objects.iter().filter(|(key, _)| key.kind == kind);
            of_kind
                .find(|(_, object)| text(object, "/metadata/name") == name)
                .map(|(_, object)| object.clone())
        };
        let base = find(self.objects.base, &name(&field.from));
        let head = find(self.objects.head, &name(&field.to));
        let Some((base, head)) = base.zip(head) else { return whole() };
        let spec = |object: &Value| object.get("spec").cloned().unwrap_or_default();
        let label = format!("{kind}/{}#/spec", base_name(&name(&field.to)));
        let fields = differences(&spec(&base), &spec(&head)).into_iter();
        fields.map(|field| FieldChange { path: format!("{label}{}", field.path), ..field }).collect()
    }
}

/// Returns both objects in the older version of their API, where they are written in two; `None` where they are not, or
/// nobody knows how to.
fn in_one_version(pair: Pair<&Value>) -> Option<Pair<Value>> {
    if text(pair.base, "/apiVersion") == text(pair.head, "/apiVersion") {
        return None;
    }
    let origin = Origin { spec: Location::start_of(FileId(0)), template: None };
    let older = |body: &Value| {
        let mut object = Object { body: body.clone(), origin };
        to_openstack_v1beta1(&mut object).ok().map(|()| object.body)
    };
    let older = Pair::new(older(pair.base)?, older(pair.head)?);
    (text(&older.base, "/apiVersion") == text(&older.head, "/apiVersion")).then_some(older)
}

/// Returns the reference of an object whose name a field is, where it leads to a template.
fn template_reference<'o>(object: &'o Value, field: &FieldChange) -> Option<&'o Value> {
    let reference = field.path.strip_suffix("/name").filter(|path| path.ends_with("Ref"))?;
    object.pointer(reference).filter(|reference| is_template(text(reference, "/kind")))
}

/// Returns why an effect holds: the reasons of the rules, each once, with the fields or the templates they are for.
fn because(judged: &[Judged<'_>], effect: Effect) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    let of_effect = judged.iter().filter_map(|judged| Some((judged, judged.rule?)));
    for (judged, rule) in of_effect.filter(|(_, rule)| rule.effect == effect) {
        let name =
            |value: &Option<Value>| value.as_ref().and_then(Value::as_str).unwrap_or("nothing").to_owned();
        let reason = match (effect, judged.is_template) {
            (Effect::Refused, _) => Reason::new(format!("`{}`: {}", judged.field.path, rule.reason)),
            (_, true) => {
                let (from, to) = (name(&judged.field.from), name(&judged.field.to));
                Reason::new(&rule.reason).own(format!("{}: `{from}` → `{to}`", rule.reason))
            }
            (_, false) => Reason::new(&rule.reason),
        };
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// Says how many machines come or go by themselves.
fn scaled(key: &Key, pair: Pair<&Value>) -> Option<Reason> {
    if !is_pool(key) && !is_control_plane(key) {
        return None;
    }
    let counts = pair.map(nodes);
    let fixed = counts.base.min == counts.base.max && counts.head.min == counts.head.max;
    let (base, head) = (counts.base.max, counts.head.max);
    let machines = |count: u64| if count == 1 { "1 machine".to_owned() } else { format!("{count} machines") };
    match head.cmp(&base) {
        _ if !fixed => None,
        std::cmp::Ordering::Greater => {
            Some(Reason::new("more machines").own(format!("{} more", machines(head - base))))
        }
        std::cmp::Ordering::Less => {
            Some(Reason::new("fewer machines").own(format!("{} fewer", machines(base - head))))
        }
        std::cmp::Ordering::Equal => None,
    }
}

/// Returns the pointers of everything within a field, as rules may be about a part of what comes or goes as a whole.
fn leaves(field: &FieldChange) -> Vec<String> {
    let mut pointers = Vec::new();
    for value in [&field.from, &field.to].into_iter().flatten() {
        add_leaves(value, field.path.clone(), &mut pointers);
    }
    pointers.dedup();
    pointers
}

fn add_leaves(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let step = key.replace('~', "~0").replace('/', "~1");
                add_leaves(value, format!("{pointer}/{step}"), pointers);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                add_leaves(value, format!("{pointer}/{index}"), pointers);
            }
        }
        _ => pointers.push(pointer),
    }
}
