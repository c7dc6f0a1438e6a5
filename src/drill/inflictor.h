// The faults that are processes: hogs of processor and memory, floods of connections and orders.
// Each runs as `okiagari drill inflict ...`, ends by itself when its time is over, and dies with
// the drill that started it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/tcp.h"

namespace okiagari::drill {

// Busy loops, so many for each processor, at that niceness.
[[nodiscard]] std::vector<std::string> processor_hog_words(std::uint64_t lasts_ms,
                                                           unsigned per_processor, int niceness);
// Takes memory in a control group until no more than `spared_bytes` of its limit are left.
[[nodiscard]] std::vector<std::string> memory_hog_words(std::uint64_t lasts_ms,
                                                        const std::string& group,
                                                        std::uint64_t limit_bytes,
                                                        std::uint64_t spared_bytes);
// So many connections at once, from a few of the loopback's addresses.
[[nodiscard]] std::vector<std::string> connection_flood_words(std::uint64_t lasts_ms,
                                                              const net::Endpoint& to,
                                                              std::size_t connections,
                                                              std::size_t addresses);
// One member's session, so many orders a second.
[[nodiscard]] std::vector<std::string> order_flood_words(
    std::uint64_t lasts_ms, const net::Endpoint& to, const std::string& session,
    const std::string& token, const std::string& symbol, std::uint32_t per_second);

// Does what the words say, until the time is over; they are those of one of the above.
[[nodiscard]] base::Status inflict_in_this_process(const std::vector<std::string>& words);

}  // namespace okiagari::drill
