// A market of real processes and a watch on the test's own loop, with everything that it says.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "deployment/market_watching.h"
#include "net/loop.h"
#include "tests/cluster/test_market.h"
#include "watch/watcher.h"

namespace okiagari {

class TestWatch : public TestMarket {
 protected:
  // Until so many orders of the canary are answered at each gateway.
  void watch_with(watch::WatchSettings settings, std::uint64_t answers) {
    watcher_ = std::make_unique<watch::Watcher>(
        loop_, std::move(settings), deployment::market_processes(folder_),
        [this](const watch::Evidence& one) { seen_.push_back(one); });
    ASSERT_TRUE(watch_until([&] {
      const watch::Picture picture = watcher_->picture();
      return picture.leader != 0 &&
             std::all_of(picture.gateways.begin(), picture.gateways.end(),
                         [&](const auto& one) { return one.answers >= answers; });
    })) << "orders of the canary are answered at both gateways";
  }
  void TearDown() override {
    watcher_ = nullptr;
    for (const watch::Evidence& one : seen_) {
      EXPECT_NE(one.statement_ja, "") << one.statement;
      EXPECT_NE(one.statement_ja, one.statement);
    }
    TestMarket::TearDown();
  }
  [[nodiscard]] bool watch_until(const std::function<bool()>& condition) {
    return wait_until([&] {
      watcher_->tick();
      loop_.turn(net::Loop::now_ms() + 2);
      return condition();
    });
  }
  [[nodiscard]] bool was_seen(std::string_view signal, const std::string& entity,
                              std::string_view source = "desk") const {
    return std::any_of(seen_.begin(), seen_.end(), [&](const watch::Evidence& one) {
      return one.signal == signal && one.entity == entity && one.source == source;
    });
  }
  [[nodiscard]] std::string all_seen() const {
    std::string text;
    for (const watch::Evidence& one : seen_) text += one.statement + "\n";
    return text;
  }

  net::Loop loop_;
  std::unique_ptr<watch::Watcher> watcher_;
  std::vector<watch::Evidence> seen_;
};

}  // namespace okiagari
