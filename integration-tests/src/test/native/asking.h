// One question to a model, and its whole answer.
#pragma once
#include <stdio.h>
#include <stdlib.h>

#include <condition_variable>
#include <mutex>
#include <string>

#include "host_api.h"

inline void check(E* error)
{
  if (error == nullptr) return;
  fprintf(stderr, "host: %s\n", TRITONSERVER_ErrorMessage(error));
  exit(1);
}

// clip: the bytes of a video, or none. Answers "answer: ..." or "refused: ..."
std::string ask(
    TRITONSERVER_Server* server, const std::string& model, int tokens, const std::string& clip, const std::string& question);
