// What every native method needs: Triton's errors as Java exceptions, text as UTF-8 bytes.
#pragma once
#include <stdlib.h>
#include <string.h>

#include "jvm.h"

namespace purekv {

// Takes the error. Returns true when there was none.
inline bool succeeded(JNIEnv* env, E* error)
{
  if (error == nullptr) return true;
  jclass api = env->FindClass("dev/purekv/triton/BackendApi");
  jmethodID refuse = env->GetStaticMethodID(api, "refuse", "(I[B)V");
  const char* message = TRITONSERVER_ErrorMessage(error);
  jsize length = static_cast<jsize>(strlen(message));
  jbyteArray bytes = env->NewByteArray(length);
  env->SetByteArrayRegion(bytes, 0, length, reinterpret_cast<const jbyte*>(message));
  int code = TRITONSERVER_ErrorCode(error);
  TRITONSERVER_ErrorDelete(error);
  env->CallStaticVoidMethod(api, refuse, code, bytes);  // throws
  return false;
}

inline jbyteArray bytes_of(JNIEnv* env, const void* data, size_t length)
{
  jbyteArray bytes = env->NewByteArray(static_cast<jsize>(length));
  if (bytes != nullptr) env->SetByteArrayRegion(bytes, 0, static_cast<jsize>(length), static_cast<const jbyte*>(data));
  return bytes;
}

inline jbyteArray text_of(JNIEnv* env, const char* text) { return bytes_of(env, text, text == nullptr ? 0 : strlen(text)); }

// A NUL-terminated copy of Java bytes, freed with the caller's scope. By malloc: operator new would need libstdc++.
class Text {
 public:
  Text(JNIEnv* env, jbyteArray bytes)
      : size_(env->GetArrayLength(bytes)), data_(static_cast<char*>(malloc(static_cast<size_t>(size_) + 1)))
  {
    env->GetByteArrayRegion(bytes, 0, size_, reinterpret_cast<jbyte*>(data_));
    data_[size_] = 0;
  }
  ~Text() { free(data_); }
  Text(const Text&) = delete;
  const char* get() const { return data_; }
  size_t size() const { return size_; }

 private:
  jsize size_;
  char* data_;
};

}  // namespace purekv
