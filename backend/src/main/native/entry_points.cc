// What Triton calls. No logic here: every call goes to the Java object that was attached (dev.purekv.triton.Backend),
// which answers null for success, or one digit (TRITONSERVER_Error_Code) and a message, in UTF-8.
#include <stdlib.h>

#include "jvm.h"
#include "signals.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

using purekv::Bridge;

E* to_error(JNIEnv* env, jobject answer)
{
  if (env->ExceptionCheck()) {
    env->ExceptionDescribe();
    env->ExceptionClear();
    return TRITONSERVER_ErrorNew(TRITON_ERROR_INTERNAL, "the purekv backend failed; its log has the trace");
  }
  if (answer == nullptr) return nullptr;
  auto bytes = static_cast<jbyteArray>(answer);
  jsize length = env->GetArrayLength(bytes);
  auto text = static_cast<char*>(malloc(static_cast<size_t>(length) + 1));
  env->GetByteArrayRegion(bytes, 0, length, reinterpret_cast<jbyte*>(text));
  text[length] = 0;
  E* error = TRITONSERVER_ErrorNew(text[0] - '0', text + 1);
  free(text);
  env->DeleteLocalRef(answer);
  return error;
}

E* call(jmethodID Bridge::*method, void* handle)
{
  const Bridge* bridge = purekv::bridge();
  // A finalizer can come after an initializer that failed before Java was there.
  if (bridge == nullptr) return TRITONSERVER_ErrorNew(TRITON_ERROR_INTERNAL, "the purekv backend has no Java side");
  purekv::restore_handlers();
  JNIEnv* env = purekv::environment();
  return to_error(env, env->CallObjectMethod(bridge->object, bridge->*method, reinterpret_cast<jlong>(handle)));
}

}  // namespace

EXPORT E* TRITONBACKEND_Initialize(TRITONBACKEND_Backend* backend)
{
  if (purekv::bridge() != nullptr) return nullptr;  // the host is Java, or this is its second server
  int type;
  const char* directory;
  purekv::CommandLine said;
  E* error = TRITONBACKEND_BackendArtifacts(backend, &type, &directory);
  if (error == nullptr) error = purekv::read_command_line(backend, &said);
  return error != nullptr ? error : purekv::start_jvm(directory, said);
}

EXPORT E* TRITONBACKEND_ModelInitialize(TRITONBACKEND_Model* model) { return call(&Bridge::model_initialize, model); }
EXPORT E* TRITONBACKEND_ModelFinalize(TRITONBACKEND_Model* model) { return call(&Bridge::model_finalize, model); }

EXPORT E* TRITONBACKEND_ModelInstanceInitialize(TRITONBACKEND_ModelInstance* instance)
{
  return call(&Bridge::instance_initialize, instance);
}

EXPORT E* TRITONBACKEND_ModelInstanceFinalize(TRITONBACKEND_ModelInstance* instance)
{
  return call(&Bridge::instance_finalize, instance);
}

EXPORT E* TRITONBACKEND_ModelInstanceExecute(
    TRITONBACKEND_ModelInstance* instance, TRITONBACKEND_Request** requests, const uint32_t count)
{
  const Bridge* bridge = purekv::bridge();
  purekv::restore_handlers();
  JNIEnv* env = purekv::environment();
  jlongArray handles = env->NewLongArray(count);
  if (handles == nullptr) return to_error(env, nullptr);
  // The array is Triton's again when we return: Java gets a copy.
  env->SetLongArrayRegion(handles, 0, count, reinterpret_cast<const jlong*>(requests));
  jobject answer =
      env->CallObjectMethod(bridge->object, bridge->execute, reinterpret_cast<jlong>(instance), handles);
  env->DeleteLocalRef(handles);
  return to_error(env, answer);
}
