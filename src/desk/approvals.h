// Acts that two people must want: starting again, forcing a quorum, promoting a site. A proposal
// holds exactly what will be done and its digest; each approval is a signature over that digest, or
// over the text that gateways read, by an operator's key. The venue, or each gateway, checks the
// signatures again by itself; the desk only refuses early.
//
// Entries: approval.operators {operators}; approval.propose {incident, kind, digest, payload,
// signs, words, preview, valid_s}; approval.sign {proposal, operator, signature}; approval.withdraw
// {proposal}; approval.executed {proposal, outcome}; approval.effect from the outbox.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/signature.h"
#include "desk/part.h"

namespace okiagari::desk {

struct OperatorKey {
  std::uint16_t id = 0;
  std::string name;
  base::PublicKey public_key{};
  bool is_stop_only = false;
};

struct Proposal {
  std::uint64_t number = 0;
  std::string incident;
  // "market_act", "guard_lift": the desk carries it out; "rebuild": people do.
  std::string kind;
  base::Digest digest{};
  std::string signs;            // what approvers sign where that is a text, not the digest
  std::string payload;          // what is submitted, hex or JSON text; the digest is of it
  Words words;                  // what will be done
  boost::json::object preview;  // whom it affects
  std::string by;
  TimestampNs proposed_ns = 0;
  TimestampNs expires_ns = 0;
  std::string state = "open";  // open, approved, executed, failed, expired, withdrawn
  std::string outcome;
  struct Approval {
    std::uint16_t operator_id = 0;
    std::string signature;  // hex
    std::string by;
    TimestampNs at_ns = 0;
  };
  std::vector<Approval> approvals;
};
[[nodiscard]] boost::json::object to_json(const Proposal& proposal);

class Approvals final : public Part {
 public:
  static constexpr std::size_t kNeeded = 2;
  static constexpr std::int64_t kValidMaxS = 3'600;

  [[nodiscard]] const Proposal* find(std::uint64_t number) const;
  [[nodiscard]] const std::map<std::uint16_t, OperatorKey>& operators() const { return operators_; }

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"approval"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  base::Status set_operators(const Entry& entry, Context& context);
  base::Status propose(const Entry& entry, Context& context);
  base::Status sign(Proposal& proposal, const Entry& entry, Context& context);
  base::Status close(Proposal& proposal, const Entry& entry, Context& context);
  void approve(Proposal& proposal, Context& context);

  std::map<std::uint16_t, OperatorKey> operators_;
  std::map<std::uint64_t, Proposal> proposals_;
};

}  // namespace okiagari::desk
