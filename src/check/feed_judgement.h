// The feed against the journal and against late joiners' images. A function of its inputs.
#pragma once

#include <cstdint>
#include <vector>

#include "check/feed_findings.h"
#include "check/feed_record.h"
#include "check/image_reader.h"
#include "check/itch.h"
#include "check/journal_file.h"
#include "check/market_model.h"

namespace okiagari::check {

// What the journals make the market say to the public, from message 1 on. `nodes`: how many there
// are, also those whose journal could not be read.
[[nodiscard]] std::vector<ItchMessage> predict_feed(const std::vector<Journal>& journals,
                                                    std::size_t nodes, FundsRefusals refusals,
                                                    FeedFindings& findings);

// Messages that are known to exist and never came.
void judge_gaps(const FeedRecord& record, FeedFindings& findings);
// Holds the messages up to the end of the prediction to it; what came after it was not judged.
void compare_with_journal(const std::vector<ItchMessage>& predicted, const FeedRecord& record,
                          FeedFindings& findings);
// Holds the books and states of an image to those of one who heard the feed from the beginning.
void compare_with_image(const MarketImage& image, const FeedRecord& record, FeedFindings& findings);

}  // namespace okiagari::check
