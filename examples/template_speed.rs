//! Measures how long templates take to render and to fill: `cargo run --release --example template_speed`.
//!
//! 1,000 clusters with three pools each go through one template of 18 KB that makes 15 objects of each, on one thread.
//! The time is the processor's, so that other work on the machine disturbs it little.
#![expect(clippy::print_stdout, reason = "a program prints")]

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use yoshino::diagnostic::Report;
use yoshino::emit::template::{Shapes, Template, Value, Values, context};
use yoshino::location::{FileId, Location};
use yoshino::spec::schema::Schema;
use yoshino::spec::yaml::{self, Node};

const CLUSTERS: usize = 1000;
const ROUNDS: usize = 10;

const HEAD: &str = r#"
---
apiVersion: cluster.x-k8s.io/v1beta2
kind: Cluster
metadata:
  name: ${{ cluster.name }}
  namespace: ${{ tenant.name }}
  labels: ${{ cluster.labels }}
spec:
  paused: ${{ true if cluster.paused else none }}
  clusterNetwork:
    pods: {cidrBlocks: ["10.244.0.0/16"]}
    services:
      cidrBlocks: ${{ cluster.network.services }}
    serviceDomain: ${{ cluster.network.domain }}
#% if cluster.endpoint
  controlPlaneEndpoint:
    host: ${{ cluster.endpoint.host }}
    port: ${{ cluster.endpoint.port }}
#% endif
  controlPlaneRef: {apiGroup: controlplane.cluster.x-k8s.io, kind: KubeadmControlPlane, name: "${{ cluster.name }}"}
  infrastructureRef: {apiGroup: infrastructure.cluster.x-k8s.io, kind: OpenStackCluster, name: "${{ cluster.name }}"}
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: OpenStackCluster
metadata:
  name: ${{ cluster.name }}
  namespace: ${{ tenant.name }}
spec:
  identityRef:
    name: ${{ cluster.openstack.identity.secret }}
    cloudName: ${{ cluster.openstack.identity.cloud }}
  externalNetwork:
    id: ${{ cluster.openstack.externalNetwork.id }}
    filter:
      name: ${{ cluster.openstack.externalNetwork.name }}
  tags: ${{ cluster.openstack.tags | omit_empty }}
---
apiVersion: controlplane.cluster.x-k8s.io/v1beta2
kind: KubeadmControlPlane
metadata:
  name: ${{ cluster.name }}
  namespace: ${{ tenant.name }}
spec:
  version: ${{ cluster.kubernetes }}
  replicas: ${{ cluster.controlPlane.replicas }}
  machineTemplate:
    spec:
      deletion:
        nodeDrainTimeoutSeconds: ${{ cluster.controlPlane.deletion.drain | seconds }}
  kubeadmConfigSpec:
    clusterConfiguration:
      apiServer:
        extraArgs:
#% for name, value in cluster.kubeadm.apiServer.extraArgs | items
        - name: ${{ name }}
          value: ${{ value }}
#% endfor
    files:
SCRIPT
    preKubeadmCommands:
    - hostnamectl set-hostname "{{ ds.meta_data.hostname }}"
    - echo "${{ cluster.name }}" >/etc/cluster
"#;

