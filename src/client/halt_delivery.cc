#include "client/halt_delivery.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace okiagari::client {

namespace fs = std::filesystem;

namespace {

base::Status drop(const std::string& folder, const std::string& name, std::string_view document) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return base::Error{
        fmt::format("{}: is not there; is that the data folder of a gateway?", folder)};
  }
  const std::string path = folder + "/" + name;
  if (fs::exists(path, error)) return base::Error{fmt::format("{}: is there already", path)};
  const std::string fresh = folder + "/." + name;
  std::ofstream file(fresh, std::ios::trunc);
  file << document;
  file.close();
  fs::rename(fresh, path, error);
  if (!file || error) return base::Error{fmt::format("{}: cannot be written", path)};
  return {};
}

}  // namespace

base::Result<HaltDelivery> deliver_halt(const std::string& gateway_data_dir,
                                        const std::string& name, std::string_view document,
                                        std::uint64_t timeout_ms) {
  using Clock = std::chrono::steady_clock;
  const std::string folder = gateway_data_dir + "/halt";
  const auto begin = Clock::now();
  if (base::Status dropped = drop(folder, name, document); !dropped) return dropped.error();
  HaltDelivery delivery;
  delivery.answer_path = folder + "/" + name + ".answer";
  while (Clock::now() < begin + std::chrono::milliseconds(timeout_ms)) {
    if (std::ifstream file(delivery.answer_path); file) {
      std::ostringstream text;
      text << file.rdbuf();
      delivery.answer = text.str();
      const auto took = Clock::now() - begin;
      delivery.took_ms = static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
      boost::system::error_code error;
      const boost::json::value root = boost::json::parse(delivery.answer, error);
      const boost::json::object* object = error ? nullptr : root.if_object();
      const boost::json::value* done =
          object == nullptr ? nullptr : object->if_contains("carried_out");
      if (done == nullptr || !done->is_bool()) {
        return base::Error{fmt::format("{}: is no answer", delivery.answer_path)};
      }
      delivery.carried_out = done->get_bool();
      return delivery;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return base::Error{fmt::format(
      "{}: no answer within {} ms; is the gateway running? It will be obeyed at its start",
      delivery.answer_path, timeout_ms)};
}

}  // namespace okiagari::client
