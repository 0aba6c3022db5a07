// The part of Triton's C API (backend API 1.19, server API 1.34) that the shim calls: opaque handles and prototypes.
// Reference: tritonserver.h and tritonbackend.h of triton-inference-server/core, branch r24.10.
#pragma once
#include <stddef.h>
#include <stdint.h>

extern "C" {
struct TRITONSERVER_Error;
struct TRITONSERVER_Message;
struct TRITONSERVER_Parameter;
struct TRITONSERVER_BufferAttributes;
struct TRITONSERVER_MetricFamily;
struct TRITONSERVER_Metric;
struct TRITONSERVER_MetricArgs;
struct TRITONBACKEND_Backend;
struct TRITONBACKEND_Model;
struct TRITONBACKEND_ModelInstance;
struct TRITONBACKEND_ModelInstanceResponseStatistics;
struct TRITONBACKEND_Request;
struct TRITONBACKEND_Input;
struct TRITONBACKEND_Output;
struct TRITONBACKEND_Response;
struct TRITONBACKEND_ResponseFactory;

// Enumerations of the C API are ints across this boundary; Java holds their names.
enum { TRITON_ERROR_INTERNAL = 1, TRITON_ERROR_UNSUPPORTED = 5 };
enum { TRITON_MEMORY_CPU = 0, TRITON_MEMORY_CPU_PINNED = 1, TRITON_MEMORY_GPU = 2 };
enum { TRITON_PARAMETER_STRING = 0, TRITON_PARAMETER_INT = 1, TRITON_PARAMETER_BOOL = 2, TRITON_PARAMETER_DOUBLE = 3 };
enum { TRITON_LOG_INFO = 0, TRITON_LOG_WARN = 1, TRITON_LOG_ERROR = 2 };

using E = TRITONSERVER_Error;
E* TRITONSERVER_ErrorNew(int code, const char* message);
void TRITONSERVER_ErrorDelete(E*);
int TRITONSERVER_ErrorCode(E*);
const char* TRITONSERVER_ErrorMessage(E*);
E* TRITONSERVER_LogMessage(int level, const char* file, int line, const char* message);
E* TRITONSERVER_MessageNewFromSerializedJson(TRITONSERVER_Message**, const char* json, size_t bytes);
E* TRITONSERVER_MessageSerializeToJson(TRITONSERVER_Message*, const char** json, size_t* bytes);
E* TRITONSERVER_MessageDelete(TRITONSERVER_Message*);

TRITONSERVER_Parameter* TRITONSERVER_ParameterNew(const char* name, int type, const void* value);
void TRITONSERVER_ParameterDelete(TRITONSERVER_Parameter*);
E* TRITONSERVER_MetricFamilyNew(TRITONSERVER_MetricFamily**, int kind, const char* name, const char* description);
E* TRITONSERVER_MetricFamilyDelete(TRITONSERVER_MetricFamily*);
E* TRITONSERVER_MetricArgsNew(TRITONSERVER_MetricArgs**);
E* TRITONSERVER_MetricArgsSetHistogram(TRITONSERVER_MetricArgs*, const double* buckets, uint64_t count);
E* TRITONSERVER_MetricArgsDelete(TRITONSERVER_MetricArgs*);
E* TRITONSERVER_MetricNewWithArgs(
    TRITONSERVER_Metric**, TRITONSERVER_MetricFamily*, const TRITONSERVER_Parameter** labels, uint64_t count,
    const TRITONSERVER_MetricArgs*);
E* TRITONSERVER_MetricDelete(TRITONSERVER_Metric*);
E* TRITONSERVER_MetricIncrement(TRITONSERVER_Metric*, double value);
E* TRITONSERVER_MetricSet(TRITONSERVER_Metric*, double value);
E* TRITONSERVER_MetricObserve(TRITONSERVER_Metric*, double value);

E* TRITONSERVER_BufferAttributesNew(TRITONSERVER_BufferAttributes**);
E* TRITONSERVER_BufferAttributesDelete(TRITONSERVER_BufferAttributes*);
E* TRITONSERVER_BufferAttributesSetMemoryType(TRITONSERVER_BufferAttributes*, int type);
E* TRITONSERVER_BufferAttributesSetMemoryTypeId(TRITONSERVER_BufferAttributes*, int64_t id);
E* TRITONSERVER_BufferAttributesSetByteSize(TRITONSERVER_BufferAttributes*, size_t bytes);

E* TRITONBACKEND_BackendConfig(TRITONBACKEND_Backend*, TRITONSERVER_Message**);
E* TRITONBACKEND_BackendArtifacts(TRITONBACKEND_Backend*, int* type, const char** location);

E* TRITONBACKEND_ModelName(TRITONBACKEND_Model*, const char**);
E* TRITONBACKEND_ModelVersion(TRITONBACKEND_Model*, uint64_t*);
E* TRITONBACKEND_ModelRepository(TRITONBACKEND_Model*, int* artifact, const char** location);
E* TRITONBACKEND_ModelConfig(TRITONBACKEND_Model*, uint32_t version, TRITONSERVER_Message**);
E* TRITONBACKEND_ModelAutoCompleteConfig(TRITONBACKEND_Model*, bool*);
E* TRITONBACKEND_ModelSetConfig(TRITONBACKEND_Model*, uint32_t version, TRITONSERVER_Message*);
E* TRITONBACKEND_ModelReportMemoryUsage(TRITONBACKEND_Model*, TRITONSERVER_BufferAttributes**, uint32_t count);

E* TRITONBACKEND_ModelInstanceModel(TRITONBACKEND_ModelInstance*, TRITONBACKEND_Model**);
E* TRITONBACKEND_ModelInstanceReportStatistics(
    TRITONBACKEND_ModelInstance*, TRITONBACKEND_Request*, bool success, uint64_t exec_start, uint64_t compute_start,
    uint64_t compute_end, uint64_t exec_end);
E* TRITONBACKEND_ModelInstanceReportBatchStatistics(
    TRITONBACKEND_ModelInstance*, uint64_t batch, uint64_t exec_start, uint64_t compute_start, uint64_t compute_end,
    uint64_t exec_end);
E* TRITONBACKEND_ModelInstanceResponseStatisticsNew(TRITONBACKEND_ModelInstanceResponseStatistics**);
E* TRITONBACKEND_ModelInstanceResponseStatisticsDelete(TRITONBACKEND_ModelInstanceResponseStatistics*);
E* TRITONBACKEND_ModelInstanceResponseStatisticsSetModelInstance(
    TRITONBACKEND_ModelInstanceResponseStatistics*, TRITONBACKEND_ModelInstance*);
E* TRITONBACKEND_ModelInstanceResponseStatisticsSetResponseFactory(
    TRITONBACKEND_ModelInstanceResponseStatistics*, TRITONBACKEND_ResponseFactory*);
E* TRITONBACKEND_ModelInstanceResponseStatisticsSetResponseStart(TRITONBACKEND_ModelInstanceResponseStatistics*, uint64_t);
E* TRITONBACKEND_ModelInstanceResponseStatisticsSetComputeOutputStart(
    TRITONBACKEND_ModelInstanceResponseStatistics*, uint64_t);
E* TRITONBACKEND_ModelInstanceResponseStatisticsSetResponseEnd(TRITONBACKEND_ModelInstanceResponseStatistics*, uint64_t);
E* TRITONBACKEND_ModelInstanceResponseStatisticsSetError(TRITONBACKEND_ModelInstanceResponseStatistics*, E*);
E* TRITONBACKEND_ModelInstanceReportResponseStatistics(TRITONBACKEND_ModelInstanceResponseStatistics*);

E* TRITONBACKEND_RequestParameterCount(TRITONBACKEND_Request*, uint32_t*);
E* TRITONBACKEND_RequestParameter(TRITONBACKEND_Request*, uint32_t index, const char** key, int* type, const void** value);
E* TRITONBACKEND_RequestInputCount(TRITONBACKEND_Request*, uint32_t*);
E* TRITONBACKEND_RequestInputByIndex(TRITONBACKEND_Request*, uint32_t index, TRITONBACKEND_Input**);
E* TRITONBACKEND_RequestOutputCount(TRITONBACKEND_Request*, uint32_t*);
E* TRITONBACKEND_RequestOutputName(TRITONBACKEND_Request*, uint32_t index, const char** name);
E* TRITONBACKEND_InferenceRequestTimeoutMicroseconds(TRITONBACKEND_Request*, uint64_t* timeout);
E* TRITONBACKEND_RequestRelease(TRITONBACKEND_Request*, uint32_t flags);
E* TRITONBACKEND_InputProperties(
    TRITONBACKEND_Input*, const char** name, int* datatype, const int64_t** shape, uint32_t* dimensions, uint64_t* bytes,
    uint32_t* buffers);
E* TRITONBACKEND_InputBuffer(
    TRITONBACKEND_Input*, uint32_t index, const void** buffer, uint64_t* bytes, int* memory, int64_t* memory_id);

E* TRITONBACKEND_ResponseFactoryNew(TRITONBACKEND_ResponseFactory**, TRITONBACKEND_Request*);
E* TRITONBACKEND_ResponseFactoryDelete(TRITONBACKEND_ResponseFactory*);
E* TRITONBACKEND_ResponseFactoryIsCancelled(TRITONBACKEND_ResponseFactory*, bool*);
E* TRITONBACKEND_ResponseFactorySendFlags(TRITONBACKEND_ResponseFactory*, uint32_t flags);
E* TRITONBACKEND_ResponseNewFromFactory(TRITONBACKEND_Response**, TRITONBACKEND_ResponseFactory*);
E* TRITONBACKEND_ResponseDelete(TRITONBACKEND_Response*);
E* TRITONBACKEND_ResponseSetStringParameter(TRITONBACKEND_Response*, const char* name, const char* value);
E* TRITONBACKEND_ResponseSetIntParameter(TRITONBACKEND_Response*, const char* name, int64_t value);
E* TRITONBACKEND_ResponseSetDoubleParameter(TRITONBACKEND_Response*, const char* name, double value);
E* TRITONBACKEND_ResponseOutput(
    TRITONBACKEND_Response*, TRITONBACKEND_Output**, const char* name, int datatype, const int64_t* shape,
    uint32_t dimensions);
E* TRITONBACKEND_OutputBuffer(TRITONBACKEND_Output*, void** buffer, uint64_t bytes, int* memory, int64_t* memory_id);
E* TRITONBACKEND_ResponseSend(TRITONBACKEND_Response*, uint32_t flags, E* error);
}
