#include "recordings/local_venue.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/signature.h"

namespace okiagari::recordings {

namespace {

// Far above all that orders can reserve, far below what 128 bits hold.
constexpr std::int64_t kEndowmentHigh = std::int64_t{1} << 32;

base::KeyPair operator_keys(std::uint16_t which) {
  std::array<std::byte, 32> seed{};
  seed[0] = static_cast<std::byte>(which + 1);
  return base::key_pair_from_seed(seed);
}

template <std::size_t kSize>
std::array<char, kSize> padded(std::string_view text) {
  std::array<char, kSize> result;
  result.fill(' ');
  std::copy_n(text.begin(), std::min(text.size(), kSize), result.begin());
  return result;
}

}  // namespace

LocalVenue::LocalVenue(OnEvent on_event) : on_event_(std::move(on_event)) {
  for (std::uint16_t i = 0; i < 2; ++i) {
    venue::AddOperator added{};
    added.operator_id = static_cast<std::uint16_t>(i + 1);
    added.public_key = operator_keys(i).public_key;
    apply(added);
  }
}

InstrumentId LocalVenue::list(std::string_view symbol, PriceTicks low, PriceTicks high) {
  venue::AddInstrument added{};
  added.instrument = ++instruments_;
  added.symbol = padded<8>(symbol);
  added.tick_e4 = 1;
  added.money_per_tick_lot = 1;
  added.low_limit = low;
  added.high_limit = high;
  added.state = venue::InstrumentState::full;
  apply(added);
  for (AccountId account = 1; account < streams_.size(); ++account) {
    endow(account, added.instrument);
  }
  return added.instrument;
}

MemberId LocalVenue::add_member(std::string_view firm) {
  venue::AddMember added{};
  added.member = ++members_;
  added.firm = padded<4>(firm);
  apply(added);
  return added.member;
}

void LocalVenue::endow(AccountId account, InstrumentId asset) {
  venue::AdjustFunds funds{};
  funds.account = account;
  funds.asset = asset;
  funds.transfer_number = asset + 1u;
  funds.amount_high = kEndowmentHigh;
  apply(funds);
}

SessionId LocalVenue::add_session(MemberId member) {
  const auto session = static_cast<SessionId>(streams_.size());
  venue::AddAccount account{};
  account.account = session;
  account.member = member;
  apply(account);
  for (InstrumentId asset = 0; asset <= instruments_; ++asset) endow(session, asset);
  venue::AddSession added{};
  added.added_session = session;
  added.member = member;
  added.default_account = session;
  apply(added);
  streams_.emplace_back();
  log_in(session);
  return session;
}

void LocalVenue::log_in(SessionId session) {
  venue::Login login{};
  login.header.session = session;
  login.header.gateway = kGateway;
  login.nonce = ++log_ins_;
  apply(login);
  venue::Venue::SessionView view;
  ASSERT(venue_.session(session, view), "session {} was not added", session);
  streams_.at(session) = {view.epoch, 1};
}

void LocalVenue::approve(std::array<venue::Approval, 2>& into, const base::Digest& act,
                         int approvals) {
  for (std::uint16_t i = 0; i < approvals; ++i) {
    into[i].operator_id = static_cast<std::uint16_t>(i + 1);
    into[i].signature = base::sign(act, operator_keys(i).secret_key);
  }
}

void LocalVenue::apply_bytes(base::Bytes command) {
  venue::BatchHeader header{};
  header.version = venue::kBatchVersion;
  header.count = 1;
  header.size_bytes = static_cast<std::uint32_t>(sizeof header + command.size());
  header.timestamp_ns = time_ns_;
  batch_.clear();
  batch_.object(header);
  batch_.bytes(command);
  events_.clear();
  venue_.apply_batch(batch_.view(), events_);
  for (base::Bytes left = events_.view(); !left.empty();) {
    ASSERT(left.size() >= sizeof(venue::EventHeader), "{} bytes are no event", left.size());
    const auto& event = *reinterpret_cast<const venue::EventHeader*>(left.data());
    ASSERT(event.size_bytes >= sizeof event && event.size_bytes <= left.size(),
           "an event of {} bytes", event.size_bytes);
    on_event_(event);
    left = left.subspan(event.size_bytes);
  }
}

}  // namespace okiagari::recordings
