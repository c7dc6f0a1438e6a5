#include "wire/operator_keys.h"

#include <gtest/gtest.h>

namespace okiagari::wire {
namespace {

TEST(OperatorKeys, AreReadAsTheyAreWritten) {
  OperatorKeys keys;
  base::PublicKey public_key{};
  public_key[0] = std::byte{0x5A};
  ASSERT_TRUE(keys.add({1, "Kaneko", public_key, false}));
  public_key[0] = std::byte{0x5B};
  ASSERT_TRUE(keys.add({5, "desk", public_key, true}));
  const auto again = OperatorKeys::parse(keys.to_toml(), "operators.toml");
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again.value().to_toml(), keys.to_toml());
  EXPECT_TRUE(again.value().find(5)->stop_only);
  EXPECT_EQ(again.value().find(public_key)->name, "desk");
  EXPECT_EQ(again.value().find(2), nullptr);
}

TEST(OperatorKeys, AMistakeIsNamedWithItsLine) {
  const auto fault = [](std::string_view toml) {
    const auto parsed = OperatorKeys::parse(toml, "operators.toml");
    return parsed.ok() ? std::string() : parsed.error().message;
  };
  EXPECT_NE(fault("[[operators]]\noperator = 1\nname = \"A\"\npublic_key = \"12\"\n")
                .find("64 hexadecimal"),
            std::string::npos);
  const std::string good =
      "[[operators]]\noperator = 1\nname = \"A\"\npublic_key = \"" + std::string(64, '0') + "\"\n";
  EXPECT_EQ(fault(good), "");
  EXPECT_NE(fault(good + good).find("another one's number"), std::string::npos);
  EXPECT_NE(fault(good + "stop = true\n").find("stop"), std::string::npos);
}

}  // namespace
}  // namespace okiagari::wire
