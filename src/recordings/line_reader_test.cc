#include "recordings/line_reader.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace okiagari::recordings {
namespace {

std::string write_file(const std::string& name, const std::string& content) {
  const std::string path = testing::TempDir() + "line_reader_" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string zstd_of(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

// All lines, or the error as the last element behind "error: ".
std::vector<std::string> lines_of(const std::string& path) {
  auto reader = LineReader::open(path);
  if (!reader) return {"error: " + reader.error().message};
  std::vector<std::string> lines;
  std::string_view line;
  for (;;) {
    auto more = reader.value().next(line);
    if (!more) lines.push_back("error: " + more.error().message);
    if (!more || !more.value()) return lines;
    lines.emplace_back(line);
  }
}

TEST(LineReader, KeepsTheLastLineThatHasNoLineEnd) {
  EXPECT_EQ(lines_of(write_file("last", "a\r\n\nlast")),
            (std::vector<std::string>{"a", "", "last"}));
}

TEST(LineReader, ReadsCompressedTextAsTheSameLines) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 50'000; ++i) {
    expected.push_back("row " + std::to_string(i * 7919));
    text += expected.back() + "\n";
  }
  EXPECT_EQ(lines_of(write_file("packed.zst", zstd_of(text))), expected);
}

TEST(LineReader, SaysSoWhenACompressedFileWasCutShort) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919) + "\n";
  std::string packed = zstd_of(text);
  packed.resize(packed.size() / 2);
  const auto lines = lines_of(write_file("cut.zst", packed));
  ASSERT_FALSE(lines.empty());
  EXPECT_NE(lines.back().find("ends in the middle"), std::string::npos) << lines.back();
}

TEST(LineReader, NamesTheFileThatIsNotThere) {
  const auto lines = lines_of("/nonexistent/recording.csv");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("/nonexistent/recording.csv"), std::string::npos);
}

TEST(ParseInteger, RefusesWhatIsNotWhollyANumber) {
  std::int64_t value = 0;
  EXPECT_TRUE(parse_integer("-12", value));
  EXPECT_EQ(value, -12);
  EXPECT_FALSE(parse_integer("12x", value));
  EXPECT_FALSE(parse_integer("", value));
  EXPECT_FALSE(parse_integer("99999999999999999999", value));
}

}  // namespace
}  // namespace okiagari::recordings
