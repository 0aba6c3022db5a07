// A server that is not ours: a C++ program that starts libtritonserver in the order of tritonserver's main (the server with
// its models, then its signal handlers, then waiting; after SIGTERM the stop). The purekv backend must start its own JVM
// here. Reference: main.cc and triton_signal.cc of triton-inference-server/server, branch r24.10.
//
//   host REPOSITORY BACKEND_DIRECTORY [KEY=VALUE of --backend-config=purekv,KEY=VALUE]...
//
// A line on standard input is a command, a line on standard output its result:
//   ask MODEL TOKENS CLIP|- QUESTION | load MODEL | unload MODEL | npe TIMES | libraries
#include <dlfcn.h>
#include <jni.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>

#include "asking.h"

namespace {

constexpr int kControlExplicit = 2;
// How long a stop waits for answers under way.
constexpr unsigned kExitSeconds = 30;

std::atomic<bool> exiting{false};

// Marked, since Java writes to standard output too.
void say(const std::string& line) { (std::cout << "host> " + line + "\n").flush(); }

TRITONSERVER_Server* start(int count, char** arguments)
{
  Options* options;
  check(TRITONSERVER_ServerOptionsNew(&options));
  check(TRITONSERVER_ServerOptionsSetModelRepositoryPath(options, arguments[1]));
  check(TRITONSERVER_ServerOptionsSetBackendDirectory(options, arguments[2]));
  for (int i = 3; i < count; ++i) {
    std::string setting = arguments[i];
    size_t equals = setting.find('=');
    check(TRITONSERVER_ServerOptionsSetBackendConfig(
        options, "purekv", setting.substr(0, equals).c_str(), setting.substr(equals + 1).c_str()));
  }
  check(TRITONSERVER_ServerOptionsSetModelControlMode(options, kControlExplicit));
  check(TRITONSERVER_ServerOptionsSetStartupModel(options, "*"));
  check(TRITONSERVER_ServerOptionsSetStrictModelConfig(options, false));
  check(TRITONSERVER_ServerOptionsSetModelLoadRetryCount(options, 0));
  check(TRITONSERVER_ServerOptionsSetMinSupportedComputeCapability(options, 0));
  check(TRITONSERVER_ServerOptionsSetGpuMetrics(options, false));
  check(TRITONSERVER_ServerOptionsSetExitTimeout(options, kExitSeconds));
  TRITONSERVER_Server* server;
  check(TRITONSERVER_ServerNew(&server, options));
  check(TRITONSERVER_ServerOptionsDelete(options));
  return server;
}

void on_stop(int) { exiting = true; }

void on_error(int number)
{
  const char text[] = "host: its own handler of a fault was called\n";
  if (write(STDERR_FILENO, text, sizeof text - 1) < 0) _exit(1);
  signal(number, SIG_DFL);
  raise(number);
}

// Lets Java compare a number with null again and again, in the machine that the backend started: interpreted, and compiled.
std::string provoke_null_pointers(int times)
{
  void* library = dlopen("libjvm.so", RTLD_NOW | RTLD_NOLOAD);
  using Created = jint (*)(JavaVM**, jsize, jsize*);
  auto created = reinterpret_cast<Created>(dlsym(library, "JNI_GetCreatedJavaVMs"));
  JavaVM* machine;
  jsize machines;
  created(&machine, 1, &machines);
  JNIEnv* env;
  machine->AttachCurrentThread(reinterpret_cast<void**>(&env), nullptr);
  jclass type = env->FindClass("java/lang/Integer");
  jobject one = env->NewObject(type, env->GetMethodID(type, "<init>", "(I)V"), 1);
  jmethodID compare = env->GetMethodID(type, "compareTo", "(Ljava/lang/Integer;)I");
  jclass expected = env->FindClass("java/lang/NullPointerException");
  int thrown = 0;
  for (int i = 0; i < times; ++i) {
    env->CallIntMethod(one, compare, nullptr);
    jthrowable problem = env->ExceptionOccurred();
    env->ExceptionClear();
    if (problem != nullptr && env->IsInstanceOf(problem, expected)) ++thrown;
    env->DeleteLocalRef(problem);
  }
  machine->DetachCurrentThread();
  return "thrown " + std::to_string(thrown);
}

// The files behind the names that matter: a second libtritonserver or libjvm would have states of its own.
std::string libraries()
{
  std::ifstream maps("/proc/self/maps");
  std::set<std::string> found;
  for (std::string line; std::getline(maps, line);) {
    size_t name = line.rfind('/');
    if (name == std::string::npos) continue;
    for (const char* each : {"/libtritonserver.so", "/libjvm.so", "/libtriton_purekv.so"})
      if (line.compare(name, strlen(each), each) == 0) found.insert(line.substr(line.find('/')));
  }
  std::string names = "libraries";
  for (const std::string& each : found) names += " " + each.substr(each.rfind('/') + 1);
  return names;
}

std::string result(E* error, const char* done)
{
  if (error == nullptr) return done;
  std::string text = std::string("refused: ") + TRITONSERVER_ErrorMessage(error);
  TRITONSERVER_ErrorDelete(error);
  return text;
}

std::string unload(TRITONSERVER_Server* server, const std::string& model)
{
  std::string text = result(TRITONSERVER_ServerUnloadModel(server, model.c_str()), "unloaded");
  for (bool ready = true; ready; usleep(10000)) check(TRITONSERVER_ServerModelIsReady(server, model.c_str(), -1, &ready));
  return text;
}

std::string obey(TRITONSERVER_Server* server, const std::string& line)
{
  std::istringstream words(line);
  std::string verb, model, clip, question;
  int count;
  words >> verb;
  if (verb == "libraries") return libraries();
  if (verb == "npe") return words >> count, provoke_null_pointers(count);
  words >> model;
  if (verb == "load") return result(TRITONSERVER_ServerLoadModel(server, model.c_str()), "loaded");
  if (verb == "unload") return unload(server, model);
  words >> count >> clip >> std::ws;
  std::getline(words, question);
  std::string bytes;
  if (clip != "-") {
    std::ifstream file(clip, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  return ask(server, model, count, bytes, question);
}

}  // namespace

int main(int count, char** arguments)
{
  if (count < 3) {
    fprintf(stderr, "usage: host REPOSITORY BACKEND_DIRECTORY [KEY=VALUE]...\n");
    return 2;
  }
  TRITONSERVER_Server* server = start(count, arguments);
  for (int number : {SIGINT, SIGTERM}) signal(number, on_stop);
  for (int number : {SIGSEGV, SIGABRT}) signal(number, on_error);
  // What answers requests goes on during the stop, as the stock program's threads of HTTP do.
  std::atomic<bool> reading{true}, busy{false};
  std::thread([&] {
    for (std::string line; std::getline(std::cin, line); busy = false) {
      busy = true;
      say(obey(server, line));
    }
    reading = false;
  }).detach();
  say("ready");
  while (!exiting && reading) usleep(10000);
  check(TRITONSERVER_ServerStop(server));
  while (busy) usleep(1000);
  check(TRITONSERVER_ServerDelete(server));
  say("stopped");
  _exit(0);  // past the destructors of std::cin, which the reading thread may wait in
}
