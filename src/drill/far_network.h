// A second network at the far end of a long line, for a site that is far away. The line is a
// process that reads the packets of one network and writes them to the other so long after; both
// ends are TUN devices, so whatever speaks over it waits for its answers as it would there. It ends
// with this object, or with this process, and the far network with the last process in it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace okiagari::drill {

// Of a range that is set aside for measurements of networks (RFC 2544).
inline constexpr const char* kNearHost = "198.18.0.1";
inline constexpr const char* kFarHost = "198.18.0.2";

class FarNetwork {
 public:
  // What this machine and this user lack for it, each with what would help; empty: nothing.
  [[nodiscard]] static std::vector<std::string> lacks();

  // The network of this process, which must be of its own (own_world.h), is the near one. To be
  // called while this process has one thread, and before it holds what a child must not keep open.
  // A line of `delay_ms` in each direction holds 16 MiB in each; more is lost.
  [[nodiscard]] static base::Result<std::unique_ptr<FarNetwork>> make(std::uint32_t delay_ms);
  ~FarNetwork();
  FarNetwork(const FarNetwork&) = delete;
  FarNetwork& operator=(const FarNetwork&) = delete;

  // Words before a command that make it one of the far network; it keeps the process number.
  [[nodiscard]] std::vector<std::string> enter() const;

 private:
  explicit FarNetwork(pid_t line) : line_(line) {}

  pid_t line_;
};

}  // namespace okiagari::drill
