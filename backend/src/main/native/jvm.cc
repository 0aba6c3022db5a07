#include "jvm.h"

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signals.h"

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

// RTLD_GLOBAL: libraries that Java loads later look for libjvm's symbols.
void* open_libjvm(const char* home)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/lib/server/libjvm.so", home);
  return dlopen(path, RTLD_NOW | RTLD_GLOBAL);
}

// What the operator names is taken or refused; else wherever a JVM usually is.
E* find_libjvm(const char* said, void** library)
{
  const char* home = said != nullptr ? said : getenv("JAVA_HOME");
  if (home != nullptr) {
    *library = open_libjvm(home);
    if (*library != nullptr) return nullptr;
    char text[1024];
    snprintf(
        text, sizeof text,
        "starting Java for the purekv backend: %s is %s: expected a JRE or JDK 17 with lib/server/libjvm.so there, got: %s",
        said != nullptr ? "--backend-config=purekv,java-home" : "JAVA_HOME", home, dlerror());
    return TRITONSERVER_ErrorNew(TRITON_ERROR_INTERNAL, text);
  }
  *library = dlopen("libjvm.so", RTLD_NOW | RTLD_GLOBAL);
  if (*library == nullptr) *library = open_libjvm("/usr/lib/jvm/default-java");
  if (*library == nullptr) *library = open_libjvm("/usr/lib/jvm/java-17-openjdk-amd64");
  if (*library != nullptr) return nullptr;
  return error(
      "starting Java for the purekv backend: %s. Install openjdk-17-jre-headless, or say where Java is with JAVA_HOME or "
      "--backend-config=purekv,java-home=...",
      dlerror());
}

// The options of a new JVM, from malloc.
class Options {
 public:
  explicit Options(size_t room) : list_(static_cast<JavaVMOption*>(calloc(room, sizeof(JavaVMOption)))) {}
  Options(const Options&) = delete;
  ~Options()
  {
    for (int i = 0; i < count_; ++i) free(list_[i].optionString);
    free(list_);
  }

  // Takes the text.
  void add(char* text) { list_[count_++].optionString = text; }

  // Words between blanks. An option with a blank in it goes into a file: -XX:VMOptionsFile=...
  void add_words(const char* text)
  {
    constexpr const char* kBlanks = " \t\n\r";
    for (text += strspn(text, kBlanks); *text != 0; text += strspn(text, kBlanks)) {
      size_t length = strcspn(text, kBlanks);
      add(strndup(text, length));
      text += length;
    }
  }

  JavaVMOption* list() const { return list_; }
  int count() const { return count_; }

 private:
  JavaVMOption* list_;
  int count_ = 0;
};

// -Dpurekv.library=..., this library's own path: Java loads absolute paths alone.
char* library_option()
{
  Dl_info self;
  dladdr(reinterpret_cast<void*>(&library_option), &self);
  char* path = realpath(self.dli_fname, nullptr);
  char option[4096 + 32];
  snprintf(option, sizeof option, "-Dpurekv.library=%s", path == nullptr ? "" : path);
  free(path);
  return strdup(option);
}

E* create_machine(void* library, const char* directory, const char* said)
{
  using Create = jint (*)(JavaVM**, void**, void*);
  auto create = reinterpret_cast<Create>(dlsym(library, "JNI_CreateJavaVM"));
  if (create == nullptr) return error("starting Java for the purekv backend: %s", dlerror());
  char* class_path = class_path_option(directory);
  if (class_path == nullptr) return error("starting Java for the purekv backend: no jars can be read in %s", directory);
  Options options(5 + strlen(said));
  options.add(class_path);
  options.add(library_option());
  // -Xrs leaves SIGTERM and SIGINT to Triton, whose graceful stop would otherwise never run.
  options.add(strdup("-Xrs"));
  // A JVM that writes its counters to a file changes the working directory meanwhile, and models that load beside it
  // are looked for in the wrong place when the server was given relative paths.
  options.add(strdup("-XX:+PerfDisableSharedMem"));
  options.add(strdup("-Djava.util.logging.SimpleFormatter.format=%1$tFT%1$tT %4$s %3$s %5$s%6$s%n"));
  options.add_words(said);
  JavaVMInitArgs arguments = {JNI_VERSION_10, options.count(), options.list(), JNI_FALSE};
  JNIEnv* env = nullptr;
  if (create(&machine, reinterpret_cast<void**>(&env), &arguments) == JNI_OK) return nullptr;
  machine = nullptr;
  return error(
      "starting Java for the purekv backend: it refuses its options; see its words above. "
      "--backend-config=purekv,jvm-options said \"%s\"",
      said);
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

E* start_jvm(const char* directory, const CommandLine& said)
{
  void* library;
  E* failed = machine == nullptr ? find_libjvm(said.java_home, &library) : nullptr;
  if (failed == nullptr && machine == nullptr)
    failed = create_machine(library, directory, said.jvm_options == nullptr ? "" : said.jvm_options);
  if (failed != nullptr) return failed;
  if (!libjsig_is_there()) {
    remember_handlers();
    TRITONSERVER_LogMessage(
        TRITON_LOG_WARN, __FILE__, __LINE__,
        "purekv: libjsig.so is not preloaded. The server's signal handlers replace Java's, which are put back at the next "
        "call; a fault in Java before that ends the process. Start it with LD_PRELOAD=$JAVA_HOME/lib/libjsig.so");
  }
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
