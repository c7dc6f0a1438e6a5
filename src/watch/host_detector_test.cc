#include "watch/host_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "watch/kernel_log.h"
#include "watch/signal.h"
#include "watch/told.h"

namespace okiagari::watch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HostDetectorTest : public testing::Test {
 protected:
  Told told_;
  Reporter reporter_{"test", told_.sink()};
  HostDetector host_{"a", {}, reporter_};
};

TEST_F(HostDetectorTest, StolenTimeIsToldApartFromBusyProcessors) {
  ProcessorTimes times;
  for (std::uint64_t i = 0; i < 40; ++i) {
    times.busy += 60;
    times.idle += 20;
    times.stolen += 20;
    host_.processors(times, at(1'000 + 250 * i));
  }
  EXPECT_THAT(told_.signals(), ElementsAre(signal::processor_stolen));
}

TEST_F(HostDetectorTest, BusyProcessorsAreToldOnlyWhenItLasts) {
  ProcessorTimes times;
  std::uint64_t now_ms = 1'000;
  const auto pass = [&](std::uint64_t busy, int rounds) {
    for (int i = 0; i < rounds; ++i, now_ms += 250) {
      times.busy += busy;
      times.idle += 100 - busy;
      host_.processors(times, at(now_ms));
    }
  };
  pass(100, 8);
  pass(50, 8);
  EXPECT_THAT(told_.all, IsEmpty());
  pass(100, 40);
  EXPECT_THAT(told_.signals(), ElementsAre(signal::processor_saturated));
}

TEST_F(HostDetectorTest, ProcessThatIsStoppedGoneOrAnotherIsTold) {
  ProcessReading reading;
  reading.state = 'S';
  reading.started_ticks = 5;
  host_.process("node-1", reading, at(1));
  reading.state = 'T';
  host_.process("node-1", reading, at(2));
  host_.process("node-1", reading, at(3));
  reading.state = 'R';
  reading.started_ticks = 9;
  host_.process("node-1", reading, at(4));
  reading.state = 'Z';
  host_.process("node-1", reading, at(5));
  EXPECT_THAT(told_.signals(),
              ElementsAre(signal::process_frozen, signal::process_restarted, signal::process_gone));
}

TEST_F(HostDetectorTest, WriteThatNeverEndsIsToldWhileItGoesOn) {
  for (int i = 0; i < 20; ++i) host_.disk_probe("/data", 2, true, at(1'000));
  host_.disk_probe("/data", 60, true, at(2'000));
  EXPECT_THAT(told_.all, IsEmpty());
  host_.disk_probe("/data", 1'200, false, at(3'000));
  host_.disk_probe("/data", 1'400, false, at(3'200));
  EXPECT_THAT(told_.signals(), ElementsAre(signal::disk_slow));
}

TEST_F(HostDetectorTest, ClockThatStepsIsToldWithHowFar) {
  host_.clock({1'000, 1'000'000'000'000});
  host_.clock({1'250, 1'000'250'000'000});
  EXPECT_THAT(told_.all, IsEmpty());
  host_.clock({1'500, 1'002'500'000'000});
  ASSERT_THAT(told_.signals(), ElementsAre(signal::clock_stepped));
  EXPECT_NEAR(told_.all[0].value, 2'000, 1);
}

TEST_F(HostDetectorTest, FloodFromFewAddressesIsToldApartFromACrowd) {
  PortConnections usual;
  usual.established = 10;
  for (int i = 0; i < 20; ++i) host_.connections("gateway-1", usual, at(1'000));
  PortConnections flood;
  flood.established = 900;
  flood.by_address["0100007F"] = 890;
  flood.by_address["0200007F"] = 10;
  host_.connections("gateway-1", flood, at(2'000));
  PortConnections crowd;
  crowd.half_open = 900;
  for (int i = 0; i < 900; ++i) crowd.by_address[std::to_string(i)] = 1;
  host_.connections("gateway-2", crowd, at(2'000));
  EXPECT_THAT(told_.signals(), ElementsAre(signal::connections_high, signal::connections_from_few,
                                           signal::connections_high));
}

TEST_F(HostDetectorTest, DiskThatFillsUpIsToldLowThenFull) {
  for (const double free : {50.0, 9.0, 8.0, 0.5}) host_.disk_space("/data", free, at(1'000));
  EXPECT_THAT(told_.signals(), ElementsAre(signal::disk_low, signal::disk_full));
}

TEST(ProcReadingsTest, KernelsOwnTablesAreRead) {
  const auto times = parse_processor_times("cpu  10 20 30 400 50 6 7 8 0 0\ncpu0 1 2 3\n");
  ASSERT_TRUE(times.has_value());
  EXPECT_EQ(times->busy, 73u);
  EXPECT_EQ(times->idle, 450u);
  EXPECT_EQ(times->stolen, 8u);
  const auto memory = parse_memory("MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:  40 kB\n");
  ASSERT_TRUE(memory.has_value());
  EXPECT_EQ(memory->available_kib, 40u);
  const auto pressure = parse_pressure(
      "some avg10=12.50 avg60=0.00 avg300=0.00 total=1\n"
      "full avg10=3.00 avg60=0.00 avg300=0.00 total=1\n");
  ASSERT_TRUE(pressure.has_value());
  EXPECT_EQ(pressure->full_percent, 3);
  const auto disks =
      parse_disks("   8       0 sda 10 0 80 5 20 0 160 7 0 12 12 0 0 0 0\n garbage\n");
  ASSERT_TRUE(disks.contains("sda"));
  EXPECT_EQ(disks.at("sda").operations, 30u);
  EXPECT_EQ(disks.at("sda").busy_ms, 12u);
}

TEST(ProcReadingsTest, ProcessWhoseNameHoldsParenthesesIsRead) {
  const auto process = parse_process(
      "77 (a) T (b) T 1 1 1 0 -1 4194560 1 0 0 0 40 2 0 0 20 0 1 0 555 1000 300 184467");
  ASSERT_TRUE(process.has_value());
  EXPECT_EQ(process->name, "a) T (b");
  EXPECT_EQ(process->state, 'T');
  EXPECT_EQ(process->ticks, 42u);
  EXPECT_EQ(process->started_ticks, 555u);
  EXPECT_EQ(process->resident_pages, 300u);
  EXPECT_FALSE(parse_process("77 (a) T 1 1").has_value());
}

TEST(ProcReadingsTest, ConnectionsAreCountedByPortAndAddress) {
  std::map<std::uint16_t, PortConnections> ports;
  ports[0x1F90];
  add_connections(
      "  sl  local_address rem_address   st\n"
      "   0: 0100007F:1F90 00000000:0000 0A 0\n"
      "   1: 0100007F:1F90 0200007F:9C40 01 0\n"
      "   2: 0100007F:1F90 0200007F:9C41 03 0\n"
      "   3: 0100007F:0016 0200007F:9C42 01 0\n",
      ports);
  EXPECT_EQ(ports[0x1F90].established, 1u);
  EXPECT_EQ(ports[0x1F90].half_open, 1u);
  EXPECT_EQ(ports[0x1F90].by_address["0200007F"], 2u);
}

TEST(KernelLogTest, RecordsAreReadAndTheirWordsKnown) {
  const auto message =
      parse_kernel_message("3,1234,5678,-;blk_update_request: I/O error\n DEV=b\n");
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->level, 3);
  EXPECT_EQ(message->number, 1234u);
  EXPECT_EQ(signal_of_kernel_text(message->text), signal::disk_error);
  EXPECT_EQ(signal_of_kernel_text("Out of memory: Killed process 12 (okiagari)"),
            signal::out_of_memory_kill);
  EXPECT_EQ(signal_of_kernel_text("EDAC MC0: 1 CE on DIMM_A1"), signal::memory_error);
  EXPECT_EQ(signal_of_kernel_text("eth0: NIC Link is Down"), signal::network_error);
  EXPECT_FALSE(signal_of_kernel_text("usb 1-1: new device").has_value());
  EXPECT_FALSE(parse_kernel_message("no record").has_value());
  EXPECT_FALSE(parse_kernel_message("x,1,2;t").has_value());
}

}  // namespace
}  // namespace okiagari::watch
