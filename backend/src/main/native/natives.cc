// The native methods of dev.purekv.triton.BackendApi: one call of Triton's C API each. Handles are jlong. A refusal
// becomes dev.purekv.server.ServerException. Text crosses as UTF-8 bytes: JNI's own strings are not UTF-8.
#include "natives.h"

#define NATIVE(type, name) extern "C" JNIEXPORT type JNICALL Java_dev_purekv_triton_BackendApi_##name
#define HANDLE(type, value) reinterpret_cast<TRITONBACKEND_##type*>(value)

using purekv::bytes_of;
using purekv::succeeded;
using purekv::Text;
using purekv::text_of;

NATIVE(void, attach)(JNIEnv* env, jclass, jobject backend) { purekv::set_bridge(env, backend); }

NATIVE(jbyteArray, errorMessage)(JNIEnv* env, jclass, jlong error)
{
  return text_of(env, TRITONSERVER_ErrorMessage(reinterpret_cast<E*>(error)));
}

// Models and instances

NATIVE(jbyteArray, modelName)(JNIEnv* env, jclass, jlong model)
{
  const char* name;
  return succeeded(env, TRITONBACKEND_ModelName(HANDLE(Model, model), &name)) ? text_of(env, name) : nullptr;
}

NATIVE(jlong, modelVersion)(JNIEnv* env, jclass, jlong model)
{
  uint64_t version = 0;
  succeeded(env, TRITONBACKEND_ModelVersion(HANDLE(Model, model), &version));
  return version;
}

NATIVE(jbyteArray, modelRepository)(JNIEnv* env, jclass, jlong model)
{
  int artifact;
  const char* location;
  return succeeded(env, TRITONBACKEND_ModelRepository(HANDLE(Model, model), &artifact, &location))
             ? text_of(env, location)
             : nullptr;
}

NATIVE(jbyteArray, modelConfig)(JNIEnv* env, jclass, jlong model)
{
  TRITONSERVER_Message* message = nullptr;
  if (!succeeded(env, TRITONBACKEND_ModelConfig(HANDLE(Model, model), 1, &message))) return nullptr;
  const char* json;
  size_t length;
  jbyteArray bytes = nullptr;
  if (succeeded(env, TRITONSERVER_MessageSerializeToJson(message, &json, &length))) bytes = bytes_of(env, json, length);
  TRITONSERVER_MessageDelete(message);
  return bytes;
}

NATIVE(jboolean, modelAutoCompletes)(JNIEnv* env, jclass, jlong model)
{
  bool yes = false;
  succeeded(env, TRITONBACKEND_ModelAutoCompleteConfig(HANDLE(Model, model), &yes));
  return yes;
}

NATIVE(void, modelSetConfig)(JNIEnv* env, jclass, jlong model, jbyteArray json)
{
  Text text(env, json);
  TRITONSERVER_Message* message = nullptr;
  if (!succeeded(env, TRITONSERVER_MessageNewFromSerializedJson(&message, text.get(), text.size()))) return;
  E* error = TRITONBACKEND_ModelSetConfig(HANDLE(Model, model), 1, message);
  TRITONSERVER_MessageDelete(message);
  succeeded(env, error);
}

NATIVE(jlong, instanceModel)(JNIEnv* env, jclass, jlong instance)
{
  TRITONBACKEND_Model* model = nullptr;
  succeeded(env, TRITONBACKEND_ModelInstanceModel(HANDLE(ModelInstance, instance), &model));
  return reinterpret_cast<jlong>(model);
}

// Requests

NATIVE(jint, inputCount)(JNIEnv* env, jclass, jlong request)
{
  uint32_t count = 0;
  succeeded(env, TRITONBACKEND_RequestInputCount(HANDLE(Request, request), &count));
  return count;
}

NATIVE(jlong, inputAt)(JNIEnv* env, jclass, jlong request, jint index)
{
  TRITONBACKEND_Input* input = nullptr;
  succeeded(env, TRITONBACKEND_RequestInputByIndex(HANDLE(Request, request), index, &input));
  return reinterpret_cast<jlong>(input);
}

namespace {
struct Properties {
  const char* name;
  int datatype;
  const int64_t* shape;
  uint32_t dimensions;
  uint64_t bytes;
  uint32_t buffers;
};

bool properties_of(JNIEnv* env, jlong input, Properties* p)
{
  return succeeded(
      env, TRITONBACKEND_InputProperties(
               HANDLE(Input, input), &p->name, &p->datatype, &p->shape, &p->dimensions, &p->bytes, &p->buffers));
}
}  // namespace

