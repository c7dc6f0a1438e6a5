#include "wire/receipts.h"

#include <gtest/gtest.h>

#include <vector>

namespace okiagari::wire {
namespace {

using State = ReceiptReader::State;

class Receipts : public testing::Test {
 protected:
  void SetUp() override {
    append_receipts_header(writer_, {.gateway = 2, .cluster = 7, .incarnation = 9});
    for (std::uint64_t number = 1; number <= 3; ++number) {
      ends_.push_back(writer_.size());
      append_receipt(writer_, {.gateway = 2, .session = 5, .number = number, .arrival_ns = number},
                     base::as_bytes("message"));
    }
    file_.assign(writer_.view().begin(), writer_.view().end());
  }

  // How many records can be read, and how the reading ends.
  std::pair<int, State> read(base::Bytes file) {
    ReceiptReader reader(file);
    ReceiptRecord record;
    base::Bytes payload;
    int count = 0;
    State state;
    while ((state = reader.next(record, payload)) == State::more) {
      EXPECT_EQ(base::as_text(payload), "message");
      EXPECT_EQ(+record.number, static_cast<std::uint64_t>(++count));
    }
    offset_ = reader.offset();
    return {count, state};
  }

  base::ByteWriter writer_;
  std::vector<std::byte> file_;
  std::vector<std::size_t> ends_;
  std::size_t offset_ = 0;
};

TEST_F(Receipts, WhatWasWrittenIsReadBack) {
  EXPECT_EQ(read(file_), std::pair(3, State::end));
  EXPECT_EQ(ReceiptReader(file_).header().gateway, 2);
}

TEST_F(Receipts, RecordCutOffByACrashEndsTheFileAndTheOthersStand) {
  for (std::size_t size = ends_[2] + 1; size < file_.size(); ++size) {
    EXPECT_EQ(read({file_.data(), size}), std::pair(2, State::cut_off)) << size;
    EXPECT_EQ(offset_, ends_[2]);
  }
}

TEST_F(Receipts, EveryFlippedBitIsNoticed) {
  for (std::size_t at = 0; at < file_.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto damaged = file_;
      damaged[at] ^= std::byte{1} << bit;
      ReceiptReader reader(damaged);
      ReceiptRecord record;
      base::Bytes payload;
      State state;
      do state = reader.next(record, payload);
      while (state == State::more);
      EXPECT_NE(state, State::end) << at << " bit " << bit;
    }
  }
}

TEST_F(Receipts, DamageWithMoreBehindItIsNotTakenForACrash) {
  file_[ends_[1] + sizeof(ReceiptRecord)] ^= std::byte{1};
  EXPECT_EQ(read(file_), std::pair(1, State::damaged));
  EXPECT_EQ(offset_, ends_[1]);
}

TEST_F(Receipts, RemovedRecordIsNoticed) {
  file_.erase(file_.begin() + static_cast<std::ptrdiff_t>(ends_[1]),
              file_.begin() + static_cast<std::ptrdiff_t>(ends_[2]));
  EXPECT_EQ(read(file_), std::pair(1, State::damaged));
}

TEST_F(Receipts, AnotherFileIsNoReceipts) {
  EXPECT_EQ(read(base::as_bytes("something else")), std::pair(0, State::not_receipts));
  EXPECT_EQ(read({}), std::pair(0, State::not_receipts));
}

}  // namespace
}  // namespace okiagari::wire
