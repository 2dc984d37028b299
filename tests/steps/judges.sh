# What Kubernetes and Argo CD say of the objects, by their own packages.

# Builds tests/<name> into target/tests/bin. Go's own cache makes this a second where nothing changed.
go_tool() {
  need go
  go -C "$REPOSITORY/tests/$1" build -p 2 -o "$TOOLS/$1" .
}

# Prints `folder management domain namespace suffix release` for each rendered tree of the arguments.
rendered_trees() { python3 tests/fleet.py "$@"; }

step_go_tests() {
  need go
  local module
  for module in tests/*/go.mod; do
    # tests/apiserver holds others' programs and nothing of ours to test; its own step builds it.
    [ "$module" = tests/apiserver/go.mod ] && continue
    go -C "$(dirname "$module")" vet ./...
    go -C "$(dirname "$module")" test -p 2 ./...
  done
  echo "vetted and tested"
}

step_crdcheck() {
  local failed=
  rm -f "$WORK"/crdcheck-*.txt
  judge_by_definitions rendered golden || failed=1
  check_addons || failed=1
  echo "$(tail -qn 1 "$WORK"/crdcheck-*.txt | paste -sd'|' | sed 's/|/ | /g')"
  [ -z "$failed" ]
}

# One run for each release of the OpenStack provider that a management cluster names: an object must be valid for the
# CRDs that are installed where it goes.
judge_by_definitions() {
  need_pyyaml
  go_tool crdcheck
  local releases release folders definitions failed=
  rendered_trees "$@" >"$WORK/trees.tsv"
  releases=$(cut -f6 "$WORK/trees.tsv" | sort -u)
  for release in $releases; do
    mapfile -t folders < <(awk -F'\t' -v release="$release" '$6 == release { print $1 }' "$WORK/trees.tsv")
    mapfile -t definitions < <(openstack_definitions "$release")
    "$TOOLS/crdcheck" --skip-folder values "${definitions[@]}" "${folders[@]}" | tee "$WORK/crdcheck-$release.txt" || failed=1
    echo "OpenStack provider $release: ${#folders[@]} trees"
  done
  [ -z "$failed" ]
}

# The OpenStack provider is not to be had as a Go module. Its CRDs are used where they lie beside the checkout.
openstack_folder() {
  local folder
  for folder in "$CAPO_CRDS/$1" "$CAPO_CRDS/$1".*; do
    [ -d "$folder" ] && { echo "$folder"; return; }
  done
}

openstack_definitions() {
  local folder
  folder=$(openstack_folder "$1")
  if [ -n "$folder" ]; then
    printf -- '--crds\n%s\n' "$folder"
  else
    printf -- '--unchecked\n%s\n' "infrastructure.cluster.x-k8s.io/OpenStack*=no CRDs of the OpenStack provider $1 beside the checkout"
  fi
}

# Addons' own manifests: plain YAML and kustomizations. Templates (*.j2) are judged as they are rendered.
check_addons() {
  [ -d addons ] || { echo "no addons/"; return 1; }
  local definitions
  definitions=$(gatekeeper_definitions) || { echo "no CRDs of Gatekeeper: $definitions"; return 1; }
  "$TOOLS/crdcheck" --skip-folder values --crds "$definitions" \
    --unchecked "constraints.gatekeeper.sh/*=Gatekeeper makes its CRD of the template" addons | tee "$WORK/crdcheck-addons.txt"
}

# The CRDs that the chart of the catalogue brings lie in the Go module of the same release.
gatekeeper_definitions() {
  local release
  release=$(sed -n 's/^ *version: //p' addons/gatekeeper/addon.yaml)
  GOFLAGS="" go -C / mod download -json "github.com/open-policy-agent/gatekeeper/v3@v$release" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"] + "/charts/gatekeeper/crds")'
}

# The table of what each minor serves must still be what Kubernetes' modules say.
step_apis() {
  need go
  need python3
  python3 tests/kubernetes_apis.py --check
}

# What `check` knows of kinds must be what tests/crdcheck makes of the pinned modules.
step_schemas() {
  go_tool crdcheck
  local folder
  folder=$(openstack_folder 0.15)
  [ -n "$folder" ] || skip "no CRDs of the OpenStack provider 0.15 beside the checkout"
  go mod download -json sigs.k8s.io/cluster-api@v1.14.0 >/dev/null || skip "Go modules cannot be fetched"
  "$TOOLS/crdcheck" --bundle "$WORK/bundle.json" "$folder"
  cmp "$WORK/bundle.json" src/crd/bundle.json || {
    echo "the schemas are others; to take them: target/tests/bin/crdcheck --bundle src/crd/bundle.json FOLDER-OF-OPENSTACK-0.15"
    return 1
  }
  echo "$(grep -c '^{"group"' src/crd/bundle.json) kinds, $(wc -c <src/crd/bundle.json) bytes"
}

step_oracle() {
  judge_by_oracle rendered
}

# Two platforms with all their addons on every minor: what the catalogue claims holds together, for the rules, for the
# CRDs and for Argo CD's own code.
step_platforms() {
  need_pyyaml
  local fleet=$WORK/platforms
  rm -rf "$fleet"
  mkdir -p "$fleet"
  python3 tests/platforms.py write "$fleet"
  "$(yoshino)" -C "$fleet" render
  # Addons that have come to their end are errors there, and `judge` wants to see them.
  "$(yoshino)" -C "$fleet" check --format json >"$WORK/platforms.json" || [ $? -eq 2 ]
  python3 tests/platforms.py judge "$fleet" "$WORK/platforms.json"
  judge_by_definitions "$fleet/rendered"
  judge_by_oracle "$fleet/rendered"
  echo "$(find "$fleet/clusters" -type f | wc -l) clusters with $(find "$fleet/addons" -name addon.yaml | wc -l) addons: clean, valid, and as many Applications as there should be"
}

# A fleet on five releases, made by the tool itself: every cluster gets the revisions of its own.
step_releases() {
  local loop=target/tmp/whole_loop/loop/rendered
  cargo test --quiet --locked --test whole_loop
  judge_by_oracle "$loop"
  python3 tests/yardstick.py "$(yoshino)" --folders "$TOOLS/oracle" "$loop"/*/
}

