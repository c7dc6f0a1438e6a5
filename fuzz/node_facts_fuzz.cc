// Rooms: watch
// What a node reports of itself, a line of a server's log, what a supervisor says of an ending, and
// a record of the kernel's log: whatever comes is read within bounds, or refused.
#include <cstdint>
#include <map>
#include <string_view>

#include "base/assert.h"
#include "watch/kernel_log.h"
#include "watch/log_line.h"
#include "watch/node_facts.h"
#include "watch/proc_readings.h"
#include "watch/process_endings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto facts = watch::parse_node_facts(text);
  ASSERT(facts.ok() ? facts.value().node != 0 : !facts.error().message.empty());
  const watch::LogLine line = watch::parse_log_line(text);
  ASSERT(line.message.size() <= watch::kLogLineBytesMax);
  (void)watch::is_crash_text(line.message);
  if (const auto ending = watch::parse_ending(text)) {
    const auto again = watch::parse_ending(watch::to_line(*ending));
    ASSERT(again && watch::to_line(*again) == watch::to_line(*ending));
  }
  if (const auto message = watch::parse_kernel_message(text)) {
    ASSERT(message->level >= 0 && message->level <= 7);
    (void)watch::signal_of_kernel_text(message->text);
  }
  (void)watch::parse_process(text);
  (void)watch::parse_pressure(text);
  (void)watch::parse_memory(text);
  (void)watch::parse_disks(text);
  std::map<std::uint16_t, watch::PortConnections> ports;
  ports[8080];
  watch::add_connections(text, ports);
  return 0;
}
