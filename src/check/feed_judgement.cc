#include "check/feed_judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "check/agreed_log.h"
#include "check/itch_items.h"
#include "check/told_messages.h"

namespace okiagari::check {
namespace {

// What the public knows of an instrument besides its orders.
struct Listed {
  std::array<char, 8> symbol{};
  char code = 0;
  char detail = 0;
  bool operator==(const Listed&) const = default;
};
using Listing = std::map<std::uint16_t, Listed>;

Listing listing_of(const std::vector<base::Bytes>& messages) {
  Listing listing;
  for (const base::Bytes bytes : messages) {
    ItchMessage message;
    if (!decode_itch(bytes, message)) continue;
    if (message.type == kItchDirectory) listing[message.locate].symbol = message.symbol;
    if (message.type == kItchTradingAction) {
      listing[message.locate].code = message.code;
      listing[message.locate].detail = message.detail;
    }
  }
  return listing;
}

void add_all(const Findings& from, Wrong kind, FeedWrong as, FeedFindings& findings) {
  const std::vector<std::string>& words = from.words(kind);
  for (const std::string& sentence : words) findings.add(as, sentence);
  const std::uint64_t more = from.count(kind) - words.size();
  if (more > 0) findings.add(as, fmt::format("and {} more like these", more), more);
}

void compare_orders(const OpenOrders& feed, const OpenOrders& image, const std::string& where,
                    FeedFindings& findings) {
  for (const auto& [reference, order] : feed) {
    const auto found = image.find(reference);
    if (found == image.end()) {
      findings.add(FeedWrong::image,
                   fmt::format("{}: order {} is open by the feed and not in it", where, reference));
    } else if (!(found->second == order)) {
      findings.add(FeedWrong::image,
                   fmt::format("{}: order {} is {} {} at {} by the feed and {} {} at {} in it",
                               where, reference, order.side, order.open, order.price_e4,
                               found->second.side, found->second.open, found->second.price_e4));
    }
  }
  for (const auto& [reference, order] : image) {
    if (feed.contains(reference)) continue;
    findings.add(FeedWrong::image,
                 fmt::format("{}: order {} is in it and not open by the feed", where, reference));
  }
}

}  // namespace

std::vector<ItchMessage> predict_feed(const std::vector<Journal>& journals, std::size_t nodes,
                                      FundsRefusals refusals, FeedFindings& findings) {
  Findings about_log;
  const AgreedLog log = agree_on_log(journals, nodes, nullptr, about_log);
  for (const Wrong kind :
       {Wrong::lost, Wrong::doubled, Wrong::reordered, Wrong::contradicted, Wrong::unknown}) {
    add_all(about_log, kind, FeedWrong::unknown, findings);
  }
  MarketModel model(std::move(refusals));
  std::vector<Disposition> dispositions;
  for (const AgreedEntry& entry : log.entries) {
    dispositions.clear();
    model.apply(entry.batch, dispositions);
  }
  return model.feed();
}

void judge_gaps(const FeedRecord& record, FeedFindings& findings) {
  for (std::uint64_t number = record.next_missing(); number < record.known_end(); ++number) {
    if (record.has(number)) continue;
    const std::uint64_t first = number;
    while (number + 1 < record.known_end() && !record.has(number + 1)) ++number;
    findings.add(FeedWrong::gap,
                 first == number ? fmt::format("message {} came on no line and in no answer", first)
                                 : fmt::format("messages {} to {} came on no line and in no answer",
                                               first, number),
                 number + 1 - first);
  }
}

namespace {

// What came behind the last predicted message is younger than the journals that were read.
void leave_out_younger(const std::vector<Item>& expected, std::vector<Item>& actual) {
  if (expected.empty()) return actual.clear();
  const auto last = std::find(actual.rbegin(), actual.rend(), expected.back());
  if (last != actual.rend()) {
    actual.erase(last.base(), actual.end());
  } else if (actual.size() > expected.size()) {
    actual.resize(expected.size());
  }
}

}  // namespace

void compare_with_journal(const std::vector<ItchMessage>& predicted, const FeedRecord& record,
                          FeedFindings& findings) {
  std::vector<ItchMessage> expected;
  for (std::uint64_t number = 1; number <= predicted.size(); ++number) {
    // A gap is a finding of its own.
    const bool is_gap = number < record.known_end() && !record.has(number);
    if (!is_gap) expected.push_back(predicted[number - 1]);
  }
  std::vector<ItchMessage> actual;
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t number = 1; number < record.known_end(); ++number) {
    if (!record.has(number)) continue;
    (void)decode_itch(record.message(number), actual.emplace_back());
    numbers.push_back(number);
  }
  const std::vector<Item> expected_items = items_of(expected);
  std::vector<Item> actual_items = items_of(actual);
  leave_out_younger(expected_items, actual_items);
  Findings found;
  compare_sequences(
      expected_items, actual_items, "the feed against the journal",
      [&](std::size_t at) { return describe(expected[at]); },
      [&](std::size_t at) {
        return fmt::format("message {}, {}", numbers[at], describe(actual[at]));
      },
      found);
  add_all(found, Wrong::lost, FeedWrong::missing, findings);
  for (const Wrong kind : {Wrong::doubled, Wrong::reordered, Wrong::contradicted}) {
    add_all(found, kind, FeedWrong::without_cause, findings);
  }
}

void compare_with_image(const MarketImage& image, const FeedRecord& record,
                        FeedFindings& findings) {
  const std::string where =
      fmt::format("node {}'s image before message {}", image.node, image.next_number);
  if (image.next_number > record.next_missing()) {
    findings.add(FeedWrong::unknown,
                 fmt::format("{}: the feed was only heard up to message {} without a gap", where,
                             record.next_missing() - 1));
    return;
  }
  std::vector<base::Bytes> heard;
  for (std::uint64_t number = 1; number < image.next_number; ++number) {
    heard.push_back(record.message(number));
  }
  const std::vector<base::Bytes> shown(image.messages.begin(), image.messages.end());
  Findings of_feed;
  Findings of_image;
  compare_orders(open_by_feed(heard, of_feed), open_by_feed(shown, of_image), where, findings);
  if (of_image.total() > 0) {
    findings.add(FeedWrong::image,
                 fmt::format("{}: {} of its messages make no sense", where, of_image.total()),
                 of_image.total());
  }
  if (of_feed.total() > 0) {
    findings.add(FeedWrong::without_cause,
                 fmt::format("{} messages of the feed speak of orders that are not there, or of "
                             "more than is there",
                             of_feed.total()),
                 of_feed.total());
  }
  if (listing_of(heard) != listing_of(shown)) {
    findings.add(FeedWrong::image,
                 fmt::format("{}: instruments or their states are others than by the feed", where));
  }
}

}  // namespace okiagari::check
