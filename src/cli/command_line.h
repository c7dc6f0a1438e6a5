// Commands of a command line and their options: what they are called, where their values go, what
// is told about them. CLI11 reads the line; only the source of this header includes it, because
// each file that does compiles all of it again.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace okiagari::cli {

// A handle to one option of a command; valid as long as the `CommandLine`. Each function returns
// the option itself. What does not hold for a value that was given is told by `CommandLine::read`.
class Option {
 public:
  Option required(bool is_required = true) const;
  // Its help names the value that the target has now.
  Option shows_default() const;
  Option description(const std::string& text) const;
  // What stands for the value in the help, instead of its type.
  Option value_name(const std::string& name) const;
  // Under this heading of the help.
  Option group(const std::string& heading) const;
  // One word gives several values.
  Option separated_by(char separator) const;

  // Something of the file system that is there.
  Option existing_file() const;
  Option existing_folder() const;
  Option existing_path() const;
  // Both bounds are allowed.
  Option within(int low, int high) const;
  Option within(std::uint32_t low, std::uint32_t high) const;
  Option within(std::uint64_t low, std::uint64_t high) const;
  Option within(double low, double high) const;
  Option one_of(std::initializer_list<const char*> values) const;
  Option one_of(std::initializer_list<int> values) const;
  // `fault` says what is wrong with the word that was given; empty: nothing.
  Option checked_by(std::function<std::string(const std::string&)> fault) const;

  // Not together with `other`; not without it.
  Option excludes(Option other) const;
  Option needs(Option other) const;

 private:
  friend class Command;
  explicit Option(CLI::Option* option) : option_(option) {}

  CLI::Option* option_;
};

// A handle to one command, the program itself or one below another; valid as long as the
// `CommandLine`.
class Command {
 public:
  // A new command below this one. `what` is what the help says about it.
  Command command(const std::string& name, const std::string& what) const;

  // A new option. `names` has commas between them ("-o,--output"); one without dashes ("file") is a
  // word at its place. The value is written into `target`, which lives as long as the `CommandLine`
  // and is left alone when the option is not given.
  Option option(const std::string& names, std::string& target, const std::string& what) const;
  Option option(const std::string& names, int& target, const std::string& what) const;
  Option option(const std::string& names, std::uint16_t& target, const std::string& what) const;
  Option option(const std::string& names, std::uint32_t& target, const std::string& what) const;
  Option option(const std::string& names, std::uint64_t& target, const std::string& what) const;
  Option option(const std::string& names, std::int64_t& target, const std::string& what) const;
  Option option(const std::string& names, double& target, const std::string& what) const;
  // These take one word or more.
  Option option(const std::string& names, std::vector<std::string>& target,
                const std::string& what) const;
  Option option(const std::string& names, std::vector<std::uint16_t>& target,
                const std::string& what) const;
  // Without a value: `target` becomes true.
  Option flag(const std::string& names, bool& target, const std::string& what) const;
  // One of these words, or its enumerator's number.
  template <typename Enum>
  Option choice(const std::string& names, Enum& target,
                const std::vector<std::pair<std::string, Enum>>& words,
                const std::string& what) const {
    std::vector<std::pair<std::string, int>> numbers;
    for (const auto& [word, value] : words) numbers.emplace_back(word, static_cast<int>(value));
    return numbered_choice(
        names, [&target](int number) { target = static_cast<Enum>(number); }, numbers, what);
  }

  // One of the commands below must be named.
  Command needs_command() const;
  // Another name for it.
  Command alias(const std::string& name) const;
  // Under this heading of the help; empty: not in it.
  Command group(const std::string& heading) const;
  // What its help ends with.
  Command footer(const std::string& text) const;
  // What is done when a line that names it was read. Of a line "okiagari key new" that is what was
  // set for `key` and for `new`.
  Command on_run(std::function<void()> action) const;

  [[nodiscard]] std::string name() const;
  // With the names of those above it: "okiagari key new".
  [[nodiscard]] std::string full_name() const;
  // Those right below it, in the order in which they came.
  [[nodiscard]] std::vector<Command> commands() const;
  [[nodiscard]] std::optional<Command> find(const std::string& name) const;
  // The one right below it that the line named.
  [[nodiscard]] std::optional<Command> chosen() const;
  // Names of its options that begin with two dashes, with these.
  [[nodiscard]] std::vector<std::string> long_options() const;
  // Of one that is there.
  [[nodiscard]] Option option_named(const std::string& name) const;

  friend bool operator==(const Command&, const Command&) = default;

 private:
  friend class CommandLine;
  explicit Command(CLI::App* app) : app_(app) {}
  Option numbered_choice(const std::string& names, const std::function<void(int)>& chosen,
                         const std::vector<std::pair<std::string, int>>& words,
                         const std::string& what) const;

  CLI::App* app_;
};

// Why a line could not be read.
struct Misread {
  std::string message;
  bool is_missing = false;  // something that is required
};

// A program's line: its name, its commands, and what was made of the words behind it.
class CommandLine {
 public:
  // `version` is what --version prints; empty: there is no such option.
  CommandLine(const std::string& name, const std::string& what, const std::string& version);
  ~CommandLine();

  [[nodiscard]] Command program() const;
  // Reads the words behind the program's name, once, and does what they ask for; for --help and
  // --version that is to print them, and no command runs.
  [[nodiscard]] std::optional<Misread> read(const std::vector<std::string>& words);
  // Words that no command had a place for, in the line that was read.
  [[nodiscard]] std::vector<std::string> strays() const;

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace okiagari::cli
