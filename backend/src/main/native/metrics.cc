// The native methods of dev.purekv.triton.MetricApi: Triton's registry of metrics, and the memory that a model reports.
#include "natives.h"

#define NATIVE(type, name) extern "C" JNIEXPORT type JNICALL Java_dev_purekv_triton_MetricApi_##name

using purekv::succeeded;
using purekv::Text;

namespace {

constexpr jsize kMaxLabels = 8;
constexpr jsize kMaxBuckets = 64;

TRITONSERVER_Metric* metric(jlong handle) { return reinterpret_cast<TRITONSERVER_Metric*>(handle); }

TRITONSERVER_MetricFamily* family(jlong handle) { return reinterpret_cast<TRITONSERVER_MetricFamily*>(handle); }

TRITONSERVER_Parameter* label(JNIEnv* env, jobjectArray labels, jsize index)
{
  auto name = static_cast<jbyteArray>(env->GetObjectArrayElement(labels, 2 * index));
  auto value = static_cast<jbyteArray>(env->GetObjectArrayElement(labels, 2 * index + 1));
  TRITONSERVER_Parameter* made =
      TRITONSERVER_ParameterNew(Text(env, name).get(), TRITON_PARAMETER_STRING, Text(env, value).get());
  env->DeleteLocalRef(name);
  env->DeleteLocalRef(value);
  return made;
}

}  // namespace

NATIVE(jlong, familyNew)(JNIEnv* env, jclass, jint kind, jbyteArray name, jbyteArray help)
{
  Text key(env, name), words(env, help);
  TRITONSERVER_MetricFamily* made = nullptr;
  succeeded(env, TRITONSERVER_MetricFamilyNew(&made, kind, key.get(), words.get()));
  return reinterpret_cast<jlong>(made);
}

NATIVE(void, familyDelete)(JNIEnv* env, jclass, jlong handle)
{
  succeeded(env, TRITONSERVER_MetricFamilyDelete(family(handle)));
}

NATIVE(jlong, metricNew)(JNIEnv* env, jclass, jlong handle, jobjectArray labels, jdoubleArray bounds)
{
  TRITONSERVER_Metric* made = nullptr;
  jsize buckets = env->GetArrayLength(bounds);
  jsize count = env->GetArrayLength(labels) / 2;
  if (count > kMaxLabels || buckets > kMaxBuckets) {
    succeeded(env, TRITONSERVER_ErrorNew(TRITON_ERROR_INTERNAL, "a metric may have at most 8 labels and 64 buckets"));
    return 0;
  }
  TRITONSERVER_MetricArgs* args = nullptr;
  if (buckets > 0) {
    double values[kMaxBuckets];
    env->GetDoubleArrayRegion(bounds, 0, buckets, values);
    if (!succeeded(env, TRITONSERVER_MetricArgsNew(&args))) return 0;
    E* error = TRITONSERVER_MetricArgsSetHistogram(args, values, buckets);
    if (error != nullptr) {
      TRITONSERVER_MetricArgsDelete(args);
      succeeded(env, error);
      return 0;
    }
  }
  const TRITONSERVER_Parameter* parameters[kMaxLabels];
  for (jsize i = 0; i < count; ++i) parameters[i] = label(env, labels, i);
  E* error = TRITONSERVER_MetricNewWithArgs(&made, family(handle), parameters, count, args);
  for (jsize i = 0; i < count; ++i) TRITONSERVER_ParameterDelete(const_cast<TRITONSERVER_Parameter*>(parameters[i]));
  if (args != nullptr) TRITONSERVER_MetricArgsDelete(args);
  succeeded(env, error);
  return reinterpret_cast<jlong>(made);
}

NATIVE(void, metricDelete)(JNIEnv* env, jclass, jlong handle)
{
  succeeded(env, TRITONSERVER_MetricDelete(metric(handle)));
}

NATIVE(void, metricIncrement)(JNIEnv* env, jclass, jlong handle, jdouble value)
{
  succeeded(env, TRITONSERVER_MetricIncrement(metric(handle), value));
}

NATIVE(void, metricSet)(JNIEnv* env, jclass, jlong handle, jdouble value)
{
  succeeded(env, TRITONSERVER_MetricSet(metric(handle), value));
}

NATIVE(void, metricObserve)(JNIEnv* env, jclass, jlong handle, jdouble value)
{
  succeeded(env, TRITONSERVER_MetricObserve(metric(handle), value));
}

NATIVE(void, modelMemory)(JNIEnv* env, jclass, jlong model, jboolean gpu, jlong device, jlong bytes)
{
  TRITONSERVER_BufferAttributes* used = nullptr;
  if (!succeeded(env, TRITONSERVER_BufferAttributesNew(&used))) return;
  E* error = TRITONSERVER_BufferAttributesSetMemoryType(used, gpu ? TRITON_MEMORY_GPU : TRITON_MEMORY_CPU);
  if (error == nullptr) error = TRITONSERVER_BufferAttributesSetMemoryTypeId(used, device);
  if (error == nullptr) error = TRITONSERVER_BufferAttributesSetByteSize(used, bytes);
  if (error == nullptr)
    error = TRITONBACKEND_ModelReportMemoryUsage(reinterpret_cast<TRITONBACKEND_Model*>(model), &used, 1);
  TRITONSERVER_BufferAttributesDelete(used);
  succeeded(env, error);
}
