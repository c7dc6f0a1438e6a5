#include "journal/background_sync.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

class BackgroundSyncTest : public testing::Test {
 protected:
  BackgroundSyncTest()
      : file_(::open((folder_.path() + "/file").c_str(), O_RDWR | O_CREAT, 0600)) {}
  ~BackgroundSyncTest() override { ::close(file_); }

  [[nodiscard]] bool has_event(int limit_ms) const {
    pollfd wanted{sync_.event_descriptor(), POLLIN, 0};
    return ::poll(&wanted, 1, limit_ms) == 1;
  }

  TemporaryFolder folder_;
  int file_;
  BackgroundSync sync_;
};

TEST_F(BackgroundSyncTest, TellsOnceThatItHasFinishedAndHow) {
  EXPECT_FALSE(sync_.finished(false));
  EXPECT_FALSE(sync_.finished(true)) << "nothing runs";
  for (int i = 0; i < 100; ++i) {
    sync_.start(file_);
    ASSERT_TRUE(has_event(10'000));
    EXPECT_EQ(sync_.finished(false), 0);
    EXPECT_FALSE(has_event(0));
    EXPECT_FALSE(sync_.finished(false));
  }
}

TEST_F(BackgroundSyncTest, CanBeWaitedFor) {
  sync_.start(file_);
  EXPECT_EQ(sync_.finished(true), 0);
  EXPECT_FALSE(has_event(0));
}

TEST_F(BackgroundSyncTest, DiskThatFailsIsNotTakenForOneThatHasSynced) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  sync_.start(ends[1]);
  EXPECT_EQ(sync_.finished(true), EINVAL) << "a pipe cannot be synced";
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(BackgroundSyncTest, EndsInTheMiddleOfASync) { sync_.start(file_); }

}  // namespace
}  // namespace okiagari::journal
