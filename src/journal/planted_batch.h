// A batch on its way through the journal. In builds with planted defects one command of it may be
// dropped, doubled, swapped with the next of its session or altered (base/planted.h); else it is
// what it was. All that is known here of a batch is where its commands begin and whose they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/planted.h"

namespace okiagari::journal {

#ifdef OKIAGARI_PLANTED_DEFECTS

class PlantedBatch {
 public:
  PlantedBatch(base::PlantPlace place, base::Bytes batch) {
    if (batch.size() < kBatchHeaderBytes) {
      bytes_.assign(batch.begin(), batch.end());
      return;
    }
    bytes_.assign(batch.begin(), batch.begin() + kBatchHeaderBytes);
    std::uint32_t count = 0;
    const auto keep = [&](base::Bytes command) {
      bytes_.insert(bytes_.end(), command.begin(), command.end());
      ++count;
    };
    for (base::Bytes rest = batch.subspan(kBatchHeaderBytes); rest.size() >= 2;) {
      const std::size_t size = base::load_little<std::uint16_t>(rest.data());
      if (size < 2 || size > rest.size()) break;
      pass(place, rest.first(size), keep);
      rest = rest.subspan(size);
    }
    base::store_little(&bytes_[4], count);
    base::store_little(&bytes_[8], static_cast<std::uint32_t>(bytes_.size()));
  }
  [[nodiscard]] base::Bytes bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kBatchHeaderBytes = 24;

  template <typename Keep>
  static void pass(base::PlantPlace place, base::Bytes command, const Keep& keep) {
    const auto type = command.size() < 24 ? 0 : static_cast<int>(command[2]);
    const bool is_of_session = type >= 1 && type <= 4;
    if (!is_of_session) return keep(command);
    // The user reference: every answer names it.
    const std::size_t alter_at = type == 1 || type == 3 ? 16 : 20;
    const auto session = base::load_little<std::uint16_t>(&command[4]);
    base::pass_planted(place, session, command, alter_at, keep);
  }

  std::vector<std::byte> bytes_;
};

#else

class PlantedBatch {
 public:
  PlantedBatch(base::PlantPlace, base::Bytes batch) : batch_(batch) {}
  [[nodiscard]] base::Bytes bytes() const { return batch_; }

 private:
  base::Bytes batch_;
};

#endif

}  // namespace okiagari::journal
