// Stands in for libdcgm.so.3 (NVIDIA's GPU monitoring) on hosts without it, so that libtritonserver can be loaded.
// Never loaded where the real library is found.
#define UNAVAILABLE -37 /* DCGM_ST_LIBRARY_NOT_FOUND */
#define ANSWERS_UNAVAILABLE(name) \
  int name(void) { return UNAVAILABLE; }

ANSWERS_UNAVAILABLE(dcgmConnect)
ANSWERS_UNAVAILABLE(dcgmDisconnect)
ANSWERS_UNAVAILABLE(dcgmFieldGroupCreate)
ANSWERS_UNAVAILABLE(dcgmGetAllDevices)
ANSWERS_UNAVAILABLE(dcgmGetDeviceAttributes)
ANSWERS_UNAVAILABLE(dcgmGetLatestValuesForFields)
ANSWERS_UNAVAILABLE(dcgmGroupCreate)
ANSWERS_UNAVAILABLE(dcgmGroupDestroy)
ANSWERS_UNAVAILABLE(dcgmInit)
ANSWERS_UNAVAILABLE(dcgmShutdown)
ANSWERS_UNAVAILABLE(dcgmStartEmbedded)
ANSWERS_UNAVAILABLE(dcgmStopEmbedded)
ANSWERS_UNAVAILABLE(dcgmUpdateAllFields)
ANSWERS_UNAVAILABLE(dcgmWatchFields)

const char* errorString(int code)
{
  (void)code;
  return "DCGM is not installed";
}
