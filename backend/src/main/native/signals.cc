#include "signals.h"

#include <dlfcn.h>
#include <signal.h>

#include "triton_api.h"

namespace purekv {
namespace {

// SIGTERM and SIGINT stay the host's (-Xrs).
constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
constexpr int kCount = sizeof kSignals / sizeof *kSignals;

struct sigaction javas[kCount];
bool remembered = false;

}  // namespace

bool libjsig_is_there() { return dlsym(RTLD_DEFAULT, "JVM_get_signal_action") != nullptr; }

void remember_handlers()
{
  for (int i = 0; i < kCount; ++i) sigaction(kSignals[i], nullptr, &javas[i]);
  remembered = true;
}

void restore_handlers()
{
  if (!remembered) return;
  for (int i = 0; i < kCount; ++i) {
    struct sigaction now;
    sigaction(kSignals[i], nullptr, &now);
    if (now.sa_sigaction == javas[i].sa_sigaction) continue;
    sigaction(kSignals[i], &javas[i], nullptr);
    TRITONSERVER_LogMessage(
        TRITON_LOG_WARN, __FILE__, __LINE__, "purekv: the server had replaced a signal handler of Java's; it is back");
  }
}

}  // namespace purekv
