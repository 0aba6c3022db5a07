// Preloaded into a program, it makes the wall clock wrong by as many seconds as a file says. The file is mapped, so that a jump is one
// write of eight bytes from outside, at any moment. Clocks that only go forward stay what they are, as when an operator sets the time.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

const volatile int64_t* wrong_by = nullptr;  // seconds; null before this library is initialised

__attribute__((constructor)) void map_file() {
  const char* name = getenv("JUMPING_CLOCK");
  int file = name == nullptr ? -1 : open(name, O_RDONLY | O_CLOEXEC);
  void* mapped = file < 0 ? MAP_FAILED : mmap(nullptr, sizeof *wrong_by, PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) {
    perror("jumping clock");
    abort();
  }
  close(file);
  wrong_by = static_cast<const volatile int64_t*>(mapped);
}

int64_t offset(clockid_t clock) {
  bool wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  return wall && wrong_by != nullptr ? *wrong_by : 0;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  int result = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
  if (result == 0) {
    now->tv_sec += offset(clock);
  }
  return result;
}

int gettimeofday(timeval* now, void*) noexcept {
  timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* now) noexcept {
  timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (now != nullptr) {
    *now = precise.tv_sec;
  }
  return precise.tv_sec;
}

}  // extern "C"
