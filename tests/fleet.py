#!/usr/bin/env python3
"""Finds rendered trees and prints what judging them needs, one management cluster a line, tab-separated:

folder, management, labelDomain, Argo CD namespace, suffix of addon projects, release of the OpenStack provider

    tests/fleet.py rendered golden

A folder called `rendered` belongs to the fleet.yaml beside it, or to repo/fleet.yaml there; golden cases that have none
use the one of this folder. It must not judge anything.
"""
import pathlib
import sys

import yaml

DEFAULTS = {"namespace": "argocd", "addonProject": "{project}-platform"}


def fleet_of(rendered):
    """The Fleet's spec, or {} where there is no fleet at all."""
    beside = rendered.parent
    for candidate in (beside / "fleet.yaml", beside / "repo" / "fleet.yaml", pathlib.Path("fleet.yaml")):
        if candidate.is_file():
            documents = yaml.safe_load_all(candidate.read_text(encoding="utf-8-sig"))
            return next((d["spec"] for d in documents if d and d.get("kind") == "Fleet"), {})
    return {}


def rendered_folders(arguments):
    for argument in arguments:
        root = pathlib.Path(argument)
        yield from [root] if root.name == "rendered" else sorted(p for p in root.rglob("rendered") if p.is_dir())


def line(folder, spec):
    management = next((m for m in spec.get("management") or [] if m.get("name") == folder.name), {})
    argocd = DEFAULTS | (management.get("argocd") or {})
    openstack = (management.get("clusterApi") or {}).get("openstack", "0.15")
    suffix = argocd["addonProject"].removeprefix("{project}")
    return "\t".join([str(folder), folder.name, spec.get("labelDomain", ""), argocd["namespace"], suffix, str(openstack)])


def main():
    for rendered in rendered_folders(sys.argv[1:]):
        if not rendered.is_dir():
            sys.exit(f"{rendered}: no such folder")
        spec = fleet_of(rendered)
        for folder in sorted(p for p in rendered.iterdir() if p.is_dir()):
            print(line(folder, spec))


main()
