// A market of real processes in a folder of its own, for tests.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/child_process.h"
#include "deployment/deployment.h"
#include "deployment/market_nodes.h"
#include "test_places.h"

namespace okiagari {

class TestMarket : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "okiagari-market-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override {
    market_ = nullptr;
    if (!HasFailure()) std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] deployment::DeploymentOptions options() const {
    deployment::DeploymentOptions options;
    options.folder = folder_;
    options.program = OKIAGARI_PROGRAM;
    return options;
  }
  void prepare(const deployment::DeploymentOptions& options) {
    auto prepared = deployment::Deployment::prepare(options);
    ASSERT_TRUE(prepared.ok()) << prepared.error().message;
    market_ = std::move(prepared.value());
  }
  void start(const deployment::DeploymentOptions& options) {
    prepare(options);
    const base::Status status = market_->start();
    ASSERT_TRUE(status.ok()) << status.error().message;
  }
  [[nodiscard]] bool wait_until(const std::function<bool()>& condition,
                                std::uint64_t limit_ms = 20'000) {
    const std::uint64_t end_ms = net::Loop::now_ms() + limit_ms;
    // Not asked again once it was true: two nodes that agree may disagree for a moment later.
    while (!condition()) {
      if (net::Loop::now_ms() >= end_ms) return false;
      market_->supervise(2);
    }
    return true;
  }
  // What all running nodes say about themselves; fewer when one does not answer.
  [[nodiscard]] std::vector<boost::json::object> reports() const {
    std::vector<net::Endpoint> nodes;
    for (const deployment::NodePlace& place : market_->file().nodes)
      nodes.push_back(place.gateways);
    std::vector<boost::json::object> found;
    for (const deployment::NodeAnswer& answer : deployment::ask_nodes(nodes, 1'000)) {
      if (answer.report) found.push_back(boost::json::parse(*answer.report).as_object());
    }
    return found;
  }
  // Everybody is there and has applied the same.
  [[nodiscard]] bool all_agree() const {
    const auto found = reports();
    if (found.size() != market_->file().nodes.size()) return false;
    for (const auto& report : found) {
      if (report.at("sequence") != found[0].at("sequence")) return false;
      if (report.at("state_hash") != found[0].at("state_hash")) return false;
    }
    return true;
  }

  // How a command of okiagari ended, with everything that it printed.
  struct Ending {
    int status = -1;
    std::string output;
  };
  // Runs it to its end. With `signal` it is sent that once `when` holds of its output so far.
  Ending run(const std::vector<std::string>& words, int signal = 0,
             const std::function<bool(const std::string&)>& when = nullptr) {
    std::vector<std::string> command = {OKIAGARI_PROGRAM};
    command.insert(command.end(), words.begin(), words.end());
    const std::string path = fmt::format("{}/output-{}", folder_, ++runs_);
    auto child = base::ChildProcess::start(command, path);
    EXPECT_TRUE(child.ok());
    const auto output = [&] {
      std::ifstream file(path);
      return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::uint64_t end_ms = net::Loop::now_ms() + 60'000;
    while (!child.value().has_ended() && net::Loop::now_ms() < end_ms) {
      if (signal != 0 && when(output())) {
        child.value().send_signal(std::exchange(signal, 0));
      }
      usleep(5'000);
    }
    return {child.value().exit_status(), output()};
  }

  std::string folder_;
  std::unique_ptr<deployment::Deployment> market_;

 private:
  int runs_ = 0;
};

}  // namespace okiagari
