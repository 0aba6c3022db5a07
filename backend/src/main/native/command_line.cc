#include "command_line.h"

#include <stdio.h>
#include <string.h>

namespace purekv {
namespace {

// Triton puts these beside what was said for the backend.
constexpr const char* kTritons[] = {
    "auto-complete-config", "backend-directory", "min-compute-capability", "default-max-batch-size", "execution-policy"};

// Walks the JSON that Triton writes, {"cmdline": {"key": "value", ...}}, for its strings alone.
class Strings {
 public:
  Strings(const char* json, size_t length) : at_(json), end_(json + length) {}

  // To the next quote. Counts the braces on the way.
  bool advance()
  {
    for (; at_ < end_ && *at_ != '"'; ++at_) depth_ += (*at_ == '{') - (*at_ == '}');
    return at_ < end_;
  }

  // The string that begins here, from malloc.
  char* take()
  {
    auto text = static_cast<char*>(malloc(static_cast<size_t>(end_ - at_) + 1));
    size_t length = 0;
    for (++at_; at_ < end_ && *at_ != '"'; ++at_) text[length++] = *at_ == '\\' ? escaped() : *at_;
    text[length] = 0;
    if (at_ < end_) ++at_;
    return text;
  }

  // Whether what was taken is a key. Takes the colon.
  bool key()
  {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n')) ++at_;
    if (at_ == end_ || *at_ != ':') return false;
    ++at_;
    return true;
  }

  int depth() const { return depth_; }

 private:
  // Triton escapes control characters alone as \u; all else stays UTF-8.
  char escaped()
  {
    if (++at_ >= end_) return 0;
    switch (*at_) {
      case 'n': return '\n';
      case 't': return '\t';
      case 'r': return '\r';
      case 'b': return '\b';
      case 'f': return '\f';
      case 'u': {
        if (end_ - at_ < 5) return '?';
        char digits[5] = {at_[1], at_[2], at_[3], at_[4], 0};
        at_ += 4;
        return static_cast<char>(strtol(digits, nullptr, 16));
      }
      default: return *at_;
    }
  }

  const char *at_, *end_;
  int depth_ = 0;
};

void warn_of_unknown(const char* key)
{
  for (const char* each : kTritons)
    if (strcmp(key, each) == 0) return;
  char text[512];
  snprintf(text, sizeof text, "purekv: --backend-config=purekv,%s is not known; known are java-home and jvm-options", key);
  TRITONSERVER_LogMessage(TRITON_LOG_WARN, __FILE__, __LINE__, text);
}

// Takes the value.
void set(CommandLine* read, const char* key, char* value)
{
  char** field = strcmp(key, "java-home") == 0     ? &read->java_home
                 : strcmp(key, "jvm-options") == 0 ? &read->jvm_options
                                                   : nullptr;
  if (field == nullptr) {
    warn_of_unknown(key);
    free(value);
    return;
  }
  free(*field);
  *field = value;
}

}  // namespace

E* read_command_line(TRITONBACKEND_Backend* backend, CommandLine* read)
{
  TRITONSERVER_Message* message;  // stays Triton's
  const char* json;
  size_t length;
  E* error = TRITONBACKEND_BackendConfig(backend, &message);
  if (error == nullptr) error = TRITONSERVER_MessageSerializeToJson(message, &json, &length);
  if (error != nullptr) return error;
  Strings strings(json, length);
  bool cmdline = false;
  char* key = nullptr;
  while (strings.advance()) {
    char* text = strings.take();
    if (strings.key()) {
      if (strings.depth() == 1) cmdline = strcmp(text, "cmdline") == 0;
      free(key);
      key = text;
    } else if (cmdline && strings.depth() == 2 && key != nullptr) {
      set(read, key, text);
    } else {
      free(text);
    }
  }
  free(key);
  return nullptr;
}

}  // namespace purekv
