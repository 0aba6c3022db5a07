#!/bin/sh
# The soak against a container: soak.sh 10m|24h [IMAGE], after mvn -DskipTests package and docker build (README, "Where it is deployed").
# Twice the load that the model takes, of all kinds of requests, with a reload every three seconds; then compares memory and threads.
set -eu
cd "$(dirname "$0")/../.."
exec java -cp "backend/target/backends/purekv/*:integration-tests/target/test-classes" dev.purekv.it.Soak "${1:-10m}" "${2:-purekv}"
