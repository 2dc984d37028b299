#!/usr/bin/env python3
"""Times rendering against peers and against the floor, all in one run, and prints a Markdown table.

    bench/run.py [--clusters 1000] [--addons 45] [--runs 5] [--yoshino target/release/yoshino] [--scratch /dev/shm]
                 [--oracle target/tests/bin/oracle] [--crdcheck target/tests/bin/crdcheck]

Floor: writing the same bytes to as many files, nothing else. Peers: `helm template` and `kustomize build` once per cluster, for the
Cluster API objects of 20 clusters, where the programs are on the machine; their row is scaled to all clusters and says so.

A fleet whose clusters are pinned to 12 releases is rendered beside the same fleet without pins.

`check` is timed against the API server's own validation of the objects, crdcheck, which `tests/all` builds.

`diff` compares the work tree with a commit, after changes of one cluster and of all. There is no peer to it.

`preview` is timed on ApplicationSets and Secrets as others write them, against Argo CD's own code doing the same: the oracle, which `tests/all`
builds. With `goTemplate` that is given two of the sets only.
"""

import argparse
import os
import pathlib
import platform
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

import generate

SAMPLE = 20


class Figures:
    """What one run of a command took: seconds of wall and processor time, and MiB of memory at the peak."""

    def __init__(self, wall, cpu, memory):
        self.wall, self.cpu, self.memory = wall, cpu, memory


def measured(command, expected=0):
    """Runs a command and returns its figures, those of the processes it started included."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    if os.waitstatus_to_exitcode(status) != expected:
        raise SystemExit(f"{' '.join(map(str, command))}: {message.decode()}")
    return Figures(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(runs):
    return Figures(*(statistics.median(getattr(run, field) for run in runs) for field in ("wall", "cpu", "memory")))


def fresh(scratch):
    # A folder that was never used: some file systems are slow for a while where many files have just been deleted.
    return pathlib.Path(tempfile.mkdtemp(dir=scratch))


def cold(yoshino, fleet, scratch):
    return measured([yoshino, "-C", fleet, "render", "--out", fresh(scratch) / "out"])


def floor(files, scratch):
    """Writes the bytes of a rendering to an empty folder from two threads, folders made beforehand."""
    root = fresh(scratch)
    for folder in {path.parent for path, _ in files}:
        (root / folder).mkdir(parents=True, exist_ok=True)
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)

    def write(part):
        for path, content in part:
            descriptor = os.open(root / path, os.O_WRONLY | os.O_CREAT)
            os.write(descriptor, content)
            os.close(descriptor)

    write(files)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figures(time.perf_counter() - begin, cpu, 0)


def read_tree(root):
    return [(path.relative_to(root), path.read_bytes()) for path in sorted(root.rglob("*")) if path.is_file()]


def sample(rendered):
    """Returns name, namespace and Cluster API objects of some clusters."""
    files = sorted((rendered / "management" / "clusters").rglob("cluster.yaml"))[:SAMPLE]
    return [(path.parent.name, path.parent.parent.name, path.read_text()) for path in files]


def helm_chart(root, clusters):
    """Makes a chart that gives the sample's objects from values."""
    name, namespace, text = clusters[0]
    text = text.replace("{{", "@OPEN@").replace("}}", "@CLOSE@")
    text = text.replace(name, "{{ .Values.name }}").replace(namespace, "{{ .Values.namespace }}")
    text = text.replace("@OPEN@", '{{ "{{" }}').replace("@CLOSE@", '{{ "}}" }}')
    generate.write(root / "chart" / "Chart.yaml", "apiVersion: v2\nname: cluster\nversion: 1.0.0\n")
    generate.write(root / "chart" / "templates" / "cluster.yaml", text)
    for name, namespace, _ in clusters:
        generate.write(root / f"{name}.yaml", f"name: {name}\nnamespace: {namespace}\n")


def kustomize_overlays(root, clusters):
    """Makes a base of one cluster's objects, and an overlay for each of the sample."""
    generate.write(root / "base" / "cluster.yaml", clusters[0][2])
    generate.write(root / "base" / "kustomization.yaml", "resources: [cluster.yaml]\n")
    for name, namespace, _ in clusters:
        overlay = f"resources: [../../base]\nnamespace: {namespace}\nnamePrefix: {name}-\nlabels:\n  - pairs: {{cluster: {name}}}\n"
        patch = "patches:\n  - target: {kind: KubeadmControlPlane}\n    patch: '[{\"op\": \"replace\", \"path\": \"/spec/replicas\", \"value\": 5}]'\n"
        generate.write(root / "overlays" / name / "kustomization.yaml", overlay + patch)


