#include "wire/message_table.h"

#include <gtest/gtest.h>

namespace okiagari::wire {
namespace {

TEST(MessageTable, EveryTableThatTheProgramCarriesIsRead) {
  EXPECT_GE(builtin_message_tables().size(), 7U);
  for (const std::string& name : builtin_message_tables()) {
    const auto table = builtin_message_table(name);
    ASSERT_TRUE(table.ok()) << name << ": " << table.error().message;
    EXPECT_EQ(table.value().name, name);
  }
}

std::string refusal(std::string_view text) {
  const auto table = parse_message_table(text);
  return table.ok() ? "" : table.error().message;
}

TEST(MessageTable, AnErrorNamesItsLine) {
  EXPECT_EQ(refusal(""), "there is no line `format NAME \"TITLE\"`");
  EXPECT_EQ(refusal("format a \"A\"\n  u32 price\n"), "line 2: 'u32' belongs to no message");
  EXPECT_EQ(refusal("format a \"A\"\nmessage S event\n  u33 time\n"),
            "line 3: 'u33' is no type of a field with a name behind it");
  EXPECT_EQ(refusal("format a \"A\"\nmessage S event\nmessage T event\n"),
            "line 3: 'event' is there twice");
  EXPECT_EQ(refusal("format a \"A\"\nmessage S event\n  times 3 leg\n"),
            "a group has no line `end`");
  EXPECT_EQ(refusal("format a \"A\"\nframing ip\n"),
            "line 2: 'ip' is none of mold, soup, lengths, messages");
}

}  // namespace
}  // namespace okiagari::wire
