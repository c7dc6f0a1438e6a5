// A desk of one with a log in a plain file: the real state machine and the real courier, without
// replication. What is in the file survives the process, so that killing it can be tested.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "desk/courier.h"
#include "desk/desk.h"
#include "desk/paging.h"
#include "net/loop.h"

namespace okiagari::people {

class LoggedDesk {
 public:
  // Reads what the file has; the file is made when it is not there.
  explicit LoggedDesk(const std::string& path);
  ~LoggedDesk();

  // Into the log first, then into the state.
  base::Status submit(const std::string& type, boost::json::object body,
                      const std::string& by = "desk");
  // Gives out what is ready, waits for what comes back, for so long at most.
  void turn(net::Loop& loop, desk::Courier& courier, std::uint64_t wait_ms);
  // Effects that are neither done nor given up.
  [[nodiscard]] std::size_t open_effects() const;

  [[nodiscard]] const desk::Desk& desk() const { return desk_; }
  [[nodiscard]] const desk::Paging& paging() const { return *paging_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

  // Called at each step of an effect's way, for whoever wants to kill the process there.
  std::function<void()> on_step = [] {};

 private:
  void step_and_submit(const std::string& type, boost::json::object body);

  desk::Desk desk_;
  desk::Paging* paging_ = nullptr;
  int file_ = -1;
  std::uint64_t index_ = 0;
  std::uint64_t refused_ = 0;
  std::set<std::string> under_way_;
  desk::Hands::Reports reports_;
};

}  // namespace okiagari::people