NATIVE(jbyteArray, inputName)(JNIEnv* env, jclass, jlong input)
{
  Properties p;
  return properties_of(env, input, &p) ? text_of(env, p.name) : nullptr;
}

NATIVE(jint, inputType)(JNIEnv* env, jclass, jlong input)
{
  Properties p;
  return properties_of(env, input, &p) ? p.datatype : 0;
}

NATIVE(jlongArray, inputShape)(JNIEnv* env, jclass, jlong input)
{
  Properties p;
  if (!properties_of(env, input, &p)) return nullptr;
  jlongArray shape = env->NewLongArray(static_cast<jsize>(p.dimensions));
  if (shape != nullptr)
    env->SetLongArrayRegion(shape, 0, static_cast<jsize>(p.dimensions), reinterpret_cast<const jlong*>(p.shape));
  return shape;
}

NATIVE(jlong, inputSize)(JNIEnv* env, jclass, jlong input)
{
  Properties p;
  return properties_of(env, input, &p) ? static_cast<jlong>(p.bytes) : 0;
}

NATIVE(jbyteArray, inputData)(JNIEnv* env, jclass, jlong input)
{
  Properties p;
  if (!properties_of(env, input, &p)) return nullptr;
  if (p.bytes > 0x7fffffff) {
    succeeded(env, TRITONSERVER_ErrorNew(TRITON_ERROR_UNSUPPORTED, "an input tensor may hold at most 2147483647 bytes"));
    return nullptr;
  }
  jbyteArray data = env->NewByteArray(static_cast<jsize>(p.bytes));
  if (data == nullptr) return nullptr;
  jsize at = 0;
  for (uint32_t i = 0; i < p.buffers; ++i) {
    const void* buffer;
    uint64_t bytes;
    int memory = TRITON_MEMORY_CPU;
    int64_t memory_id = 0;
    if (!succeeded(env, TRITONBACKEND_InputBuffer(HANDLE(Input, input), i, &buffer, &bytes, &memory, &memory_id)))
      return nullptr;
    if (memory != TRITON_MEMORY_CPU && memory != TRITON_MEMORY_CPU_PINNED) {
      succeeded(env, TRITONSERVER_ErrorNew(TRITON_ERROR_UNSUPPORTED, "input tensors must be in CPU memory"));
      return nullptr;
    }
    env->SetByteArrayRegion(data, at, static_cast<jsize>(bytes), static_cast<const jbyte*>(buffer));
    at += static_cast<jsize>(bytes);
  }
  return data;
}

NATIVE(jint, outputCount)(JNIEnv* env, jclass, jlong request)
{
  uint32_t count = 0;
  succeeded(env, TRITONBACKEND_RequestOutputCount(HANDLE(Request, request), &count));
  return count;
}

NATIVE(jbyteArray, outputName)(JNIEnv* env, jclass, jlong request, jint index)
{
  const char* name;
  return succeeded(env, TRITONBACKEND_RequestOutputName(HANDLE(Request, request), index, &name)) ? text_of(env, name)
                                                                                              : nullptr;
}

NATIVE(jint, parameterCount)(JNIEnv* env, jclass, jlong request)
{
  uint32_t count = 0;
  succeeded(env, TRITONBACKEND_RequestParameterCount(HANDLE(Request, request), &count));
  return count;
}

namespace {
struct Parameter {
  const char* key;
  int type;
  const void* value;
};

bool parameter_at(JNIEnv* env, jlong request, jint index, Parameter* p)
{
  return succeeded(
      env, TRITONBACKEND_RequestParameter(HANDLE(Request, request), index, &p->key, &p->type, &p->value));
}
}  // namespace

NATIVE(jbyteArray, parameterName)(JNIEnv* env, jclass, jlong request, jint index)
{
  Parameter p;
  return parameter_at(env, request, index, &p) ? text_of(env, p.key) : nullptr;
}

NATIVE(jint, parameterType)(JNIEnv* env, jclass, jlong request, jint index)
{
  Parameter p;
  return parameter_at(env, request, index, &p) ? p.type : -1;
}

