// The command line's way to a desk: finds the one that leads, logs in as a person, asks and acts by
// the same API as the console.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command_line.h"
#include "net/http_message.h"
#include "net/tcp.h"

namespace okiagari::cli {

struct DeskAccess {
  std::string market_folder = "market";
  std::vector<std::string> desks;  // HOST:PORT, instead of those of the market's folder
  std::string login = "operator-1";
  // Where the password comes from; neither: the rehearsal market's people, else the terminal.
  std::string password_file;
  int password_descriptor = -1;
  std::string code;          // the second factor's at this moment; likewise
  std::string session_file;  // empty: beside the market's people

  void add_to(Command command);
  // For a command that names the market's folder itself.
  void add_person_to(Command command);
};

class DeskClient {
 public:
  // With the session of an earlier command while that holds; else logs in, and keeps the session
  // in a file that only its owner may read. The error says why nobody lets this person in.
  static base::Result<DeskClient> log_in(const DeskAccess& access);

  // The answer's body; a problem document becomes an error in its words.
  [[nodiscard]] base::Result<boost::json::value> get(const std::string& path);
  // With time enough for what the desk must gather first.
  [[nodiscard]] base::Result<std::string> get_text(const std::string& path);
  // Shows another one-time code when the act needs one that was shown lately.
  [[nodiscard]] base::Result<boost::json::value> act(net::HttpMethod method,
                                                     const std::string& path,
                                                     const boost::json::object& body);
  [[nodiscard]] base::Result<boost::json::value> post(const std::string& path,
                                                      const boost::json::object& body) {
    return act(net::HttpMethod::post, path, body);
  }
  // Ends the session, here and at all desks.
  base::Status log_out();

 private:
  DeskClient(net::Endpoint desk, const DeskAccess& access)
      : desk_(std::move(desk)), access_(access) {}
  [[nodiscard]] bool leads();
  [[nodiscard]] std::string session_path() const;
  void load_session();
  void keep_session() const;
  base::Status enter();
  base::Status step_up();
  [[nodiscard]] base::Result<net::HttpResponse> send(net::HttpMethod method,
                                                     const std::string& path,
                                                     const std::string& body,
                                                     const std::string& key = {},
                                                     bool is_long = false);

  net::Endpoint desk_;
  DeskAccess access_;
  std::string cookie_;
  std::string csrf_;
};

}  // namespace okiagari::cli
