#!/bin/sh
# Compiles the shim and the stand-ins: build.sh JAVA_HOME TRITON_LIBRARY_DIRECTORY OUTPUT_DIRECTORY
set -eu
java_home=$1 triton=$2 out=$3
here=$(dirname "$0")
if ! command -v g++ >/dev/null 2>&1 || ! command -v gcc >/dev/null 2>&1; then
  echo "PureKV's native shim needs a C++ compiler and found none. On Debian or Ubuntu: apt-get install g++" >&2
  exit 1
fi
if [ ! -f "$java_home/include/jni.h" ]; then
  echo "PureKV's native shim needs jni.h and found none in $java_home/include: Maven runs on a JRE." >&2
  echo "On Debian or Ubuntu: apt-get install openjdk-17-jdk-headless, and point JAVA_HOME at it." >&2
  exit 1
fi
backend="$out/backends/purekv" stand_ins="$out/standins"
mkdir -p "$backend" "$stand_ins"
# No exceptions, no C++ library: the shim must load beside whatever libstdc++ its host brought.
g++ -std=c++17 -O2 -g0 -fPIC -shared -fvisibility=hidden -fno-exceptions -fno-rtti -Wall -Wextra -Werror \
  -I"$java_home/include" -I"$java_home/include/linux" \
  "$here/entry_points.cc" "$here/command_line.cc" "$here/signals.cc" "$here/jvm.cc" "$here/natives.cc" "$here/metrics.cc" \
  -L"$triton" -ltritonserver -Wl,--allow-shlib-undefined -Wl,--as-needed -static-libgcc -ldl -lpthread \
  -Wl,-soname,libtriton_purekv.so -o "$backend/libtriton_purekv.so"
gcc -O2 -fPIC -shared -Wall -Wextra -Werror -I"$java_home/include" -I"$java_home/include/linux" \
  "$here/environment.c" -o "$out/libpurekv_environment.so"
gcc -O2 -fPIC -shared -Wall -Wextra -Werror -Wl,-soname,libcudart.so.12 -Wl,--version-script="$here/cuda_stand_in.map" \
  "$here/cuda_stand_in.c" -o "$stand_ins/libcudart.so.12"
gcc -O2 -fPIC -shared -Wall -Wextra -Werror -Wl,-soname,libdcgm.so.3 "$here/dcgm_stand_in.c" -o "$stand_ins/libdcgm.so.3"
