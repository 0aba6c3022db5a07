// What --backend-config=purekv,KEY=VALUE said, as far as the shim needs it before there is a JVM.
#pragma once
#include <stdlib.h>

#include "triton_api.h"

namespace purekv {

// Text from malloc, freed with its owner; null when nothing was said.
struct CommandLine {
  char* java_home = nullptr;
  char* jvm_options = nullptr;

  CommandLine() = default;
  CommandLine(const CommandLine&) = delete;
  ~CommandLine()
  {
    free(java_home);
    free(jvm_options);
  }
};

E* read_command_line(TRITONBACKEND_Backend* backend, CommandLine* read);

}  // namespace purekv
