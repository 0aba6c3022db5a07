#!/usr/bin/env bash
# Runs NVIDIA's perf_analyzer and genai-perf against a running server, and prints what each mode did.
# Usage: integration-tests/clients/profilers.sh [HOST [HTTP GRPC METRICS]], 127.0.0.1 8000 8001 8002 by default.
# perf_analyzer's wheel wants glibc 2.38 (Debian 13, Ubuntu 24.04); PERF_ANALYZER=/path names another build of it.
set -euo pipefail
cd "$(dirname "$0")"
environment=../target/clients-profilers
if [[ ! -x $environment/bin/genai-perf ]]; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --requirement requirements-profilers.txt
  # Where glibc is too old there is a placeholder alone, without a program.
  "$environment/bin/pip" install --quiet perf-analyzer==2.60.0 || true
fi
exec "$environment/bin/python" profilers.py "$@"
