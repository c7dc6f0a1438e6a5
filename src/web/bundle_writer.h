// Keeps a folder with a copy of the public page up to date: after every change of what the public
// may know, and every few minutes, so that the stamp on it shows that the writer lives. It also
// carries out the effects of kind "file", by which a notice's ledger knows when the copy had it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/signature.h"
#include "desk/desk_port.h"
#include "desk/dispatcher.h"
#include "web/public_view.h"

namespace okiagari::web {

class BundleWriter final : public desk::Hands {
 public:
  static constexpr TimestampNs kRewriteAfterNs = 300'000'000'000;

  // `port` is borrowed; `clock` is the wall clock.
  BundleWriter(const desk::DeskPort& port, PublicSettings settings, const base::KeyPair& key,
               std::string folder, std::function<TimestampNs()> clock)
      : port_(port),
        settings_(std::move(settings)),
        key_(key),
        folder_(std::move(folder)),
        clock_(std::move(clock)) {}

  // In each turn; writes only when there is something new or the copy grows old. An error is said
  // once for each attempt, and the next attempt is a few seconds later.
  base::Status turn();

  [[nodiscard]] bool takes(std::string_view kind) const override { return kind == "file"; }
  void carry_out(const desk::Effect& effect, const Reports& reports) override;

 private:
  base::Status write(const PublicView& view);

  const desk::DeskPort& port_;
  PublicSettings settings_;
  base::KeyPair key_;
  std::string folder_;
  std::function<TimestampNs()> clock_;
  std::uint64_t seen_index_ = 0;  // of the desk's log
  TimestampNs written_change_ns_ = 0;
  TimestampNs written_ns_ = 0;
  TimestampNs not_before_ns_ = 0;
};

}  // namespace okiagari::web
