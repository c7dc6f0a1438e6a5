// Makes the commands of the table of acts (cli/desk_acts.h) and carries them out.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/desk_acts.h"
#include "cli/desk_client.h"

namespace okiagari::cli {

// How a command prints what the desk answers.
struct Shown {
  bool json = false;
  std::string language = "en";

  void add_to(Command command);
  int print(const base::Result<boost::json::value>& answer) const;
};

// The fields of an act as options of a command, and as a body.
class ActFields {
 public:
  void add_to(Command command, std::span<const ActField> fields);
  // Of what was given; the error names the option.
  [[nodiscard]] base::Result<boost::json::object> body(std::span<const ActField> fields) const;

 private:
  base::Status read(const ActField& field, boost::json::object& body) const;
  base::Status read_words(const ActField& field, boost::json::object& body) const;
  base::Status read_range(const ActField& field, boost::json::object& body) const;
  [[nodiscard]] bool has(const std::string& key) const;

  std::map<std::string, std::string> texts_;
  std::map<std::string, std::vector<std::string>> lists_;
};

// The names in a path: "/incidents/{incident}/steps/{step}" has two.
[[nodiscard]] std::vector<std::string> words_of_path(std::string_view path);
// With what stands for them. "{incident}/{notice}" is one word, a notice's id.
[[nodiscard]] base::Result<std::string> filled_path(
    std::string_view path, const std::map<std::string, std::string>& words);

// "2026-11-26T22:30", UTC, or "+90m" from now: s, m, h or d.
[[nodiscard]] base::Result<TimestampNs> parse_time(const std::string& text, TimestampNs now_ns);

// The command of these words below `app`; groups on the way are made when they are not there.
Command command_at(Command app, std::string_view words, std::string_view what);

}  // namespace okiagari::cli
