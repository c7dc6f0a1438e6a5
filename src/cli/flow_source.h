// Recorded order flow as messages of members: every order of the recording belongs to one of them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "check/message_source.h"
#include "deployment/deployment_file.h"
#include "recordings/flow_file.h"

namespace okiagari::cli {

// The instruments of a flow as a market lists them, numbered from 1. A tick of the recording is the
// smallest step that the wire can say.
[[nodiscard]] std::vector<deployment::InstrumentPlace> instruments_of(const recordings::Flow& flow);

class FlowSource final : public check::MessageSource {
 public:
  // `flow` is borrowed. `speed` is how many times as fast as recorded its messages are due; 0: each
  // as soon as the one before has left.
  FlowSource(const recordings::Flow& flow, std::size_t members, double speed = 0);

  [[nodiscard]] std::optional<std::size_t> next_member() const override;
  [[nodiscard]] std::uint64_t due_ns() const override;
  void write(std::uint32_t user_reference, base::ByteWriter& into) const override;
  void sent(std::uint32_t user_reference) override;

  [[nodiscard]] std::size_t position() const { return next_; }
  [[nodiscard]] std::size_t size() const { return flow_.records.size(); }
  [[nodiscard]] bool is_over() const { return next_ == flow_.records.size(); }

 private:
  const recordings::Flow& flow_;
  std::size_t members_;
  double speed_;
  std::size_t next_ = 0;
  std::vector<std::uint32_t> user_references_;  // by order of the flow
};

}  // namespace okiagari::cli
