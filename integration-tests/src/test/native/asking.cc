#include "asking.h"

#include <string.h>

namespace {

constexpr int kBytes = 13, kBool = 1, kFinal = 1;

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

// The first element of the first output.
std::string text_of(TRITONSERVER_InferenceResponse* response)
{
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
  return std::string(static_cast<const char*>(base) + 4, bytes - 4);
}

void responded(TRITONSERVER_InferenceResponse* response, uint32_t flags, void* userp)
{
  auto run = static_cast<Run*>(userp);
  std::lock_guard<std::mutex> lock(run->mutex);
  if (response != nullptr) {
    E* refused = TRITONSERVER_InferenceResponseError(response);  // stays the response's
    if (refused != nullptr) {
      run->text = std::string("refused: ") + TRITONSERVER_ErrorMessage(refused);
    } else {
      run->text = "answer: " + text_of(response);
    }
    check(TRITONSERVER_InferenceResponseDelete(response));
  }
  if ((flags & kFinal) != 0) {
    run->answered = true;
    run->changed.notify_all();
  }
}

// A tensor of one element that begins with its length.
std::string element(const std::string& bytes)
{
  uint32_t length = bytes.size();
  return std::string(reinterpret_cast<const char*>(&length), 4) + bytes;
}

void add(TRITONSERVER_InferenceRequest* request, const char* name, int type, const std::string& data)
{
  const int64_t one = 1;
  check(TRITONSERVER_InferenceRequestAddInput(request, name, type, &one, 1));
  check(TRITONSERVER_InferenceRequestAppendInputData(request, name, data.data(), data.size(), 0, 0));
}

}  // namespace

std::string ask(
    TRITONSERVER_Server* server, const std::string& model, int tokens, const std::string& clip, const std::string& question)
{
  TRITONSERVER_ResponseAllocator* allocator;
  check(TRITONSERVER_ResponseAllocatorNew(&allocator, allocate, release, nullptr));
  const std::string text = element(question), video = element(clip), yes(1, '\1');
  TRITONSERVER_InferenceRequest* request;
  Run run;
  E* unknown = TRITONSERVER_InferenceRequestNew(&request, server, model.c_str(), -1);
  if (unknown != nullptr) {
    std::string refusal = std::string("refused: ") + TRITONSERVER_ErrorMessage(unknown);
    TRITONSERVER_ErrorDelete(unknown);
    check(TRITONSERVER_ResponseAllocatorDelete(allocator));
    return refusal;
  }
  add(request, "text_input", kBytes, text);
  add(request, "exclude_input_in_output", kBool, yes);
  if (!clip.empty()) add(request, "video", kBytes, video);
  check(TRITONSERVER_InferenceRequestSetIntParameter(request, "max_tokens", tokens));
  check(TRITONSERVER_InferenceRequestSetIntParameter(request, "min_tokens", tokens > 100 ? tokens : 1));
  check(TRITONSERVER_InferenceRequestSetReleaseCallback(request, released, &run));
  check(TRITONSERVER_InferenceRequestSetResponseCallback(request, allocator, nullptr, responded, &run));
  check(TRITONSERVER_ServerInferAsync(server, request, nullptr));
  run.wait();
  check(TRITONSERVER_ResponseAllocatorDelete(allocator));
  return run.text;
}
