// Whether orders are stopped here by signed halts (wire/halt_document.h), whichever way those came.
// It needs no cluster: what it knows are the operators' keys and its own file, which survives a
// crash. Looking for documents is gateway/halt_folder.h; refusing orders is gateway/intake.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "base/types.h"
#include "wire/big_endian.h"
#include "wire/halt_document.h"
#include "wire/operator_keys.h"

namespace okiagari::gateway {

// What became of a document. Everything behind already_known changed nothing.
enum class HaltVerdict : std::uint8_t {
  in_effect,
  lifted,
  already_known,  // the very document that was carried out last
  broken,
  wrong_cluster,
  unknown_operator,
  signature_missing,
  signature_wrong,
  second_person_missing,  // of a lift: two different operators who may start
  old_number,
  expired,
  not_that_halt,  // the lift names another scope or target than the halt it lifts
  too_many_halts,
  not_stored,
};
[[nodiscard]] std::string_view name_of(HaltVerdict verdict);
[[nodiscard]] constexpr bool is_carried_out(HaltVerdict verdict) {
  return verdict <= HaltVerdict::already_known;
}

struct HaltInForce {
  std::uint64_t number = 0;
  venue::Scope scope = venue::Scope::market;
  std::string target;
  std::string reason;
  TimestampNs since_ns = 0;
};

// What is known of an order when it is to be judged. What is not known counts as concerned.
struct OrderPlace {
  MemberId member = 0;
  bool knows_instrument = false;
  wire::Alpha<8> symbol{};
  bool knows_segment = false;
  std::uint16_t segment = 0;
};

class HaltGuard {
 public:
  static constexpr std::size_t kHaltsMax = 256;  // and as many of the whole market

  // Reads what was in force. A file that is damaged is not believed to have been empty: then the
  // whole market is halted here, as number 0, until that is lifted.
  HaltGuard(std::string data_dir, std::uint64_t cluster, wire::OperatorKeys keys);

  struct Answer {
    HaltVerdict verdict = HaltVerdict::broken;
    std::string text;       // for people
    bool was_read = false;  // `document` is set
    wire::HaltDocument document;
    HaltInForce lifted;  // number 0: it was not in force here
  };
  // Judges a document and carries it out. A halt is in effect when this returns, also where it
  // could not be stored; a lift only when it was stored.
  [[nodiscard]] Answer hand_over(std::string_view text, TimestampNs now_ns);

  [[nodiscard]] bool is_any() const { return !halts_.empty(); }
  [[nodiscard]] bool stops(const OrderPlace& order) const;
  [[nodiscard]] const std::vector<HaltInForce>& halts() const { return halts_; }
  [[nodiscard]] std::uint64_t last_number() const { return last_number_; }
  // Tries again what could not be stored.
  void store_if_needed();

 private:
  // in_effect: it is genuine and new.
  [[nodiscard]] HaltVerdict check(const wire::HaltDocument& document, TimestampNs now_ns,
                                  std::string& text) const;
  [[nodiscard]] HaltVerdict check_signatures(const wire::HaltDocument& document,
                                             std::string& text) const;
  void begin(Answer& answer, TimestampNs now_ns);
  void lift(Answer& answer);
  [[nodiscard]] base::Status store();
  [[nodiscard]] base::Status load();

  std::string path_;
  std::string directory_;
  std::uint64_t cluster_;
  wire::OperatorKeys keys_;
  std::uint64_t last_number_ = 0;
  base::Digest last_document_{};
  std::vector<HaltInForce> halts_;
  bool is_unstored_ = false;
};

}  // namespace okiagari::gateway
