#include "jvm.h"

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace purekv {
namespace {

JavaVM* machine = nullptr;
Bridge attached = {};
pthread_key_t detach_key;
pthread_once_t detach_once = PTHREAD_ONCE_INIT;

void detach(void*) { machine->DetachCurrentThread(); }
void make_detach_key() { pthread_key_create(&detach_key, detach); }

E* error(const char* format, const char* what)
{
  char text[1024];
  snprintf(text, sizeof text, format, what);
  return TRITONSERVER_ErrorNew(TRITON_ERROR_INTERNAL, text);
}

// -Djava.class.path=DIR/a.jar:DIR/b.jar... for every jar in the directory. The caller frees it.
char* class_path_option(const char* directory)
{
  DIR* entries = opendir(directory);
  if (entries == nullptr) return nullptr;
  char* option = strdup("-Djava.class.path=");
  size_t length = strlen(option);
  while (dirent* entry = readdir(entries)) {
    size_t name = strlen(entry->d_name);
    if (name < 5 || strcmp(entry->d_name + name - 4, ".jar") != 0) continue;
    size_t added = strlen(directory) + name + 2;
    option = static_cast<char*>(realloc(option, length + added + 1));
    length += snprintf(option + length, added + 1, "%s/%s:", directory, entry->d_name);
  }
  closedir(entries);
  return option;
}

void* open_libjvm()
{
  // RTLD_GLOBAL: libraries that Java loads later look for libjvm's symbols.
  const char* home = getenv("JAVA_HOME");
  if (home != nullptr) {
    char path[4096];
    snprintf(path, sizeof path, "%s/lib/server/libjvm.so", home);
    return dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  }
  void* found = dlopen("libjvm.so", RTLD_NOW | RTLD_GLOBAL);
  if (found == nullptr) found = dlopen("/usr/lib/jvm/default-java/lib/server/libjvm.so", RTLD_NOW | RTLD_GLOBAL);
  if (found == nullptr) found = dlopen("/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so", RTLD_NOW | RTLD_GLOBAL);
  return found;
}

E* create_machine(void* library, const char* directory)
{
  using Create = jint (*)(JavaVM**, void**, void*);
  auto create = reinterpret_cast<Create>(dlsym(library, "JNI_CreateJavaVM"));
  if (create == nullptr) return error("starting Java for the purekv backend: %s", dlerror());
  char* class_path = class_path_option(directory);
  if (class_path == nullptr) return error("starting Java for the purekv backend: no jars can be read in %s", directory);
  Dl_info self;
  dladdr(reinterpret_cast<void*>(&create_machine), &self);
  char* library_path = realpath(self.dli_fname, nullptr);  // Java loads absolute paths alone
  char library_option[4096 + 32];
  snprintf(library_option, sizeof library_option, "-Dpurekv.library=%s", library_path == nullptr ? "" : library_path);
  free(library_path);
  // -Xrs leaves SIGTERM and SIGINT to Triton, whose graceful stop would otherwise never run.
  JavaVMOption options[] = {
      {class_path, nullptr},
      {library_option, nullptr},
      {const_cast<char*>("-Xrs"), nullptr},
      {const_cast<char*>("-Djava.util.logging.SimpleFormatter.format=%1$tFT%1$tT %4$s %3$s %5$s%6$s%n"), nullptr}};
  JavaVMInitArgs arguments = {JNI_VERSION_10, 4, options, JNI_FALSE};
  JNIEnv* env = nullptr;
  jint result = create(&machine, reinterpret_cast<void**>(&env), &arguments);
  free(class_path);
  if (result != JNI_OK) {
    machine = nullptr;
    return error("starting Java for the purekv backend failed in %s", directory);
  }
  return nullptr;
}

}  // namespace

const Bridge* bridge() { return attached.object == nullptr ? nullptr : &attached; }

JNIEnv* environment()
{
  JNIEnv* env = nullptr;
  if (machine->GetEnv(reinterpret_cast<void**>(&env), JNI_VERSION_10) == JNI_OK) return env;
  machine->AttachCurrentThreadAsDaemon(reinterpret_cast<void**>(&env), nullptr);
  pthread_once(&detach_once, make_detach_key);
  pthread_setspecific(detach_key, env);
  return env;
}

void set_bridge(JNIEnv* env, jobject object)
{
  env->GetJavaVM(&machine);
  jclass type = env->GetObjectClass(object);
  Bridge next = {};
  next.model_initialize = env->GetMethodID(type, "modelInitialize", "(J)[B");
  next.model_finalize = env->GetMethodID(type, "modelFinalize", "(J)[B");
  next.instance_initialize = env->GetMethodID(type, "instanceInitialize", "(J)[B");
  next.instance_finalize = env->GetMethodID(type, "instanceFinalize", "(J)[B");
  next.execute = env->GetMethodID(type, "execute", "(J[J)[B");
  if (env->ExceptionCheck()) return;
  jobject previous = attached.object;
  next.object = env->NewGlobalRef(object);
  attached = next;
  if (previous != nullptr) env->DeleteGlobalRef(previous);
}

E* start_jvm(const char* directory)
{
  if (bridge() != nullptr) return nullptr;
  if (dlsym(RTLD_DEFAULT, "JVM_get_signal_action") == nullptr) {
    TRITONSERVER_LogMessage(
        TRITON_LOG_ERROR, __FILE__, __LINE__,
        "purekv: libjsig.so is not preloaded. The server's signal handlers will replace Java's, and the process will die "
        "at Java's first null check. Start it with LD_PRELOAD=$JAVA_HOME/lib/libjsig.so");
  }
  void* library = open_libjvm();
  if (library == nullptr)
    return error("starting Java for the purekv backend: %s. Install openjdk-17-jre-headless or set JAVA_HOME", dlerror());
  E* failed = create_machine(library, directory);
  if (failed != nullptr) return failed;
  JNIEnv* env = environment();
  jclass backend = env->FindClass("dev/purekv/triton/Backend");
  jmethodID start = backend == nullptr ? nullptr : env->GetStaticMethodID(backend, "start", "()V");
  if (start != nullptr) env->CallStaticVoidMethod(backend, start);
  if (env->ExceptionCheck() || bridge() == nullptr) {
    env->ExceptionDescribe();
    env->ExceptionClear();
    return error("the purekv backend's Java code does not start; see the trace above. Jars were taken from %s", directory);
  }
  return nullptr;
}

}  // namespace purekv
