#!/bin/sh
# Checks what cannot run without a cluster: check.sh [SCHEMAS]
# Renders the chart in its three shapes and holds everything against the schemas of Kubernetes and of the operators; tests the
# alert rules; reads the compose file. Needs helm, kubeconform, promtool and docker-compose, for example:
#   go install helm.sh/helm/v3/cmd/helm@v3.19.0 github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0
#   apt-get install prometheus docker-compose
# SCHEMAS is a folder of KIND-GROUP-VERSION.json; kubeconform downloads them otherwise.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if [ $# -gt 0 ]; then
  set -- -schema-location "$1/{{.ResourceKind}}{{.KindSuffix}}.json"
else
  set -- -schema-location default \
    -schema-location 'https://raw.githubusercontent.com/datreeio/CRDs-catalog/main/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json'
fi
chart=helm/purekv
helm lint --strict "$chart" --set keys.allowAnonymous=true
if helm template test "$chart" > /dev/null 2>&1; then
  echo "the chart renders although nobody said who may come in" >&2
  exit 1
fi
helm template test "$chart" --set keys.allowAnonymous=true > "$folder/least.yaml"
helm template test "$chart" --set keys.existingSecret=keys,models.existingClaim=models > "$folder/usual.yaml"
helm template test "$chart" --set keys.existingSecret=keys,models.existingClaim=models,autoscaling.enabled=true \
  --set monitoring.podMonitor=true,monitoring.alerts=true,monitoring.dashboard=true,javaOptions=-Xmx2g > "$folder/all.yaml"
kubeconform -summary -strict "$@" "$folder" kserve gateway
promtool check rules helm/purekv/files/alerts.yml
promtool test rules alerts_test.yml
docker-compose -f compose/docker-compose.yml config -q
echo "all well"
