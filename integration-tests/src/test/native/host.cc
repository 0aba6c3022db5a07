// A server that is not ours: a C++ program that starts libtritonserver as the stock tritonserver does (models first,
// then its own signal handlers), asks one model one question and prints the answer. The purekv backend must start its
// own JVM here.
//   host REPOSITORY BACKEND_DIRECTORY MODEL QUESTION
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <condition_variable>
#include <mutex>
#include <string>

// The part of tritonserver.h (API 1.34) that is called here.
extern "C" {
struct TRITONSERVER_Error;
struct TRITONSERVER_Server;
struct TRITONSERVER_ServerOptions;
struct TRITONSERVER_ResponseAllocator;
struct TRITONSERVER_InferenceRequest;
struct TRITONSERVER_InferenceResponse;
using E = TRITONSERVER_Error;
using Options = TRITONSERVER_ServerOptions;
using Allocate = E* (*)(TRITONSERVER_ResponseAllocator*, const char*, size_t, int, int64_t, void*, void**, void**, int*, int64_t*);
using Free = E* (*)(TRITONSERVER_ResponseAllocator*, void*, void*, size_t, int, int64_t);
using Released = void (*)(TRITONSERVER_InferenceRequest*, uint32_t, void*);
using Responded = void (*)(TRITONSERVER_InferenceResponse*, uint32_t, void*);
const char* TRITONSERVER_ErrorMessage(E*);
E* TRITONSERVER_ServerOptionsNew(Options**);
E* TRITONSERVER_ServerOptionsDelete(Options*);
E* TRITONSERVER_ServerOptionsSetModelRepositoryPath(Options*, const char*);
E* TRITONSERVER_ServerOptionsSetModelControlMode(Options*, int);
E* TRITONSERVER_ServerOptionsSetBackendDirectory(Options*, const char*);
E* TRITONSERVER_ServerOptionsSetStrictModelConfig(Options*, bool);
E* TRITONSERVER_ServerOptionsSetModelLoadRetryCount(Options*, unsigned);
E* TRITONSERVER_ServerOptionsSetMinSupportedComputeCapability(Options*, double);
E* TRITONSERVER_ServerOptionsSetGpuMetrics(Options*, bool);
E* TRITONSERVER_ServerOptionsSetExitTimeout(Options*, unsigned);
E* TRITONSERVER_ServerNew(TRITONSERVER_Server**, Options*);
E* TRITONSERVER_ServerStop(TRITONSERVER_Server*);
E* TRITONSERVER_ServerDelete(TRITONSERVER_Server*);
E* TRITONSERVER_ServerInferAsync(TRITONSERVER_Server*, TRITONSERVER_InferenceRequest*, void* trace);
E* TRITONSERVER_ResponseAllocatorNew(TRITONSERVER_ResponseAllocator**, Allocate, Free, void*);
E* TRITONSERVER_ResponseAllocatorDelete(TRITONSERVER_ResponseAllocator*);
E* TRITONSERVER_InferenceRequestNew(TRITONSERVER_InferenceRequest**, TRITONSERVER_Server*, const char*, int64_t);
E* TRITONSERVER_InferenceRequestDelete(TRITONSERVER_InferenceRequest*);
E* TRITONSERVER_InferenceRequestAddInput(TRITONSERVER_InferenceRequest*, const char*, int, const int64_t*, uint64_t);
E* TRITONSERVER_InferenceRequestAppendInputData(TRITONSERVER_InferenceRequest*, const char*, const void*, size_t, int, int64_t);
E* TRITONSERVER_InferenceRequestSetIntParameter(TRITONSERVER_InferenceRequest*, const char*, int64_t);
E* TRITONSERVER_InferenceRequestSetReleaseCallback(TRITONSERVER_InferenceRequest*, Released, void*);
E* TRITONSERVER_InferenceRequestSetResponseCallback(
    TRITONSERVER_InferenceRequest*, TRITONSERVER_ResponseAllocator*, void*, Responded, void*);
E* TRITONSERVER_InferenceResponseError(TRITONSERVER_InferenceResponse*);
E* TRITONSERVER_InferenceResponseOutput(
    TRITONSERVER_InferenceResponse*, uint32_t, const char**, int*, const int64_t**, uint64_t*, const void**, size_t*, int*,
    int64_t*, void**);
E* TRITONSERVER_InferenceResponseDelete(TRITONSERVER_InferenceResponse*);
}

namespace {

constexpr int kBytes = 13, kControlNone = 0, kFinal = 1;

void check(E* error)
{
  if (error == nullptr) return;
  fprintf(stderr, "host: %s\n", TRITONSERVER_ErrorMessage(error));
  exit(1);
}

struct Run {
  std::mutex mutex;
  std::condition_variable changed;
  bool released = false, answered = false;
  std::string text;

  void wait()
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [this] { return released && answered; });
  }
};

