#!/usr/bin/env python3
"""Writes a fleet of any size, the same for the same arguments: N clusters × M addons, on the reference templates.

    bench/generate.py DIR --clusters 1000 --addons 45 [--seed 1] [--releases 12] [--sets plain|goTemplate]

With --releases, the folder becomes a git repository with a branch for each minor and so many tags on them, each with other versions and
values of three addons, and every cluster is pinned to one of its minor.

With --sets, ApplicationSets and cluster Secrets as others write them, for `preview`: M sets, each with a cluster
generator and six templated texts, and N Secrets with 50 to 100 labels.

Every cluster is an OpenStack cluster with three pools: 15 Cluster API objects. Eight addons have values that depend on
the cluster, two are `*.yaml.j2` manifests, the others are charts with values that are the same for all clusters.
"""

import argparse
import pathlib
import random
import shutil
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
PER_CLUSTER_VALUES = 8
RENDERED = 2
MINORS = ["1.34", "1.35", "1.36"]

FLEET = """\
apiVersion: yoshino.dev/v1alpha1
kind: Fleet
metadata: {name: bench}
spec:
  labelDomain: bench.example.com
  repository: {url: https://git.example.com/platform/fleet.git}
  minors: ["1.34", "1.35", "1.36"]
  management:
    - name: management
"""

DEFAULTS = """\
apiVersion: yoshino.dev/v1alpha1
kind: ClusterDefaults
spec:
  provider: openstack
  network: {pods: [10.244.0.0/16], services: [10.96.0.0/12]}
  controlPlane:
    replicas: 3
    machine: {flavor: m1.large, image: ubuntu-24.04, rootVolume: {sizeGiB: 50, type: fast}}
    repair: {nodeStartup: 20m, unhealthy: 5m, maxUnhealthy: 1}
  kubeadm:
    apiServer: {extraArgs: {audit-log-maxage: "30", audit-log-path: /var/log/audit.log}}
    kubelet: {extraArgs: {max-pods: "200"}}
    files:
      - {path: /etc/sysctl.d/90-limits.conf, content: "fs.inotify.max_user_instances = 8192\\n", permissions: "0644"}
    preKubeadmCommands: ["sysctl --system"]
  openstack:
    identity: {secret: cloud-config, cloud: openstack}
    externalNetwork: {name: public}
    subnets: [{cidr: 10.6.0.0/24, dnsServers: [10.0.0.53]}]
    apiServer: {loadBalancer: true}
"""


def cluster(name, number, chance):
    version = MINORS[number % len(MINORS)]
    pools = "".join(
        f"    - name: {pool}\n"
        f"      replicas: {chance.randint(1, 9)}\n"
        f"      machine: {{flavor: {chance.choice(['m1.large', 'm1.xlarge', 'g1.large'])}, image: ubuntu-24.04, "
        "rootVolume: {sizeGiB: 100, type: fast}}\n"
        f"      labels: {{pool: {pool}}}\n" + ("      repair: {maxUnhealthy: 40%}\n" if pool == "default" else "")
        for pool in ("default", "batch", "ingress")
    )
    tier = chance.choice(["canary", "staging", "production", "production"])
    return (
        "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\n"
        f"metadata: {{name: {name}, labels: {{tier: {tier}}}}}\n"
        f"spec:\n  project: tenant-{number // 20:04}\n  kubernetes: v{version}.{chance.randint(0, 5)}\n"
        f"  endpoint: {{host: 10.{number // 65025 % 255}.{number // 255 % 255}.{number % 255}}}\n  nodePools:\n{pools}"
    )


