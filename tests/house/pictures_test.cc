// Goal: what the documents show and link to is there, and pictures stay small enough to be cloned
// by everybody. Method: every relative link of every page under docs/ and of the README is looked
// up; every picture must be shown by a page.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "test_places.h"

namespace okiagari::house {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kPictureBytesMost = 200'000;
constexpr std::uintmax_t kPicturesBytesMost = 4'000'000;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::set<fs::path> pages_of(const fs::path& root) {
  std::set<fs::path> pages;
  if (fs::exists(root / "README.md")) pages.insert(root / "README.md");
  for (const auto& entry : fs::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") pages.insert(entry.path());
  }
  return pages;
}

std::string check_links(const fs::path& page, std::set<fs::path>& shown) {
  static const std::regex kLink(R"(\]\(([^)\s#]+)(#[^)\s]*)?\))");
  const std::string text = text_of(page);
  std::string findings;
  for (std::sregex_iterator at(text.begin(), text.end(), kLink), end; at != end; ++at) {
    const std::string target = (*at)[1];
    if (target.find(':') != std::string::npos) continue;  // of another site
    const fs::path path = (page.parent_path() / target).lexically_normal();
    if (!fs::exists(path)) findings += fmt::format("{}: no {}\n", page.string(), target);
    shown.insert(path);
  }
  return findings;
}

std::string check_documents(const fs::path& root) {
  std::set<fs::path> shown;
  std::string findings;
  for (const fs::path& page : pages_of(root)) findings += check_links(page, shown);
  if (!fs::exists(root / "docs/images")) return findings;
  std::uintmax_t total = 0;
  for (const auto& entry : fs::directory_iterator(root / "docs/images")) {
    const std::string name = entry.path().filename();
    total += entry.file_size();
    if (entry.file_size() > kPictureBytesMost) findings += fmt::format("{} is too large\n", name);
    if (!shown.contains(entry.path())) findings += fmt::format("no page shows {}\n", name);
  }
  if (total > kPicturesBytesMost) findings += fmt::format("all pictures: {} bytes\n", total);
  return findings;
}

TEST(Documents, APictureThatIsMissingTooLargeOrShownByNobodyIsFound) {
  std::string root = fs::temp_directory_path() / "okiagari-house-XXXXXX";
  ASSERT_NE(mkdtemp(root.data()), nullptr);
  fs::create_directories(root + "/docs/images");
  const auto write = [&](const std::string& path, const std::string& text) {
    std::ofstream(root + "/docs/" + path) << text;
  };
  write("a.md", "![A](images/a.png) [b](b.md#part) [other](https://x.example/c.md)\n");
  write("b.md", "nothing\n");
  write("images/a.png", "-");
  EXPECT_EQ(check_documents(root), "");
  write("images/b.png", std::string(kPictureBytesMost + 1, '-'));
  EXPECT_EQ(check_documents(root), "b.png is too large\nno page shows b.png\n");
  fs::remove(root + "/docs/images/b.png");
  write("b.md", "[gone](gone.md)\n");
  EXPECT_NE(check_documents(root), "");
  fs::remove_all(root);
}

TEST(Repository, ShowsPicturesAndLinksToPagesThatAreThere) {
  EXPECT_EQ(check_documents(OKIAGARI_SOURCE_DIR), "");
}

}  // namespace
}  // namespace okiagari::house