E* allocate(
    TRITONSERVER_ResponseAllocator*, const char*, size_t bytes, int, int64_t, void*, void** buffer, void** userp, int* memory,
    int64_t* memory_id)
{
  *buffer = bytes == 0 ? nullptr : malloc(bytes);
  *userp = nullptr;
  *memory = 0;
  *memory_id = 0;
  return nullptr;
}

E* release(TRITONSERVER_ResponseAllocator*, void* buffer, void*, size_t, int, int64_t)
{
  free(buffer);
  return nullptr;
}

void released(TRITONSERVER_InferenceRequest* request, uint32_t, void* userp)
{
  check(TRITONSERVER_InferenceRequestDelete(request));
  auto run = static_cast<Run*>(userp);
  std::lock_guard<std::mutex> lock(run->mutex);
  run->released = true;
  run->changed.notify_all();
}

void responded(TRITONSERVER_InferenceResponse* response, uint32_t flags, void* userp)
{
  auto run = static_cast<Run*>(userp);
  std::lock_guard<std::mutex> lock(run->mutex);
  if (response != nullptr) {
    check(TRITONSERVER_InferenceResponseError(response));
    const char* name;
    int type, memory;
    const int64_t* shape;
    uint64_t dimensions;
    const void* base;
    size_t bytes;
    int64_t memory_id;
    void* user;
    check(TRITONSERVER_InferenceResponseOutput(
        response, 0, &name, &type, &shape, &dimensions, &base, &bytes, &memory, &memory_id, &user));
    run->text.assign(static_cast<const char*>(base) + 4, bytes - 4);
    check(TRITONSERVER_InferenceResponseDelete(response));
  }
  if ((flags & kFinal) != 0) {
    run->answered = true;
    run->changed.notify_all();
  }
}

TRITONSERVER_Server* start(const char* repository, const char* backends)
{
  Options* options;
  check(TRITONSERVER_ServerOptionsNew(&options));
  check(TRITONSERVER_ServerOptionsSetModelRepositoryPath(options, repository));
  check(TRITONSERVER_ServerOptionsSetBackendDirectory(options, backends));
  check(TRITONSERVER_ServerOptionsSetModelControlMode(options, kControlNone));
  check(TRITONSERVER_ServerOptionsSetStrictModelConfig(options, false));
  check(TRITONSERVER_ServerOptionsSetModelLoadRetryCount(options, 0));
  check(TRITONSERVER_ServerOptionsSetMinSupportedComputeCapability(options, 0));
  check(TRITONSERVER_ServerOptionsSetGpuMetrics(options, false));
  check(TRITONSERVER_ServerOptionsSetExitTimeout(options, 5));
  TRITONSERVER_Server* server;
  check(TRITONSERVER_ServerNew(&server, options));
  check(TRITONSERVER_ServerOptionsDelete(options));
  return server;
}

void on_signal(int number)
{
  fprintf(stderr, "host: signal %d\n", number);
  _exit(128 + number);
}

std::string ask(TRITONSERVER_Server* server, const char* model, const std::string& question)
{
  TRITONSERVER_ResponseAllocator* allocator;
  check(TRITONSERVER_ResponseAllocatorNew(&allocator, allocate, release, nullptr));
  uint32_t length = question.size();
  std::string element(reinterpret_cast<const char*>(&length), 4);
  element += question;
  const int64_t one = 1;
  TRITONSERVER_InferenceRequest* request;
  Run run;
  check(TRITONSERVER_InferenceRequestNew(&request, server, model, -1));
  check(TRITONSERVER_InferenceRequestAddInput(request, "text_input", kBytes, &one, 1));
  check(TRITONSERVER_InferenceRequestAppendInputData(request, "text_input", element.data(), element.size(), 0, 0));
  check(TRITONSERVER_InferenceRequestSetIntParameter(request, "max_tokens", 8));
  check(TRITONSERVER_InferenceRequestSetReleaseCallback(request, released, &run));
  check(TRITONSERVER_InferenceRequestSetResponseCallback(request, allocator, nullptr, responded, &run));
  check(TRITONSERVER_ServerInferAsync(server, request, nullptr));
  run.wait();
  check(TRITONSERVER_ResponseAllocatorDelete(allocator));
  return run.text;
}

}  // namespace

int main(int count, char** arguments)
{
  if (count != 5) {
    fprintf(stderr, "usage: host REPOSITORY BACKEND_DIRECTORY MODEL QUESTION\n");
    return 2;
  }
  TRITONSERVER_Server* server = start(arguments[1], arguments[2]);
  // The stock program replaces Java's handlers here, after the models are loaded; libjsig chains them.
  for (int number : {SIGINT, SIGTERM, SIGSEGV, SIGABRT}) signal(number, on_signal);
  for (int i = 0; i < 3; ++i) printf("answer: %s\n", ask(server, arguments[3], arguments[4]).c_str());
  fflush(stdout);
  check(TRITONSERVER_ServerStop(server));
  check(TRITONSERVER_ServerDelete(server));
  printf("stopped\n");
  return 0;
}
