// The thread in which effects are carried: libcurl's transfers and the sirens' processes, a bounded
// number at once, in all and to one host. It knows neither the desk nor its loop: jobs go in,
// events come out.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "desk/courier_settings.h"
#include "desk/outgoing.h"

namespace okiagari::desk {

struct CourierEvent {
  enum class Kind : std::uint8_t {
    wants_to_begin,  // a mail, all but its last bytes sent: answer by go_on()
    done,
    failed,
    refused,  // for good
    unknown,  // it may have arrived
  };
  std::string key;
  Kind kind = Kind::failed;
  std::string outcome;
  long status = 0;  // HTTP's or SMTP's; 0: none
};

class CourierTask;

class CourierThread {
 public:
  // `event_descriptor`, an eventfd, is written whenever there are events to be taken.
  CourierThread(CourierSettings settings, int event_descriptor);
  ~CourierThread();
  CourierThread(const CourierThread&) = delete;
  CourierThread& operator=(const CourierThread&) = delete;

  // From any one thread.
  void add(std::string key, Outgoing outgoing);
  void go_on(const std::string& key, bool may_end);
  [[nodiscard]] std::vector<CourierEvent> take_events();

 private:
  struct Waiting {
    std::string key;
    std::string host;
    Outgoing outgoing;
  };
  struct Word {
    std::string key;
    bool may_end = false;
  };

  void run();
  bool is_to_stop();
  void take_orders();
  void start_waiting();
  void start(Waiting waiting);
  void collect_transfers();
  void end_late(std::uint64_t now_ms);
  void finish(const std::string& key, CourierEvent event);
  void tell(CourierEvent event);

  const CourierSettings settings_;
  const int event_descriptor_;
  void* multi_ = nullptr;

  // The thread's own.
  std::deque<Waiting> waiting_;
  std::map<std::string, std::unique_ptr<CourierTask>> tasks_;  // by key
  std::map<std::string, std::uint32_t> per_host_;

  std::mutex mutex_;  // guards what follows
  std::deque<Waiting> added_;
  std::deque<Word> words_;
  std::vector<CourierEvent> events_;
  bool is_stopping_ = false;

  std::thread thread_;
};

}  // namespace okiagari::desk