NATIVE(jbyteArray, parameterText)(JNIEnv* env, jclass, jlong request, jint index)
{
  Parameter p;
  return parameter_at(env, request, index, &p) ? text_of(env, static_cast<const char*>(p.value)) : nullptr;
}

NATIVE(jlong, parameterLong)(JNIEnv* env, jclass, jlong request, jint index)
{
  Parameter p;
  return parameter_at(env, request, index, &p) ? *static_cast<const int64_t*>(p.value) : 0;
}

NATIVE(jboolean, parameterBool)(JNIEnv* env, jclass, jlong request, jint index)
{
  Parameter p;
  return parameter_at(env, request, index, &p) ? *static_cast<const bool*>(p.value) : false;
}

NATIVE(jdouble, parameterDouble)(JNIEnv* env, jclass, jlong request, jint index)
{
  Parameter p;
  return parameter_at(env, request, index, &p) ? *static_cast<const double*>(p.value) : 0;
}

NATIVE(jlong, requestTimeoutMicros)(JNIEnv* env, jclass, jlong request)
{
  uint64_t timeout = 0;
  succeeded(env, TRITONBACKEND_InferenceRequestTimeoutMicroseconds(HANDLE(Request, request), &timeout));
  return static_cast<jlong>(timeout);
}

NATIVE(void, requestRelease)(JNIEnv* env, jclass, jlong request)
{
  succeeded(env, TRITONBACKEND_RequestRelease(HANDLE(Request, request), 1 /* TRITONSERVER_REQUEST_RELEASE_ALL */));
}

// Responses

NATIVE(jlong, factoryNew)(JNIEnv* env, jclass, jlong request)
{
  TRITONBACKEND_ResponseFactory* factory = nullptr;
  succeeded(env, TRITONBACKEND_ResponseFactoryNew(&factory, HANDLE(Request, request)));
  return reinterpret_cast<jlong>(factory);
}

NATIVE(void, factoryDelete)(JNIEnv* env, jclass, jlong factory)
{
  succeeded(env, TRITONBACKEND_ResponseFactoryDelete(HANDLE(ResponseFactory, factory)));
}

NATIVE(jboolean, factoryCancelled)(JNIEnv* env, jclass, jlong factory)
{
  bool yes = false;
  succeeded(env, TRITONBACKEND_ResponseFactoryIsCancelled(HANDLE(ResponseFactory, factory), &yes));
  return yes;
}

NATIVE(void, factorySendFlags)(JNIEnv* env, jclass, jlong factory, jint flags)
{
  succeeded(env, TRITONBACKEND_ResponseFactorySendFlags(HANDLE(ResponseFactory, factory), flags));
}

NATIVE(jlong, responseNew)(JNIEnv* env, jclass, jlong factory)
{
  TRITONBACKEND_Response* response = nullptr;
  succeeded(env, TRITONBACKEND_ResponseNewFromFactory(&response, HANDLE(ResponseFactory, factory)));
  return reinterpret_cast<jlong>(response);
}

NATIVE(void, responseDelete)(JNIEnv* env, jclass, jlong response)
{
  succeeded(env, TRITONBACKEND_ResponseDelete(HANDLE(Response, response)));
}

NATIVE(void, responseOutput)
(JNIEnv* env, jclass, jlong response, jbyteArray name, jint type, jlongArray shape, jbyteArray data)
{
  Text key(env, name);
  int64_t dimensions[8];
  jsize count = env->GetArrayLength(shape);
  if (count > 8) {
    succeeded(env, TRITONSERVER_ErrorNew(TRITON_ERROR_INTERNAL, "an output tensor may have at most 8 dimensions"));
    return;
  }
  env->GetLongArrayRegion(shape, 0, count, reinterpret_cast<jlong*>(dimensions));
  TRITONBACKEND_Output* output = nullptr;
  if (!succeeded(env, TRITONBACKEND_ResponseOutput(HANDLE(Response, response), &output, key.get(), type, dimensions, count)))
    return;
  void* buffer = nullptr;
  int memory = TRITON_MEMORY_CPU;
  int64_t memory_id = 0;
  jsize length = env->GetArrayLength(data);
  if (!succeeded(env, TRITONBACKEND_OutputBuffer(output, &buffer, length, &memory, &memory_id))) return;
  if (memory != TRITON_MEMORY_CPU && memory != TRITON_MEMORY_CPU_PINNED) {
    succeeded(env, TRITONSERVER_ErrorNew(TRITON_ERROR_UNSUPPORTED, "output tensors must be in CPU memory"));
    return;
  }
  env->GetByteArrayRegion(data, 0, length, static_cast<jbyte*>(buffer));
}

