// Faults of a host that hurt one server of several: a disk, a control group's memory, the network;
// and load that is somebody else's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "watch/host_detector.h"
#include "watch/message_folder.h"
#include "watch/signal.h"
#include "watch/told.h"

namespace okiagari::watch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HostFaults : public testing::Test {
 protected:
  // Half a minute of it, ending later than it began.
  void pass(std::uint64_t busy, int rounds) {
    for (int i = 0; i < rounds; ++i) {
      times_.busy += busy;
      times_.idle += 100 - busy;
      host_.processors(times_, at(now_ms_ += 250));
    }
  }
  static ProcessorUsers::Shares taken_by(const std::string& name) {
    ProcessorUsers::Shares shares;
    shares.others_percent = 95;
    shares.market_percent = 5;
    shares.users = {{name, "", 95, 1}};
    return shares;
  }

  std::uint64_t now_ms_ = 1'000;
  ProcessorTimes times_;
  Told told_;
  Reporter reporter_{"test", told_.sink()};
  HostDetector host_{"a", {}, reporter_};
};

TEST_F(HostFaults, ADiskThatFailsHurtsTheServerThatStandsOnItAndFullIsNotBroken) {
  host_.disk_hurts("/m/node-1", "node-1");
  host_.disk_space("/m/node-1", 0.2, at(1'000));
  host_.disk_probe_failed("/m/node-1", std::strerror(ENOSPC), at(2'000));
  host_.disk_probe_failed("/m/node-1", std::strerror(EIO), at(3'000));
  host_.disk_probe_failed("/m/node-2", std::strerror(EIO), at(3'000));
  EXPECT_THAT(told_.signals(), ElementsAre(signal::disk_full, signal::disk_full, signal::disk_error,
                                           signal::disk_error));
  EXPECT_EQ(told_.all[2].entity, "node-1");
  EXPECT_EQ(told_.all[3].entity, "host a");
}

TEST_F(HostFaults, AControlGroupThatIsFullAndThenKillsIsTheServersOwnTrouble) {
  host_.group_memory("node-2", {50, 100, 3}, at(1'000));
  EXPECT_THAT(told_.all, IsEmpty()) << "kills before the watch began are no news";
  host_.group_memory("node-2", {97, 100, 3}, at(2'000));
  host_.group_memory("node-2", {10, 100, 4}, at(3'000));
  EXPECT_THAT(told_.signals(), ElementsAre(signal::memory_low, signal::out_of_memory_kill));
  EXPECT_THAT(told_.entities_of(signal::out_of_memory_kill), ElementsAre("node-2"));
}

TEST_F(HostFaults, SegmentsSentAgainAreTheNetworkLosingThem) {
  for (std::uint64_t i = 0; i < 20; ++i) host_.segments(1'000 * i, i, at(1'000 * i + 1));
  EXPECT_THAT(told_.all, IsEmpty());
  host_.segments(30'000, 219, at(20'001));
  EXPECT_THAT(told_.signals(), ElementsAre(signal::packet_loss));
}

TEST_F(HostFaults, AHogOnAQuietHostIsToldAndAHostThatIsAlwaysBusyShowsNothingByIt) {
  pass(10, 60);
  host_.processor_users(taken_by("hog"));
  pass(100, 20);
  ASSERT_THAT(told_.signals(), ElementsAre(signal::processor_saturated, signal::foreign_processes));
  EXPECT_GT(told_.all[0].effect, 20);
  EXPECT_THAT(told_.all[1].statement, HasSubstr("hog"));
}

TEST_F(HostFaults, WhoTookTheProcessorsFromTheBeginOnIsNoNewsAndSomebodyNewIs) {
  host_.processor_users(taken_by("cc1plus"));
  pass(100, 100);
  EXPECT_THAT(told_.signals(), ElementsAre(signal::processor_saturated));
  EXPECT_LE(told_.all[0].effect, 1);
  host_.processor_users(taken_by("hog"));
  pass(100, 4);
  EXPECT_THAT(told_.signals(), ElementsAre(signal::processor_saturated, signal::foreign_processes));
}

TEST_F(HostFaults, ASilentProcessThatWaitsForAProcessorDoesNotHang) {
  ProcessReading reading;
  reading.state = 'R';
  host_.process("node-1", reading, at(1));
  pass(10, 4);
  EXPECT_FALSE(host_.is_starved("node-1")) << "nobody keeps it from speaking";
  pass(100, 4);
  EXPECT_TRUE(host_.is_starved("node-1"));
  EXPECT_FALSE(host_.is_starved("node-2")) << "not on this host";
  reading.state = 'T';
  host_.process("node-1", reading, at(2));
  EXPECT_FALSE(host_.is_starved("node-1")) << "it is stopped, whatever the processors do";
}

TEST(HostFaultsAsHeard, AProcessThatIsStoppedOnABusyHostIsNotStarvedWhenItIsSaid) {
  HostDetector* asked = nullptr;
  std::vector<bool> starved;
  Reporter reporter("test", [&](const Evidence& one) {
    if (one.signal == signal::process_frozen) starved.push_back(asked->is_starved(one.entity));
  });
  HostDetector host("a", {}, reporter);
  asked = &host;
  host.processors({0, 0, 0}, at(1));
  host.processors({100, 0, 0}, at(250));
  ProcessReading reading;
  reading.state = 'R';
  host.process("node-1", reading, at(300));
  reading.state = 'T';
  host.process("node-1", reading, at(600));
  EXPECT_EQ(starved, std::vector<bool>{false});
}

TEST(MessageFolder, EachFileThatIsPutThereIsReadOnceAndWhatWasThereIsNoNews) {
  std::string pattern = std::filesystem::temp_directory_path() / "okiagari-messages-XXXXXX";
  const std::string folder = mkdtemp(pattern.data());
  std::ofstream(folder + "/old.xml") << "old";
  std::vector<std::string> read;
  MessageFolder messages(
      folder, [&](std::string_view text, const std::string&) { read.emplace_back(text); });
  messages.tick(at(1'000));
  std::ofstream(folder + "/b.xml") << "second";
  std::ofstream(folder + "/a.xml") << "first";
  std::ofstream(folder + "/note.txt") << "none";
  messages.tick(at(2'000));
  messages.tick(at(3'000));
  EXPECT_THAT(read, ElementsAre("first", "second"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace okiagari::watch