def peers(rendered, scratch, clusters_in_all):
    """Yields a row for each peer that is on the machine, and says which is not."""
    clusters = sample(rendered)
    root = fresh(scratch)
    helm_chart(root, clusters)
    kustomize_overlays(root, clusters)
    kustomize = [shutil.which("kustomize"), "build"] if shutil.which("kustomize") else [shutil.which("kubectl"), "kustomize"]
    commands = {
        "`helm template`, once per cluster": (shutil.which("helm"), lambda helm, name: [helm, "template", name, root / "chart", "-f", root / f"{name}.yaml"]),
        f"`{pathlib.Path(kustomize[0] or 'kustomize').name} {kustomize[1]}`, once per cluster": (
            kustomize[0],
            lambda _, name: [*kustomize, root / "overlays" / name],
        ),
    }
    for label, (program, command) in commands.items():
        if program is None:
            print(f"{label}: not run, the program is not on this machine\n")
            continue
        runs = [measured(command(program, name)) for name, _, _ in clusters]
        share = clusters_in_all / len(clusters)
        total = Figures(sum(run.wall for run in runs) * share, sum(run.cpu for run in runs) * share, max(run.memory for run in runs))
        yield f"{label} (objects of {len(clusters)} clusters, × {share:g})", total


def change_one_cluster(fleet):
    spec = sorted((fleet / "clusters").rglob("cluster-*.yaml"))[0]
    spec.write_text(spec.read_text().replace("replicas: ", "replicas: 1", 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--addons", type=int, default=45)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--yoshino", type=pathlib.Path, default=generate.REPOSITORY / "target" / "release" / "yoshino")
    parser.add_argument("--oracle", type=pathlib.Path, default=generate.REPOSITORY / "target" / "tests" / "bin" / "oracle")
    parser.add_argument("--crdcheck", type=pathlib.Path, default=generate.REPOSITORY / "target" / "tests" / "bin" / "crdcheck")
    parser.add_argument("--scratch", default="/dev/shm" if os.path.isdir("/dev/shm") else None)
    arguments = parser.parse_args()
    scratch = fresh(arguments.scratch)
    try:
        report(arguments, scratch)
        report_pins(arguments, scratch)
        report_check(arguments, scratch)
        report_diff(arguments, scratch)
        report_preview(arguments, scratch)
    finally:
        shutil.rmtree(scratch)


def report(arguments, scratch):
    yoshino, fleet = arguments.yoshino.resolve(), scratch / "fleet"
    generate.fleet(fleet, arguments.clusters, arguments.addons, seed=1)
    subprocess.run(["git", "init", "-q", fleet], check=True)
    rows = [("`yoshino render`, into an empty folder", median([cold(yoshino, fleet, scratch) for _ in range(arguments.runs)]))]

    measured([yoshino, "-C", fleet, "render"])
    # The first run after a change takes note of what it found; the ones after it have nothing to do.
    measured([yoshino, "-C", fleet, "render"])
    rows.append(("`yoshino render`, nothing changed", median([measured([yoshino, "-C", fleet, "render"]) for _ in range(arguments.runs)])))
    files = read_tree(fleet / "rendered")
    change_one_cluster(fleet)
    check = [yoshino, "-C", fleet, "render", "--check"]
    rows.append(("`yoshino render --check`, one cluster changed", median([measured(check, expected=1) for _ in range(arguments.runs)])))
    rows.append(("floor: the same bytes written, nothing else", median([floor(files, scratch) for _ in range(arguments.runs)])))
    rows.extend(peers(fleet / "rendered", scratch, arguments.clusters))

    size = sum(len(content) for _, content in files)
    print(f"{arguments.clusters} clusters × {arguments.addons} addons: {len(files)} files, {size / 1e6:.1f} MB; median of {arguments.runs} runs; {machine()}\n")
    print("| what | wall s | CPU s | peak MiB | wall, to the first row |\n| --- | --- | --- | --- | --- |")
    for label, figures in rows:
        memory = f"{figures.memory:.0f}" if figures.memory else "–"
        print(f"| {label} | {figures.wall:.3f} | {figures.cpu:.3f} | {memory} | {figures.wall / rows[0][1].wall:.2f} |")


RELEASES = 12


def report_pins(arguments, scratch):
    yoshino = arguments.yoshino.resolve()
    unpinned, pinned = fresh(scratch) / "unpinned", fresh(scratch) / "pinned"
    for fleet in (unpinned, pinned):
        generate.fleet(fleet, arguments.clusters, arguments.addons, seed=1)
    subprocess.run(["git", "init", "-q", unpinned], check=True)
    generate.pin(pinned, arguments.addons, RELEASES)
    # In turn, so that whatever else the machine does falls on both.
    runs = [(cold(yoshino, unpinned, scratch), cold(yoshino, pinned, scratch)) for _ in range(arguments.runs)]
    rows = [(f"`yoshino render`, {what}", median(list(of))) for what, of in zip(("no pins", f"all pinned to {RELEASES} releases"), zip(*runs))]
    for _ in range(2):
        measured([yoshino, "-C", pinned, "render"])
    again = [measured([yoshino, "-C", pinned, "render"]) for _ in range(arguments.runs)]
    rows.append(("`yoshino render`, pinned, nothing changed", median(again)))
    print(f"\n{arguments.clusters} clusters × {arguments.addons} addons, pinned; median of {arguments.runs} runs; {machine()}\n")
    print_table(rows)


def committed(fleet):
    """Makes a repository of the fleet, with all of it committed; returns git in there."""
    git = ["git", "-C", fleet, "-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "init", "-q", "-b", "main", fleet], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "base"], check=True)
    return git


def report_check(arguments, scratch):
    yoshino, fleet = arguments.yoshino.resolve(), fresh(scratch) / "fleet"
    generate.fleet(fleet, arguments.clusters, arguments.addons, seed=1)
    committed(fleet)
    change_one_cluster(fleet)
    check = [yoshino, "-C", fleet, "check"]
    rows = [("`yoshino check`, every rule, versions against the commit before", median([measured(check) for _ in range(arguments.runs)]))]
    if arguments.crdcheck.is_file():
        measured([yoshino, "-C", fleet, "render"])
        unchecked = "infrastructure.cluster.x-k8s.io/*=not here"
        peer = [arguments.crdcheck.resolve(), "--skip-folder", "values", "--unchecked", unchecked, fleet / "rendered"]
        rows.append(("the API server's own validation of the objects that `render` wrote", median([measured(peer)])))
    else:
        print(f"the API server's own validation: not run, {arguments.crdcheck} is not built")
    print(f"\n{arguments.clusters} clusters × {arguments.addons} addons, checked; median of {arguments.runs} runs, the peer once; {machine()}\n")
    print_table(rows)


def one_label(fleet):
    spec = sorted((fleet / "clusters").rglob("cluster-*.yaml"))[0]
    spec.write_text(spec.read_text().replace("tier: ", "team: blue, tier: ", 1))


def one_addon(fleet):
    spec = sorted((fleet / "clusters").rglob("cluster-*.yaml"))[0]
    spec.write_text(spec.read_text() + "  addons: {addon-05: false}\n")


def for_all(text):
    def change(fleet):
        defaults = fleet / "clusters" / "_defaults.yaml"
        defaults.write_text(defaults.read_text() + text)

    return change


# What is changed, and how `diff` exits then: 3 where more goes than the fleet's limits let through.
CHANGES = [
    ("a label of one cluster", one_label, 0),
    ("an addon off on one cluster", one_addon, 3),
    ("a label of all clusters", for_all("  labels: {team: blue}\n"), 0),
    ("an addon off on all clusters", for_all("  addons: {addon-05: false}\n"), 3),
]


def report_diff(arguments, scratch):
    yoshino, fleet = arguments.yoshino.resolve(), fresh(scratch) / "fleet"
    generate.fleet(fleet, arguments.clusters, arguments.addons, seed=1)
    git = committed(fleet)
    rows = []
    for label, change, expected in CHANGES:
        change(fleet)
        runs = [measured([yoshino, "-C", fleet, "diff"], expected) for _ in range(arguments.runs)]
        rows.append((f"`yoshino diff`, {label}", median(runs)))
        subprocess.run([*git, "checkout", "-q", "."], check=True)
    print(f"\n{arguments.clusters} clusters × {arguments.addons} addons, compared; median of {arguments.runs} runs; {machine()}\n")
    print_table(rows)


def print_table(rows):
    print("| what | wall s | CPU s | peak MiB |\n| --- | --- | --- | --- |")
    for label, figures in rows:
        print(f"| {label} | {figures.wall:.3f} | {figures.cpu:.3f} | {figures.memory:.0f} |")


def report_preview(arguments, scratch):
    sets, clusters = arguments.addons, arguments.clusters
    rows = []
    for language, label in (("plain", "plain look-ups"), ("goTemplate", "`goTemplate`")):
        rows.extend(preview_rows(arguments, fresh(scratch) / language, language, label))
    print(f"\n{sets} ApplicationSets × {clusters} Secrets of 50 to 100 labels: {sets * clusters} Applications; median of {arguments.runs} runs; {machine()}\n")
    print_table(rows)


def preview_rows(arguments, root, language, label):
    """Yields the rows of one language; Argo CD's own code gets fewer sets where it takes minutes."""
    generate.sets(root, arguments.clusters, arguments.addons, language)
    for name, form in (("a table", "text"), ("JSON", "json")):
        command = [arguments.yoshino.resolve(), "preview", root, "--format", form]
        yield f"`yoshino preview`, {label}, {name}", median([measured(command) for _ in range(arguments.runs)])
    if not arguments.oracle.exists():
        print(f"Argo CD's own code, {label}: not run, {arguments.oracle} is not built")
        return
    share = 2 if language == "goTemplate" and arguments.addons > 2 else arguments.addons
    files = sorted((root / "applicationsets").iterdir())[:share]
    run = measured([arguments.oracle.resolve(), "expand", *files, root / "secrets.yaml"])
    scale = arguments.addons / share
    scaled = f" ({share} sets, × {scale:g})" if scale > 1 else ""
    yield f"Argo CD's own code, {label}{scaled}", Figures(run.wall * scale, run.cpu * scale, run.memory)


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
    return f"{os.cpu_count()} cores ({model}), Linux {platform.release()}, {os.getloadavg()[0]:.1f} load before"


if __name__ == "__main__":
    main()