def addon(name, number, addons):
    head = f"apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {{name: {name}}}\nspec:\n  namespace: {name}\n  enable: {{default: true}}\n"
    if number >= addons - RENDERED:
        return head + f"  source: {{manifests: {{path: addons/{name}/manifests}}}}\n"
    values = "        replicaCount: 2\n        resources: {requests: {cpu: 100m, memory: 128Mi}}\n        tolerations: [{operator: Exists}]\n"
    if number >= addons - RENDERED - PER_CLUSTER_VALUES:
        values += "        clusterName: ${{ cluster.name }}\n        extraArgs:\n          - --cluster=${{ tenant.name }}/${{ cluster.name }}\n"
    per_minor = "".join(f'    - kubernetes: "{minor}"\n      source: {{helm: {{version: 1.{index}.{number}}}}}\n' for index, minor in enumerate(MINORS))
    return (
        head
        + f"  source:\n    helm:\n      repository: https://charts.example.com/{number % 7}\n      chart: {name}\n      version: 1.0.0\n      values:\n{values}"
        + f"  perMinor:\n{per_minor}"
    )


MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${{ addon.name }}
  namespace: ${{ addon.namespace }}
data:
  cluster: ${{ cluster.name }}
  pools: ${{ cluster.nodePools | map(attribute="name") | join(",") }}
---
apiVersion: v1
kind: Service
metadata:
  name: ${{ addon.name }}
  namespace: ${{ addon.namespace }}
spec:
  selector: {app: x}
  ports:
    - {name: http, port: 80}
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--addons", type=int, default=45)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--releases", type=int, default=0)
    parser.add_argument("--sets", choices=["plain", "goTemplate"])
    arguments = parser.parse_args()
    if arguments.sets:
        return sets(arguments.directory, arguments.clusters, arguments.addons, arguments.sets)
    fleet(arguments.directory, arguments.clusters, arguments.addons, arguments.seed)
    if arguments.releases:
        pin(arguments.directory, arguments.addons, arguments.releases)


SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: addon-{number:02}, namespace: argocd}}
spec:
{options}  generators:
    - clusters: {{selector: {{matchLabels: {{argocd.argoproj.io/secret-type: cluster, addons.example.com/addon-{number:02}: "true"}}}}}}
  template:
    metadata:
      name: 'addon-{number:02}-{name}'
      labels: {{example.com/addon: addon-{number:02}, example.com/tier: '{tier}', example.com/team: payments}}
    spec:
      project: '{project}'
      source:
        repoURL: https://git.example.com/platform/addons.git
        path: 'addons/addon-{number:02}/{path}'
        targetRevision: '{version}'
        helm: {{releaseName: addon-{number:02}, valueFiles: [values.yaml, values-production.yaml]}}
      destination: {{server: '{server}', namespace: addon-{number:02}}}
      syncPolicy: {{automated: {{prune: true, selfHeal: true}}, syncOptions: [CreateNamespace=true, ServerSideApply=true]}}
"""

LOOK_UPS = {
    "plain": {
        "name": "{{nameNormalized}}",
        "server": "{{server}}",
        "tier": "{{metadata.labels.example.com/tier}}",
        "project": "{{metadata.labels.example.com/project}}",
        "path": "{{metadata.labels.example.com/minor}}",
        "version": "{{metadata.labels.example.com/version}}",
        "options": "",
    },
    "goTemplate": {
        "name": "{{ .nameNormalized }}",
        "server": "{{ .server }}",
        "tier": '{{ index .metadata.labels "example.com/tier" }}',
        "project": '{{ index .metadata.labels "example.com/project" }}',
        "path": '{{ index .metadata.labels "example.com/minor" }}',
        "version": '{{ index .metadata.labels "example.com/version" }}',
        "options": '  goTemplate: true\n  goTemplateOptions: ["missingkey=error"]\n',
    },
}


def secret(number, addons, chance):
    """Returns a cluster Secret that enables every addon; what the addons do not use of its labels is the owner's."""
    minor = MINORS[number % len(MINORS)]
    labels = {
        "argocd.argoproj.io/secret-type": "cluster",
        "example.com/tier": chance.choice(["canary", "staging", "production"]),
        "example.com/project": f"tenant-{number // 20:04}",
        "example.com/minor": minor,
        "example.com/version": f"v{minor}-ake.{chance.randint(250101, 261121)}",
    }
    labels |= {f"addons.example.com/addon-{addon:02}": "true" for addon in range(addons)}
    most = chance.randint(max(50, len(labels)), max(100, len(labels)))
    labels |= {f"owner.example.com/label-{label:03}": f"value-{chance.randint(0, 999)}" for label in range(most - len(labels))}
    lines = "".join(f'    {key}: "{value}"\n' for key, value in labels.items())
    return (
        f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: cluster-{number:05}\n  namespace: argocd\n  labels:\n{lines}"
        f"type: Opaque\nstringData:\n  name: cluster-{number:05}\n  server: https://10.{number // 65025 % 255}.{number // 255 % 255}.{number % 255}:6443\n"
        '  config: \'{"tlsClientConfig": {"insecure": false}}\'\n'
    )


