// The JVM that the backend's Java code runs in: the host's own, or one that the shim starts.
#pragma once
#include <jni.h>

#include "command_line.h"
#include "triton_api.h"

namespace purekv {

// The Java object that answers Triton's calls, and its methods.
struct Bridge {
  jobject object;
  jmethodID model_initialize, model_finalize, instance_initialize, instance_finalize, execute;
};

// Null until Java has attached a bridge.
const Bridge* bridge();

// Called by Java: from now on this object answers Triton's calls.
void set_bridge(JNIEnv* env, jobject object);

// Starts a JVM on the jars beside this library and lets it attach a bridge. A process can have one, for ever.
E* start_jvm(const char* backend_directory, const CommandLine& said);

// The calling thread's environment. Triton's own threads are attached as daemons and detached when they end.
JNIEnv* environment();

}  // namespace purekv