NATIVE(void, responseText)(JNIEnv* env, jclass, jlong response, jbyteArray name, jbyteArray value)
{
  Text key(env, name), text(env, value);
  succeeded(env, TRITONBACKEND_ResponseSetStringParameter(HANDLE(Response, response), key.get(), text.get()));
}

NATIVE(void, responseLong)(JNIEnv* env, jclass, jlong response, jbyteArray name, jlong value)
{
  Text key(env, name);
  succeeded(env, TRITONBACKEND_ResponseSetIntParameter(HANDLE(Response, response), key.get(), value));
}

NATIVE(void, responseDouble)(JNIEnv* env, jclass, jlong response, jbyteArray name, jdouble value)
{
  Text key(env, name);
  succeeded(env, TRITONBACKEND_ResponseSetDoubleParameter(HANDLE(Response, response), key.get(), value));
}

// ResponseSend takes the response whatever happens, and never the error.
NATIVE(void, responseSend)(JNIEnv* env, jclass, jlong response, jint flags)
{
  succeeded(env, TRITONBACKEND_ResponseSend(HANDLE(Response, response), flags, nullptr));
}

NATIVE(void, responseSendError)(JNIEnv* env, jclass, jlong response, jint flags, jint code, jbyteArray message)
{
  Text text(env, message);
  E* error = TRITONSERVER_ErrorNew(code, text.get());
  E* failed = TRITONBACKEND_ResponseSend(HANDLE(Response, response), flags, error);
  TRITONSERVER_ErrorDelete(error);
  succeeded(env, failed);
}

// Statistics; times are CLOCK_MONOTONIC nanoseconds, the clock of System.nanoTime on Linux

NATIVE(void, reportRequest)
(JNIEnv* env, jclass, jlong instance, jlong request, jboolean success, jlongArray times)
{
  jlong t[4];
  env->GetLongArrayRegion(times, 0, 4, t);
  succeeded(
      env, TRITONBACKEND_ModelInstanceReportStatistics(
               HANDLE(ModelInstance, instance), HANDLE(Request, request), success, t[0], t[1], t[2], t[3]));
}

NATIVE(void, reportBatch)(JNIEnv* env, jclass, jlong instance, jlong size, jlongArray times)
{
  jlong t[4];
  env->GetLongArrayRegion(times, 0, 4, t);
  succeeded(
      env, TRITONBACKEND_ModelInstanceReportBatchStatistics(
               HANDLE(ModelInstance, instance), size, t[0], t[1], t[2], t[3]));
}

NATIVE(void, reportResponse)
(JNIEnv* env, jclass, jlong instance, jlong factory, jlong start, jlong output, jlong end, jint code)
{
  TRITONBACKEND_ModelInstanceResponseStatistics* s = nullptr;
  if (!succeeded(env, TRITONBACKEND_ModelInstanceResponseStatisticsNew(&s))) return;
  E* error = TRITONBACKEND_ModelInstanceResponseStatisticsSetModelInstance(s, HANDLE(ModelInstance, instance));
  if (error == nullptr)
    error = TRITONBACKEND_ModelInstanceResponseStatisticsSetResponseFactory(s, HANDLE(ResponseFactory, factory));
  if (error == nullptr) error = TRITONBACKEND_ModelInstanceResponseStatisticsSetResponseStart(s, start);
  if (error == nullptr) error = TRITONBACKEND_ModelInstanceResponseStatisticsSetComputeOutputStart(s, output);
  if (error == nullptr) error = TRITONBACKEND_ModelInstanceResponseStatisticsSetResponseEnd(s, end);
  E* told = code < 0 ? nullptr : TRITONSERVER_ErrorNew(code, "");
  if (error == nullptr && told != nullptr) error = TRITONBACKEND_ModelInstanceResponseStatisticsSetError(s, told);
  if (error == nullptr) error = TRITONBACKEND_ModelInstanceReportResponseStatistics(s);
  TRITONBACKEND_ModelInstanceResponseStatisticsDelete(s);
  if (told != nullptr) TRITONSERVER_ErrorDelete(told);
  succeeded(env, error);
}
