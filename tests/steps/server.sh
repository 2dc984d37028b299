# The real API server, and the real controllers on it. Their programs take minutes to build, so these steps run where the
# programs are cached, or where YOSHINO_BUILD_ALL=1 asks for them.

# Prints the folder of the programs of the given targets, or ends the step with the reason why there is none.
control_plane() {
  need go
  local answer
  if [ "${YOSHINO_BUILD_ALL:-}" = 1 ]; then
    tests/apiserver/build "$@"
    return
  fi
  answer=$(tests/apiserver/build --cached "$@") || skip "$answer; YOSHINO_BUILD_ALL=1 builds them"
  echo "$answer"
}

# One lab for each management cluster of rendered/: `lab_over COMMAND TARGETS...`.
lab_over() {
  local command=$1 programs folder management domain namespace suffix release failed=
  shift
  programs=$(control_plane "$@") || { echo "$programs"; exit "$SKIPPED"; }
  need_pyyaml
  go_tool lab
  go_tool crdcheck
  "$TOOLS/crdcheck" --print-folders >"$WORK/definitions.txt"
  rendered_trees rendered >"$WORK/rendered.tsv"
  while IFS=$'\t' read -r folder management domain namespace suffix release; do
    mapfile -t definitions < <(definition_flags "$command" "$release")
    "$TOOLS/lab" "$command" --programs "$programs" --logs "$WORK/lab-$command-$management" --namespace "$namespace" \
      --unserved 'external-secrets.io/*' "${definitions[@]}" --management "$management" \
      --expected tests/recorded/rendered-applications.json "$folder" 2>&1 | sed "s/^/$management: /" || failed=1
  done <"$WORK/rendered.tsv"
  [ -z "$failed" ]
}

# Cluster API's own CRDs come with their webhooks where its managers run, plainly where they do not.
definition_flags() {
  local folder program openstack
  while read -r folder; do
    program=
    if [ "$1" = run ]; then
      case $folder in
        */core/config/crd/bases) program=cluster-api-core ;;
        */bootstrap/kubeadm/config/crd/bases) program=cluster-api-bootstrap ;;
        */controlplane/kubeadm/config/crd/bases) program=cluster-api-control-plane ;;
        */infrastructure/docker/config/crd/bases) program=cluster-api-infrastructure ;;
      esac
    fi
    if [ -n "$program" ]; then printf -- '--provider\n%s=%s\n' "$program" "${folder%/crd/bases}"; else printf -- '--crds\n%s\n' "$folder"; fi
  done <"$WORK/definitions.txt"
  openstack=$(openstack_folder "$2")
  if [ -n "$openstack" ]; then printf -- '--crds\n%s\n' "$openstack"; else printf -- '--unserved\ninfrastructure.cluster.x-k8s.io/OpenStack*\n'; fi
}

step_apiserver() {
  lab_over apply server | tee "$WORK/apiserver.txt"
  echo "$(grep -c 'a second apply changed nothing' "$WORK/apiserver.txt") trees applied twice"
}

step_controllers() {
  lab_over run server controllers | tee "$WORK/controllers.txt"
  echo "$(grep -c 'has come up' "$WORK/controllers.txt") in-memory clusters came up; $(grep -oE '[0-9]+ Applications made' "$WORK/controllers.txt" | paste -sd, | sed 's/,/, /g')"
}
