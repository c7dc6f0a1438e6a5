#include "client/key_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "journal/temporary_folder.h"

namespace okiagari::client {
namespace {

class KeyFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return folder_.path() + "/key"; }
  journal::TemporaryFolder folder_;
};

TEST_F(KeyFileTest, AKeySignsWhatItsPublicHalfVerifies) {
  const auto made = make_key_file(path(), "Kaneko", "");
  ASSERT_TRUE(made.ok()) << made.error().message;
  const auto key = load_key(path(), "");
  ASSERT_TRUE(key.ok()) << key.error().message;
  const base::Bytes message = base::as_bytes("stop");
  EXPECT_TRUE(base::verify_signature(message, base::sign(message, key.value().secret_key),
                                     made.value().public_key));
  EXPECT_EQ(read_key_file(path()).value().name, "Kaneko");
  EXPECT_EQ(std::filesystem::status(path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(KeyFileTest, AKeyIsNeverWrittenOver) {
  const auto made = make_key_file(path(), "Kaneko", "");
  ASSERT_TRUE(made.ok());
  EXPECT_FALSE(make_key_file(path(), "Mori", "").ok());
  EXPECT_EQ(read_key_file(path()).value().public_key, made.value().public_key);
}

TEST_F(KeyFileTest, AKeyThatOthersMayReadIsNotUsed) {
  ASSERT_TRUE(make_key_file(path(), "Kaneko", "").ok());
  std::filesystem::permissions(path(), std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  const auto key = load_key(path(), "");
  ASSERT_FALSE(key.ok());
  EXPECT_NE(key.error().message.find("chmod 600"), std::string::npos);
}

TEST_F(KeyFileTest, ASealedKeyOpensWithItsPassphraseOnly) {
  const auto made = make_key_file(path(), "Kaneko", "daruma");
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_TRUE(read_key_file(path()).value().is_sealed);
  EXPECT_FALSE(load_key(path(), "").ok());
  EXPECT_FALSE(load_key(path(), "Daruma").ok());
  const auto key = load_key(path(), "daruma");
  ASSERT_TRUE(key.ok()) << key.error().message;
  EXPECT_EQ(key.value().public_key, made.value().public_key);
}

TEST_F(KeyFileTest, HalvesThatDoNotBelongTogetherAreDamage) {
  ASSERT_TRUE(make_key_file(path(), "Kaneko", "").ok());
  std::ifstream file(path());
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t at = text.find("seed = \"") + 8;
  text[at] = text[at] == '0' ? '1' : '0';
  std::ofstream(path()) << text;
  const auto key = load_key(path(), "");
  ASSERT_FALSE(key.ok());
  EXPECT_NE(key.error().message.find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace okiagari::client