const SCRIPT: &str = r#"    - path: /etc/kubernetes/NAME.sh
      owner: root:root
      permissions: "0755"
      content: |
        #!/usr/bin/env bash
        set -euo pipefail
        # makes NAME ready on this machine
        for unit in containerd kubelet; do
          systemctl is-active --quiet "${unit##*/}" || systemctl restart "$unit"
        done
        cat >/etc/NAME.conf <<EOF
        cluster=${{ cluster.name }}
        mirror=${MIRROR:-https://mirror.example.com}
        EOF
"#;

const POOL: &str = r#"
#% for pool in cluster.nodePools
---
apiVersion: cluster.x-k8s.io/v1beta2
kind: MachineDeployment
metadata:
  name: ${{ cluster.name }}-${{ pool.name }}
  namespace: ${{ tenant.name }}
  labels: ${{ cluster.labels }}
spec:
  clusterName: ${{ cluster.name }}
  replicas: ${{ pool.replicas }}
  rollout:
    strategy:
      type: ${{ pool.rollout.strategy }}
      rollingUpdate:
        maxSurge: ${{ pool.rollout.maxSurge }}
        maxUnavailable: ${{ pool.rollout.maxUnavailable }}
  template:
    metadata:
      labels: ${{ pool.labels }}
    spec:
      clusterName: ${{ cluster.name }}
      version: ${{ pool.kubernetes or cluster.kubernetes }}
      failureDomain: ${{ pool.zones | first if pool.zones else none }}
      bootstrap:
        configRef:
          apiGroup: bootstrap.cluster.x-k8s.io
          kind: KubeadmConfigTemplate
          name: ${{ cluster.name }}-${{ pool.name }}
      infrastructureRef:
        apiGroup: infrastructure.cluster.x-k8s.io
        kind: OpenStackMachineTemplate
        name: ${{ cluster.name }}-${{ pool.name }}
---
apiVersion: bootstrap.cluster.x-k8s.io/v1beta2
kind: KubeadmConfigTemplate
metadata:
  name: ${{ cluster.name }}-${{ pool.name }}
  namespace: ${{ tenant.name }}
spec:
  template:
    spec:
      joinConfiguration:
        nodeRegistration:
          name: "{{ local_hostname }}"
          kubeletExtraArgs:
          - name: node-labels
            value: ${{ pool.labels | items | map("join", "=") | join(",") }}
      files:
SCRIPT
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: OpenStackMachineTemplate
metadata:
  name: ${{ cluster.name }}-${{ pool.name }}
  namespace: ${{ tenant.name }}
spec:
  template:
    spec:
      flavor: ${{ pool.machine.flavor }}
      image:
        filter:
          name: ${{ pool.machine.image }}
      sshKeyName: ${{ pool.machine.sshKey }}
      rootVolume:
        sizeGiB: ${{ pool.machine.rootVolume.sizeGiB }}
        type: ${{ pool.machine.rootVolume.type }}
      tags: ${{ pool.machine.tags | omit_empty }}
#% if pool.repair
---
apiVersion: cluster.x-k8s.io/v1beta2
kind: MachineHealthCheck
metadata:
  name: ${{ cluster.name }}-${{ pool.name }}
  namespace: ${{ tenant.name }}
spec:
  clusterName: ${{ cluster.name }}
  selector:
    matchLabels:
      cluster.x-k8s.io/deployment-name: ${{ cluster.name }}-${{ pool.name }}
  checks:
    nodeStartupTimeoutSeconds: ${{ pool.repair.nodeStartup | seconds }}
    unhealthyNodeConditions:
    - type: Ready
      status: "False"
      timeoutSeconds: ${{ pool.repair.unhealthy | seconds }}
  remediation:
    triggerIf:
      unhealthyLessThanOrEqualTo: ${{ pool.repair.maxUnhealthy }}
#% endif
#% endfor
"#;

const VALUES: &str = r#"
cluster:
  name: ${{ cluster.name }}
  id: 7
k8sServiceHost: ${{ cluster.endpoint.host }}
k8sServicePort: ${{ cluster.endpoint.port }}
ipam:
  mode: cluster-pool
  operator:
    clusterPoolIPv4PodCIDRList: ${{ cluster.network.services }}
operator:
  replicas: 2
  rollOutPods: true
  tolerations: [{operator: Exists}]
hubble:
  enabled: true
  metrics:
    enabled: [dns, drop, tcp, flow, icmp, http]
  relay: {enabled: true}
  ui: {enabled: true, ingress: {hosts: ["hubble.${{ cluster.name }}.example.com"]}}
resources:
  limits: {memory: 1Gi}
  requests: {cpu: 100m, memory: 512Mi}
extraConfig: |
  #% for pool in cluster.nodePools
  pool.${{ pool.name }}=${{ pool.replicas }}
  #% endfor
labels: ${{ cluster.labels }}
owner: team-${{ tenant.name }}
"#;

fn template() -> String {
    let scripts = |count: usize| -> String {
        (0..count).map(|index| SCRIPT.replace("NAME", &format!("step-{index}"))).collect()
    };
    let deeper = |scripts: String| scripts.lines().map(|line| format!("  {line}\n")).collect::<String>();
    HEAD.replace("SCRIPT\n", &scripts(14)) + &POOL.replace("SCRIPT\n", &deeper(scripts(9)))
}

fn spec(number: usize) -> String {
    let pool = |name: &str| {
        format!(
            "- name: {name}\n  replicas: 3\n  zones: [a, b]\n  labels: {{role: {name}, example.com/team: platform}}\n  \
             machine: {{flavor: c2.large, image: ubuntu-2404-v1.35.2, rootVolume: {{sizeGiB: 100}}}}\n  \
             repair: {{maxUnhealthy: 40%}}\n"
        )
    };
    format!(
        "name: cluster-{number:04}\nkubernetes: v1.35.2\nlabels: {{tier: production, region: tokyo}}\n\
         endpoint: {{host: 10.0.{}.{}}}\nopenstack: {{identity: {{secret: cloud}}, externalNetwork: {{name: public}}}}\n\
         kubeadm: {{apiServer: {{extraArgs: {{audit-log-maxage: '30', profiling: 'false'}}}}}}\nnodePools:\n{}{}{}",
        number / 256,
        number % 256,
        pool("default"),
        pool("gpu"),
        pool("ingress"),
    )
}

fn schema() -> Arc<Schema> {
    let text = |default: &str| json!({"type": "string", "default": default});
    let map = |properties| json!({"type": "object", "properties": properties});
    let free = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let list = json!({"type": "array", "items": {"type": "string"}});
    let number = |default: u64| json!({"type": "integer", "default": default});
    let machine = map(json!({
        "flavor": {"type": "string"}, "image": {"type": "string"}, "sshKey": {"type": "string"}, "tags": list,
        "rootVolume": map(json!({"sizeGiB": {"type": "integer"}, "type": {"type": "string"}})),
    }));
    let pool = map(json!({
        "name": {"type": "string"}, "kubernetes": {"type": "string"}, "replicas": number(1), "zones": list,
        "labels": free, "annotations": free, "taints": list, "machine": machine,
        "rollout": map(json!({"strategy": text("RollingUpdate"), "maxSurge": number(1), "maxUnavailable": number(0)})),
        "repair": map(json!({"nodeStartup": text("20m"), "unhealthy": text("5m"), "maxUnhealthy": {"type": "string"}})),
        "deletion": map(json!({"drain": {"type": "string"}})),
    }));
    let cluster = map(json!({
        "name": {"type": "string"}, "kubernetes": {"type": "string"}, "paused": {"type": "boolean"},
        "labels": free, "annotations": free,
        "endpoint": map(json!({"host": {"type": "string"}, "port": number(6443), "ca": {"type": "string"}})),
        "network": map(json!({"pods": list, "services": {"type": "array", "default": ["10.96.0.0/12"]}, "domain": text("cluster.local")})),
        "controlPlane": map(json!({"replicas": number(3), "deletion": map(json!({"drain": {"type": "string"}})), "machine": machine})),
        "nodePools": {"type": "array", "items": pool},
        "kubeadm": map(json!({"apiServer": map(json!({"extraArgs": free}))})),
        "openstack": map(json!({
            "identity": map(json!({"secret": {"type": "string"}, "cloud": text("openstack")})),
            "externalNetwork": map(json!({"id": {"type": "string"}, "name": {"type": "string"}})), "tags": list,
        })),
    }));
    Schema::read(&cluster).expect("because the schema is well formed")
}

/// Returns the processor time spent so far.
fn now() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(spent).unwrap_or_default()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = template();
    let failed = |report: Report| format!("{report:?}");
    let template = Template::compile(FileId(0), &text).map_err(failed)?;
    let schema = schema();
    let nodes: Vec<Node> = (0..CLUSTERS)
        .map(|number| {
            let documents = yaml::parse(FileId(1), spec(number).as_bytes(), yaml::Options::SPEC);
            documents.map(|mut documents| documents.remove(0).root)
        })
        .collect::<Result<_, Report>>()
        .map_err(failed)?;
    let tenant = context::plain(&json!({"name": "amsy0930"}));
    let variables = |node: &Node| -> Value {
        context::root([("cluster", context::object(Some(node), &schema)), ("tenant", tenant.clone())])
    };
    let shapes = Shapes::default();
    let mut objects = 0;
    let mut bytes = 0;
    for filled in
        template.fill(&variables(&nodes[0]), Location::new(FileId(1), 0, 0), &shapes).map_err(failed)?
    {
        objects += 1;
        bytes += filled.body.to_string().len();
    }
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = now();
        for node in &nodes {
            let filled =
                template.fill(&variables(node), Location::new(FileId(1), 0, 0), &shapes).map_err(failed)?;
            assert_eq!(filled.len(), objects);
        }
        best = best.min(now().saturating_sub(start));
    }
    println!("template of {} bytes; {objects} objects, {bytes} bytes as JSON, each cluster", text.len());
    println!("{CLUSTERS} clusters rendered and filled in {best:?}, the best of {ROUNDS}");
    let values = yaml::parse(FileId(1), VALUES.as_bytes(), yaml::Options::SPEC).map_err(failed)?;
    let start = now();
    for _ in 0..CLUSTERS {
        Values::compile(&values[0].root).map_err(failed)?;
    }
    println!("values of 30 lines with 8 expressions compiled in {:?}", (now() - start) / CLUSTERS as u32);
    let compiled = Values::compile(&values[0].root).map_err(failed)?;
    let start = now();
    for node in &nodes {
        compiled.fill(&variables(node), Location::new(FileId(1), 0, 0)).map_err(failed)?;
    }
    println!("the same filled in {:?}", (now() - start) / CLUSTERS as u32);
    Ok(())
}