# Argo CD's own code must make one permitted Application for each cluster and enabled addon.
judge_by_oracle() {
  need_pyyaml
  go_tool oracle
  local folder management domain namespace suffix failed=
  rendered_trees "$1" >"$WORK/rendered.tsv"
  while IFS=$'\t' read -r folder management domain namespace suffix _; do
    "$TOOLS/oracle" expand --strict --namespace "$namespace" "$folder" >"$WORK/expand-$management.json" \
      || { failed=1; echo "$folder: sets with errors"; grep -nE '"(error|validation|unknownFields|invalidGenerators)": [^n]' -A 4 "$WORK/expand-$management.json" | head -n 40; }
    "$TOOLS/oracle" cover --namespace "$namespace" --label-domain "$domain" --platform-suffix "$suffix" "$folder" || failed=1
    "$TOOLS/oracle" permit --namespace "$namespace" --label-domain "$domain" --platform-suffix "$suffix" "$folder" \
      >"$WORK/permit-$management.json" || { failed=1; head -n 200 "$WORK/permit-$management.json"; }
  done <"$WORK/rendered.tsv"
  [ -z "$failed" ]
  echo "one permitted Application for each cluster and enabled addon, on $(wc -l <"$WORK/rendered.tsv") management clusters"
}

# What the Rust tests compare with must still be what Argo CD says.
step_recorded() {
  need_pyyaml
  go_tool oracle
  ORACLE=$TOOLS/oracle tests/oracle/record --check
}

# Random sets, answered by the library and by Argo CD's code at the same time; what differs is made small and shown.
step_random() {
  need go
  go_tool oracle
  YOSHINO_ORACLE=$TOOLS/oracle YOSHINO_RANDOM_CASES=${YOSHINO_RANDOM_CASES:-2000} \
    cargo test --quiet --test random -- --nocapture | tee "$WORK/random.txt" | grep -v '^$'
  echo "$(grep -oE '^[0-9]+ cases of seed [0-9]+' "$WORK/random.txt"): $(tr -s ' \n' ' ' <"$WORK/random.txt" | grep -oE '(equal|errors|random): [0-9]+' | paste -sd',' | sed 's/,/, /g')"
}

step_yardstick() {
  need go
  [ -d "$ORACLE_CASES" ] || skip "no folder of ApplicationSets with known answers in shared/corpus/argocd-cases beside the checkout"
  YOSHINO_ORACLE_CASES=$(realpath "$ORACLE_CASES") go -C tests/oracle test -count=1 -v -run Yardstick . | tee "$WORK/yardstick.txt" | grep -E '^ *--- (FAIL|SKIP)|cases$' || true
  echo "$(grep -c -- '^ *--- PASS: .*/' "$WORK/yardstick.txt") cases answered as expected, $(grep -c -- '^ *--- SKIP' "$WORK/yardstick.txt") that depend on map order left out"
  grep -q '^ok' "$WORK/yardstick.txt"
  need python3
  go_tool oracle
  local sets=()
  [ -d "$(dirname "$ORACLE_CASES")/appsets" ] && sets=("$TOOLS/oracle" "$(dirname "$ORACLE_CASES")/appsets")
  python3 tests/yardstick.py "$(yoshino)" "$ORACLE_CASES" "${sets[@]}"
}
