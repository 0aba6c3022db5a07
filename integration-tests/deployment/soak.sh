#!/bin/sh
# The soak against a container: soak.sh 10m|24h [IMAGE], after mvn -DskipTests package and docker build (README, "Where it is deployed").
# Twice the load that the model takes, of all kinds of requests, with a reload every three seconds; then compares memory and threads.
set -eu
cd "$(dirname "$0")/../.."
exec java -cp admin-console/target/admin-console.jar -Dloader.path=integration-tests/target/test-classes \
    -Dloader.main=dev.purekv.it.Soak org.springframework.boot.loader.launch.PropertiesLauncher "${1:-10m}" "${2:-purekv}"
