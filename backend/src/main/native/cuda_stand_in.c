// Stands in for libcudart.so.12 on hosts without CUDA, so that libtritonserver can be loaded: every call says that
// there is no device. Never loaded where the real library is found.
#define NO_DEVICE 100 /* cudaErrorNoDevice */
#define ANSWERS_NO_DEVICE(name) \
  int name(void) { return NO_DEVICE; }

ANSWERS_NO_DEVICE(cudaDeviceCanAccessPeer)
ANSWERS_NO_DEVICE(cudaDeviceEnablePeerAccess)
ANSWERS_NO_DEVICE(cudaDeviceGetPCIBusId)
ANSWERS_NO_DEVICE(cudaDeviceGetStreamPriorityRange)
ANSWERS_NO_DEVICE(cudaFree)
ANSWERS_NO_DEVICE(cudaFreeHost)
ANSWERS_NO_DEVICE(cudaGetDevice)
ANSWERS_NO_DEVICE(cudaGetDeviceProperties_v2)
ANSWERS_NO_DEVICE(cudaHostAlloc)
ANSWERS_NO_DEVICE(cudaLaunchHostFunc)
ANSWERS_NO_DEVICE(cudaMalloc)
ANSWERS_NO_DEVICE(cudaMallocManaged)
ANSWERS_NO_DEVICE(cudaMemGetInfo)
ANSWERS_NO_DEVICE(cudaMemPrefetchAsync)
ANSWERS_NO_DEVICE(cudaMemcpy)
ANSWERS_NO_DEVICE(cudaMemcpyAsync)
ANSWERS_NO_DEVICE(cudaMemset)
ANSWERS_NO_DEVICE(cudaSetDevice)
ANSWERS_NO_DEVICE(cudaStreamCreate)
ANSWERS_NO_DEVICE(cudaStreamDestroy)
ANSWERS_NO_DEVICE(cudaStreamGetFlags)
ANSWERS_NO_DEVICE(cudaStreamSynchronize)

int cudaGetDeviceCount(int* count)
{
  *count = 0;
  return NO_DEVICE;
}

const char* cudaGetErrorString(int code) { return code == NO_DEVICE ? "no CUDA-capable device is detected" : "no CUDA"; }
