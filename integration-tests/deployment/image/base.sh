#!/bin/sh
# Makes a base image from Debian's packages alone, for places where no registry of images is reached: base.sh NAME
# Needs docker, mmdebstrap (apt-get install mmdebstrap) and root. The packages are those that the Dockerfile asks for.
set -eu
name=$1
packages=openjdk-17-jre-headless,libnuma1,libcurl4,libssl3,libxml2,zlib1g,libgomp1,ca-certificates,curl
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The mirrors of this machine. Third-party sources stay out.
sources=/etc/apt/sources.list.d/debian.sources
[ -f "$sources" ] || sources=/etc/apt/sources.list
# Not piped into docker: a failure would leave an empty image behind.
mmdebstrap --quiet --variant=minbase --include="$packages" \
  --aptopt='Acquire::Languages "none"' --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --essential-hook='mkdir -p "$1/usr/share/man/man1"' \
  bookworm "$folder/base.tar" "$sources"
docker import "$folder/base.tar" "$name"