def sets(root, clusters, addons, language):
    """Writes ApplicationSets to a file each, and all cluster Secrets to one."""
    chance = random.Random(1)
    for number in range(addons):
        write(root / "applicationsets" / f"addon-{number:02}.yaml", SET.format(number=number, **LOOK_UPS[language]))
    write(root / "secrets.yaml", "---\n".join(secret(number, addons, chance) for number in range(clusters)))


def fleet(root, clusters, addons, seed):
    """Writes a fleet to the folder `root`."""
    chance = random.Random(seed)
    write(root / "fleet.yaml", FLEET)
    shutil.copytree(REPOSITORY / "templates" / "openstack", root / "templates" / "openstack")
    write(root / "clusters" / "_defaults.yaml", DEFAULTS)
    for number in range(clusters):
        if number % 20 == 0:
            tenant = f"tenant-{number // 20:04}"
            write(root / "tenants" / f"{tenant}.yaml", f"apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {{name: {tenant}}}\n")
        name = f"cluster-{number:05}"
        write(root / "clusters" / f"tenant-{number // 20:04}" / f"{name}.yaml", cluster(name, number, chance))
    for number in range(addons):
        name = f"addon-{number:02}"
        write(root / "addons" / name / "addon.yaml", addon(name, number, addons))
        if number >= addons - RENDERED:
            write(root / "addons" / name / "manifests" / "all.yaml.j2", MANIFEST)


def git(root, *arguments):
    who = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"]
    subprocess.run(["git", "-C", root, *who, *arguments], check=True)


def release(minor, number):
    """Returns the name of a minor's release: the pattern of tags is the default one."""
    return f"v{minor}-2611{number + 1:02}"


def pin(root, addons, releases):
    """Makes a repository of a fleet: branches, tags, and a pin for every cluster."""
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "a fleet")
    of_minor = {minor: range(releases // len(MINORS) + (index < releases % len(MINORS))) for index, minor in enumerate(MINORS)}
    for minor, numbers in of_minor.items():
        git(root, "checkout", "-q", "-b", f"release/{minor}", "main")
        for number in numbers:
            for changed in range(3):
                path = root / "addons" / f"addon-{(number * 3 + changed) % addons:02}" / "addon.yaml"
                text = path.read_text().replace("version: 1.", f"version: 2{number}.").replace("replicaCount: 2", f"replicaCount: {number + 3}")
                write(path, text + f"  # release {number}\n")
            git(root, "commit", "-q", "--all", "-m", release(minor, number))
            git(root, "tag", "-a", "-m", release(minor, number), release(minor, number))
    git(root, "checkout", "-q", "main")
    for number, path in enumerate(sorted((root / "clusters").rglob("cluster-*.yaml"))):
        minor = MINORS[number % len(MINORS)]
        numbers = of_minor[minor]
        text = path.read_text()
        if numbers:
            write(path, text + f"  release: {release(minor, numbers[number // len(MINORS) % len(numbers)])}\n")
    git(root, "commit", "-q", "--all", "-m", "pins")


if __name__ == "__main__":
    main()
