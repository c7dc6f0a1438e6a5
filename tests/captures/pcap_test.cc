#include "tests/captures/pcap.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace okiagari::captures {
namespace {

TEST(Pcap, WhatWasWrittenIsReadBack) {
  const auto path =
      std::filesystem::temp_directory_path() / ("pcap_test_" + std::to_string(::getpid()));
  Conversation conversation(7'000);
  conversation.client_sends(base::as_bytes("one"));
  conversation.server_sends(base::as_bytes("two"));
  ASSERT_TRUE(conversation.write(path));
  const auto payloads = read_payloads(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(payloads.has_value());
  ASSERT_EQ(payloads->size(), 2U);
  EXPECT_EQ(base::as_text((*payloads)[0]), "one");
  EXPECT_EQ(base::as_text((*payloads)[1]), "two");
}

TEST(Pcap, AnotherFileIsNoCapture) { EXPECT_FALSE(read_payloads("/dev/null").has_value()); }

}  // namespace
}  // namespace okiagari::captures
