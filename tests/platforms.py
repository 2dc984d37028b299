#!/usr/bin/env python3
"""Two platforms with their whole sets of addons, on every minor that the reference fleet supports.

    tests/platforms.py write FOLDER    a fleet of these clusters, with this fleet's addons, templates and tenants
    tests/platforms.py judge FOLDER FILE
                                       fails unless every addon is on one of its clusters, and all findings in FILE, which
                                       `check --format json` printed, are of lifecycles

It must not know what an addon is made of.
"""
import json
import pathlib
import shutil
import sys

import yaml

HERE = pathlib.Path(__file__).parent / "platforms"
# What each network needs on a cluster, and what stays off there.
NETWORKS = {"cilium": ["cilium"], "calico": ["calico", "calico-crds"]}
LIFECYCLE = {"addon-lifecycle", "addon-retired"}


def cluster(template, minor, number, **words):
    text = (HERE / template).read_text(encoding="utf-8")
    words |= {"VERSION": f"{minor}.1", "MINOR": minor.replace(".", "-"), "ADDRESS": f"203.0.113.{number}"}
    for word, value in words.items():
        text = text.replace(word, value)
    return yaml.safe_load(text)


def clusters(minors):
    number = 10
    for minor in minors:
        for network, addons in NETWORKS.items():
            number += 1
            declared = cluster("openstack.yaml", minor, number, CNI=network)
            declared["spec"]["addons"] |= {name: name in addons for names in NETWORKS.values() for name in names}
            yield declared
        number += 1
        yield cluster("aws.yaml", minor, number)


def write(folder):
    fleet = yaml.safe_load(pathlib.Path("fleet.yaml").read_text(encoding="utf-8"))
    fleet["spec"]["management"] = fleet["spec"]["management"][:1]
    for name in ("addons", "templates"):
        shutil.copytree(name, folder / name)
    (folder / "tenants").mkdir()
    shutil.copy("tenants/platform.yaml", folder / "tenants")
    (folder / "fleet.yaml").write_text(yaml.safe_dump(fleet), encoding="utf-8")
    (folder / "clusters").mkdir()
    for declared in clusters(fleet["spec"]["minors"]):
        path = folder / "clusters" / f"{declared['metadata']['name']}.yaml"
        path.write_text(yaml.safe_dump(declared), encoding="utf-8")


def judge(folder, file):
    addons = {path.parent.name for path in folder.glob("addons/*/addon.yaml")}
    for path in folder.glob("clusters/*.yaml"):
        switches = yaml.safe_load(path.read_text(encoding="utf-8"))["spec"]["addons"]
        addons -= {name for name, switch in switches.items() if switch}
    if addons:
        sys.exit(f"on no platform: {', '.join(sorted(addons))}")
    found = json.loads(file.read_text(encoding="utf-8"))["diagnostics"]
    other = [finding for finding in found if finding["rule"] not in LIFECYCLE]
    for finding in other[:20]:
        print(json.dumps(finding), file=sys.stderr)
    if other or not found:
        sys.exit("findings that are not of lifecycles, or none of them, where there are retired addons")
    print(f"{len(found)} findings, all of lifecycles")


def main():
    match sys.argv[1:]:
        case ["write", folder]:
            write(pathlib.Path(folder))
        case ["judge", folder, file]:
            judge(pathlib.Path(folder), pathlib.Path(file))
        case _:
            sys.exit(__doc__)


main()
