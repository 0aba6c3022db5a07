#pragma once
#include <stddef.h>
#include <stdint.h>

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
void TRITONSERVER_ErrorDelete(E*);
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
E* TRITONSERVER_ServerOptionsSetStartupModel(Options*, const char*);
E* TRITONSERVER_ServerOptionsSetBackendConfig(Options*, const char* backend, const char* key, const char* value);
E* TRITONSERVER_ServerNew(TRITONSERVER_Server**, Options*);
E* TRITONSERVER_ServerStop(TRITONSERVER_Server*);
E* TRITONSERVER_ServerDelete(TRITONSERVER_Server*);
E* TRITONSERVER_ServerLoadModel(TRITONSERVER_Server*, const char*);
E* TRITONSERVER_ServerUnloadModel(TRITONSERVER_Server*, const char*);
E* TRITONSERVER_ServerModelIsReady(TRITONSERVER_Server*, const char*, int64_t version, bool*);
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
