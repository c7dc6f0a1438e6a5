#include "watch/cgroup_memory.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace okiagari::watch {
namespace {

TEST(CgroupMemory, TheGroupOfAProcessIsFoundInBothVersionsOfTheKernel) {
  EXPECT_EQ(memory_group_folder("5:cpu,memory:/market/node-1\n0::/other\n", "/c"),
            "/c/memory/market/node-1");
  EXPECT_EQ(memory_group_folder("3:cpu:/x\n0::/market/node-1\n", "/c"), "/c/market/node-1");
  EXPECT_EQ(memory_group_folder("3:cpu:/x\nnonsense\n", "/c"), "");
}

TEST(CgroupMemory, UseBoundAndKillsAreReadAndAGroupWithoutABoundTellsNothing) {
  std::string pattern = std::filesystem::temp_directory_path() / "okiagari-cgroup-XXXXXX";
  const std::string folder = ::mkdtemp(pattern.data());
  const auto put = [&](const char* name, const char* text) {
    std::ofstream(folder + "/" + name) << text;
  };
  put("memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_FALSE(read_cgroup_memory(folder));
  put("memory.limit_in_bytes", "1000000\n");
  put("memory.stat", "cache 5\ntotal_rss 990000\nanon 7\n");
  put("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
  auto memory = read_cgroup_memory(folder);
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->used_bytes, 990'000u);
  EXPECT_EQ(memory->kills, 2u);
  put("memory.max", "max\n");
  ASSERT_TRUE(read_cgroup_memory(folder)) << "the older files count where the newer set no bound";
  put("memory.max", "2000000\n");
  put("memory.events", "low 0\noom 1\noom_kill 1\n");
  memory = read_cgroup_memory(folder);
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->most_bytes, 2'000'000u);
  EXPECT_EQ(memory->used_bytes, 7u);
  EXPECT_EQ(memory->kills, 1u);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace okiagari::watch
