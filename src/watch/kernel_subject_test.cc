#include "watch/kernel_subject.h"

#include <gtest/gtest.h>

namespace okiagari::watch {
namespace {

TEST(KernelSubject, AKilledProcessIsTheServerThatHadItsNumberEvenWhenItHasAnotherByNow) {
  KernelSubject subject;
  subject.process(4'711, "node-1");
  subject.process(4'999, "node-1");
  subject.process(4'712, "node-2");
  EXPECT_EQ(subject.find("Memory cgroup out of memory: Killed process 4711 (okiagari) "
                         "total-vm:1kB, anon-rss:1kB"),
            "node-1");
  EXPECT_EQ(subject.find("oom-kill:constraint=CONSTRAINT_MEMCG,task_memcg=/n,task=okiagari,"
                         "pid=4712,uid=0"),
            "node-2");
  EXPECT_EQ(subject.find("okiagari[4711]: segfault at 38 ip 0000 sp 0000 error 4"), "node-1");
  EXPECT_EQ(subject.find("Out of memory: Killed process 47 (cc1plus)"), std::nullopt);
}

TEST(KernelSubject, ADeviceIsKnownByItsWholeName) {
  KernelSubject subject;
  subject.device("loop1", "node-3");
  EXPECT_EQ(subject.find("I/O error, dev loop1, sector 2048 op 0x1:(WRITE)"), "node-3");
  EXPECT_EQ(subject.find("EXT4-fs error (device loop1): ext4_journal_check_start:83"), "node-3");
  EXPECT_EQ(subject.find("I/O error, dev loop12, sector 2048"), std::nullopt);
  subject.device("vda1", "host a");
  EXPECT_EQ(subject.find("critical medium error, dev vda, sector 7"), "host a");
  subject.device("nvme0n1p2", "host b");
  EXPECT_EQ(subject.find("I/O error, dev nvme0n1, sector 7"), "host b");
  EXPECT_TRUE(KernelSubject::has_device("I/O error, dev loop12, sector 2048"));
  EXPECT_FALSE(KernelSubject::has_device("nvme0: controller is down"));
}

TEST(KernelSubject, AFolderStandsOnTheDeviceOfTheNearestMountPointAroundIt) {
  const char* mounts =
      "22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n"
      "90 22 7:0 / /srv/market/node-1 rw,relatime - ext4 /dev/loop0 rw\n"
      "91 22 0:40 / /srv/market/node-2 rw,relatime - tmpfs tmpfs rw,size=64k\n";
  EXPECT_EQ(device_of(mounts, "/srv/market/node-1"), "loop0");
  EXPECT_EQ(device_of(mounts, "/srv/market/node-1/journal"), "loop0");
  EXPECT_EQ(device_of(mounts, "/srv/market/node-2"), "") << "memory is no device";
  EXPECT_EQ(device_of(mounts, "/srv/market/node-10"), "vda1");
}

}  // namespace
}  // namespace okiagari::watch
