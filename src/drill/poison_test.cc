#include "drill/poison.h"

#include <gtest/gtest.h>

namespace okiagari::drill {
namespace {

constexpr const char* kNode = R"(cluster = 912345
node = 1

[[server]]
node = 1
peers = "127.0.0.1:7001"
gateways = "127.0.0.1:7002"
feed = "127.0.0.1:7003"
)";

constexpr const char* kGateway = R"(cluster = 12345
gateway = 1
members = "127.0.0.1:7010"
credentials = "/market/credentials.toml"
nodes = ["127.0.0.1:7002", "127.0.0.1:7019", ]
)";

TEST(PoisonTest, ChangesTheFileEveryTimeAndSaysHow) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    check::Random random(seed);
    for (const auto& [text, poison] : {std::pair{kNode, poison_node(kNode, random)},
                                       std::pair{kGateway, poison_gateway(kGateway, random)}}) {
      ASSERT_TRUE(poison.ok());
      EXPECT_NE(poison.value().text, text);
      EXPECT_FALSE(poison.value().words.empty());
    }
  }
}

TEST(PoisonTest, AFileWithoutWhatCouldBeWrongInItIsLeftAlone) {
  check::Random random(1);
  EXPECT_FALSE(poison_node("# empty\n", random).ok());
  EXPECT_FALSE(poison_gateway("# empty\n", random).ok());
}

}  // namespace
}  // namespace okiagari::drill
