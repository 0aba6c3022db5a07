// Sets variables of this process: libraries that Java loads later (OpenMP) read their settings from nowhere else.
#include <jni.h>
#include <stdlib.h>
#include <string.h>

static char* text(JNIEnv* env, jbyteArray bytes)
{
  jsize length = (*env)->GetArrayLength(env, bytes);
  char* copy = malloc((size_t)length + 1);
  (*env)->GetByteArrayRegion(env, bytes, 0, length, (jbyte*)copy);
  copy[length] = 0;
  return copy;
}

JNIEXPORT void JNICALL Java_dev_purekv_tensor_ProcessEnvironment_setIfAbsent(
    JNIEnv* env, jclass type, jbyteArray name, jbyteArray value)
{
  (void)type;
  char *key = text(env, name), *content = text(env, value);
  setenv(key, content, 0);
  free(key);
  free(content);
}
