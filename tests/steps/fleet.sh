# The project's own fleet and its golden cases, by yoshino and by other readers of YAML.

need_pyyaml() {
  need python3
  python3 -c 'import yaml' 2>/dev/null || skip "PyYAML is not installed (pip install pyyaml)"
}

step_render_check() {
  "$(yoshino)" render --check
  echo "rendered/ is what yoshino makes of this tree"
}

# The page is made of the addons' specs, which say everything that it says.
step_catalogue() {
  "$(yoshino)" list addons --format markdown >"$WORK/catalogue.md"
  diff -u docs/catalogue.md "$WORK/catalogue.md" \
    || { echo "docs/catalogue.md is stale: \`yoshino list addons --format markdown >docs/catalogue.md\`"; return 1; }
  echo "docs/catalogue.md says what the specs of the addons say"
}

# No case at all would be no failure to yoshino: a fleet may have none. This one has.
step_golden() {
  "$(yoshino)" test 2>&1 | tee "$WORK/golden.txt"
  ! grep -q '^0 golden cases' "$WORK/golden.txt"
}

# Inputs with the answers of the library that Kubernetes reads YAML with, where they lie beside the checkout.
step_yaml() {
  need python3
  [ -f "$YAML_ANSWERS" ] || skip "no inputs with known answers in shared/corpus/yaml beside the checkout"
  need_pyyaml
  cargo build --locked --quiet --example readback
  target/debug/examples/readback --lines <"$YAML_ANSWERS" >"$WORK/yaml.jsonl"
  python3 tests/readback.py answers "$YAML_ANSWERS" tests/yaml-deviations.tsv <"$WORK/yaml.jsonl"
}

# What is hard to read, written by our writer, and the JSON of the same values.
write_nasty() {
  cargo build --locked --quiet --example yaml_nasty
  rm -rf "$WORK/nasty"
  target/debug/examples/yaml_nasty "$WORK/nasty"
}

step_readback() {
  need_pyyaml
  cargo build --locked --quiet --example readback
  write_nasty
  local pairs=() file
  for file in "$WORK"/nasty/*.yaml; do pairs+=("$file" "${file%.yaml}.json"); done
  python3 tests/readback.py pairs "${pairs[@]}"
  find rendered -name '*.yaml' -print0 | sort -z | xargs -0 target/debug/examples/readback >"$WORK/readback.jsonl"
  python3 tests/readback.py lines rendered <"$WORK/readback.jsonl"
}

step_kubectl() {
  need_pyyaml
  need kubectl
  write_nasty
  python3 tests/readback.py kubectl "$WORK/nasty"
  python3 tests/readback.py kubectl rendered
}

# A fleet of a thousand clusters and a change of it, as a page in Chromium and as JSON.
step_page() {
  need python3
  need chromium
  local fleet=$WORK/page-fleet
  rm -rf "$fleet"
  python3 bench/generate.py "$fleet" --clusters 1000 --addons 45
  git -C "$fleet" init --quiet --initial-branch main
  git -C "$fleet" add --all
  git -C "$fleet" -c user.name=test -c user.email=test@example.com -c commit.gpgsign=false commit --quiet --message base
  # An addon goes from twenty clusters, a chart is upgraded on one minor, the machines of a cluster are others.
  printf '%s\n' 'apiVersion: yoshino.dev/v1alpha1' 'kind: ClusterDefaults' 'spec: {addons: {addon-05: false}}' \
    >"$fleet/clusters/tenant-0003/_defaults.yaml"
  sed -i 's/version: 1\.1\.0}/version: 1.1.9}/' "$fleet/addons/addon-00/addon.yaml"
  sed -i 's/flavor: [a-z0-9.]*/flavor: m2.large/' "$fleet/clusters/tenant-0001/cluster-00020.yaml"
  "$(yoshino)" -C "$fleet" diff --format html >"$WORK/page.html" || [ $? -eq 3 ]
  "$(yoshino)" -C "$fleet" diff --format json >"$WORK/page.json" || [ $? -eq 3 ]
  python3 tests/page.py "$WORK/page.html" "$WORK/page.json"
}
