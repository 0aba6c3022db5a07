#!/usr/bin/env bash
# Runs NVIDIA's Python gRPC clients against a running server, and prints what each method did.
# Usage: integration-tests/clients/grpc.sh [HOST:PORT [METRICS_HOST:PORT]], 127.0.0.1:8001 and 127.0.0.1:8002 by default. The
# environment is made beside the build.
set -euo pipefail
cd "$(dirname "$0")"
environment=../target/clients-grpc
if [[ ! -x $environment/bin/python ]]; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --requirement requirements-grpc.txt
fi
exec "$environment/bin/python" grpc_clients.py "${1:-127.0.0.1:8001}" "${2:-127.0.0.1:8002}"
