#include "check/agreed_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/hash.h"

namespace okiagari::check {
namespace {

std::vector<Item> items_of(const LoggedBatch& batch) {
  std::vector<Item> items;
  for (const LoggedCommand& command : batch.commands) {
    const std::string words = describe(command);
    const std::string about =
        fmt::format("{} {} {} {} {}", static_cast<int>(command.type), command.session,
                    command.epoch, command.stream_number, command.number);
    items.push_back({base::hash64(base::as_bytes(about)), base::hash64(base::as_bytes(words))});
  }
  return items;
}

// One node holds another entry than the majority: says which commands differ.
void compare_entries(const JournalEntry& agreed, const JournalEntry& other, std::uint16_t node,
                     Findings& findings) {
  const std::string where = fmt::format("journal of node {}, index {}", node, agreed.index);
  LoggedBatch expected;
  LoggedBatch actual;
  const std::uint64_t before = findings.total();
  if (decode_batch(agreed.payload, expected) && decode_batch(other.payload, actual)) {
    compare_sequences(
        items_of(expected), items_of(actual), where,
        [&](std::size_t at) { return describe(expected.commands[at]); },
        [&](std::size_t at) { return describe(actual.commands[at]); }, findings);
  }
  if (findings.total() == before) {
    findings.add(Wrong::contradicted, where + ": another entry than the other nodes hold");
  }
}

// The journal that holds the most of what a majority agrees on; null when there is none.
const Journal* find_agreed(const std::vector<Journal>& journals, std::size_t majority,
                           std::uint64_t& last_index) {
  const Journal* agreed = nullptr;
  last_index = 0;
  for (const Journal& journal : journals) {
    // Equal chains mean equal entries up to there, so the agreement ends once and can be bisected.
    std::uint64_t low = journal.base_index;
    std::uint64_t high = journal.last_index();
    while (low < high) {
      const std::uint64_t middle = low + (high - low + 1) / 2;
      const base::Digest& chain = journal.at(middle)->chain;
      const auto holders =
          static_cast<std::size_t>(std::count_if(journals.begin(), journals.end(), [&](auto& one) {
            const JournalEntry* entry = one.at(middle);
            return entry != nullptr && entry->chain == chain;
          }));
      if (holders >= majority) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    const bool is_better = low > last_index || (agreed != nullptr && low == last_index &&
                                                journal.base_index < agreed->base_index);
    if (low > journal.base_index && is_better) {
      agreed = &journal;
      last_index = low;
    }
  }
  return agreed;
}

void find_first_difference(const Journal& agreed, const Journal& other, std::uint64_t last_index,
                           Findings& findings) {
  const std::uint64_t end = std::min(last_index, other.last_index());
  for (std::uint64_t index = std::max(agreed.base_index, other.base_index) + 1; index <= end;
       ++index) {
    const JournalEntry& expected = *agreed.at(index);
    const JournalEntry& actual = *other.at(index);
    if (expected.chain == actual.chain) continue;
    // All chains behind the first difference differ too.
    return compare_entries(expected, actual, other.node, findings);
  }
}

void read_entries(const Journal& journal, std::uint64_t last_index, AgreedLog& log,
                  Findings& findings) {
  for (std::uint64_t index = journal.base_index + 1; index <= last_index; ++index) {
    const JournalEntry& entry = *journal.at(index);
    if (entry.type != kEntryCommand) continue;
    AgreedEntry agreed{entry.index, entry.term, {}};
    if (!decode_batch(entry.payload, agreed.batch)) {
      findings.add(Wrong::contradicted,
                   fmt::format("journal, index {}: no batch of known commands", index));
      continue;
    }
    log.entries.push_back(std::move(agreed));
  }
}

// Whether the new cluster's log goes on exactly where the survivor's ends.
bool continues(const Journal& agreed, const Journal& survivor, Findings& findings) {
  const bool is_whole = survivor.base_index == 0 && !survivor.entries.empty();
  if (is_whole && agreed.base_index == survivor.last_index() &&
      agreed.base_chain == survivor.entries.back().chain) {
    return true;
  }
  findings.add(Wrong::contradicted,
               fmt::format("the rebuilt cluster's journals begin behind index {}, the survivor's "
                           "ends at {}, or its chain is another",
                           agreed.base_index, survivor.last_index()));
  return false;
}

}  // namespace

AgreedLog agree_on_log(const std::vector<Journal>& journals, std::size_t nodes,
                       const Journal* survivor, Findings& findings) {
  AgreedLog log;
  const Journal* agreed = find_agreed(journals, nodes / 2 + 1, log.last_index);
  if (agreed == nullptr) {
    findings.add(Wrong::unknown, "no entry is in the journals of a majority of the nodes");
    return log;
  }
  if (survivor != nullptr) {
    if (!continues(*agreed, *survivor, findings)) return log;
    log.rebuilt_after = survivor->last_index();
    read_entries(*survivor, log.rebuilt_after, log, findings);
  } else if (agreed->base_index != 0) {
    findings.add(Wrong::unknown,
                 fmt::format("the journals begin behind a snapshot at index {}: what came before "
                             "cannot be judged",
                             agreed->base_index));
    return log;
  }
  for (const Journal& journal : journals) {
    if (&journal != agreed) find_first_difference(*agreed, journal, log.last_index, findings);
  }
  read_entries(*agreed, log.last_index, log, findings);
  return log;
}

}  // namespace okiagari::check
