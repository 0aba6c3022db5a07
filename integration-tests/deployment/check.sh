#!/bin/sh
# Checks what cannot run without a cluster: check.sh [SCHEMAS]
# Renders the chart in its four shapes and holds everything against the schemas of Kubernetes and of the operators; tests the
# alert rules; reads the compose file. It does what the tools allow that are here, and says what it did not do. All of it needs
#   go install helm.sh/helm/v3/cmd/helm@v3.19.0 github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0
#   apt-get install prometheus docker-compose
# SCHEMAS is a folder of KIND-GROUP-VERSION.json, as schemas.sh gathers them; kubeconform downloads them otherwise.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
host=https://raw.githubusercontent.com
catalog="$host/datreeio/CRDs-catalog/main"
missing=

# without WHAT: says that it was not done
without() {
  echo "NOT CHECKED: $1" >&2
  missing=yes
}

here() {
  command -v "$1" > /dev/null 2>&1
}

if here helm; then
  chart=helm/purekv
  helm lint --strict "$chart" --set keys.allowAnonymous=true
  if helm template test "$chart" > /dev/null 2>&1; then
    echo "the chart renders although nobody said who may come in" >&2
    exit 1
  fi
  helm template test "$chart" --set keys.allowAnonymous=true > "$folder/least.yaml"
  helm template test "$chart" --set keys.existingSecret=keys,models.existingClaim=models > "$folder/usual.yaml"
  all="--set keys.existingSecret=keys,models.existingClaim=models,autoscaling.enabled=true,settingsSecret=store
    --set monitoring.podMonitor=true,monitoring.alerts=true,monitoring.dashboard=true,javaOptions=-Xmx2g"
  if helm template test "$chart" $all > /dev/null 2>&1; then
    echo "the chart renders although Prometheus has no key" >&2
    exit 1
  fi
  helm template test "$chart" $all --set keys.metrics.secret=prometheus > "$folder/all.yaml"
  if helm template test "$chart" --set keys.existingSecret=keys,state.existingClaim=state,replicas=2 > /dev/null 2>&1; then
    echo "the chart lets two pods use the files of one console" >&2
    exit 1
  fi
  helm template test "$chart" --set keys.existingSecret=keys,state.existingClaim=state > "$folder/state.yaml"
else
  without "the chart (no helm)"
fi

if ! here kubeconform; then
  without "files against schemas (no kubeconform)"
elif [ $# -gt 0 ]; then
  kubeconform -summary -strict -schema-location "$1/{{.ResourceKind}}{{.KindSuffix}}.json" "$folder" kserve gateway
elif curl -fs --max-time 10 -o /dev/null "$catalog/README.md"; then
  kubeconform -summary -strict -schema-location default \
    -schema-location "$catalog/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json" "$folder" kserve gateway
else
  without "files against schemas ($host is not reached, and no folder of schemas was given)"
fi

if here promtool; then
  promtool check rules helm/purekv/files/alerts.yml
  promtool test rules alerts_test.yml
else
  without "alert rules (no promtool)"
fi

if here docker-compose; then
  docker-compose -f compose/docker-compose.yml config -q
else
  without "the compose file (no docker-compose)"
fi
[ -z "$missing" ] && echo "all well" || echo "all well, as far as it was checked"
