#!/usr/bin/env bash
# Runs NVIDIA's Python HTTP clients against a running server, and prints what each method did.
# Usage: integration-tests/clients/http.sh [HOST:PORT], 127.0.0.1:8000 by default. The environment is made beside the build.
# With --purekv.trace-file=FILE the server also traces for them.
set -euo pipefail
cd "$(dirname "$0")"
environment=../target/clients-http
if [[ ! -x $environment/bin/python ]]; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --requirement requirements-http.txt
fi
exec "$environment/bin/python" http_clients.py "${1:-127.0.0.1:8000}"
