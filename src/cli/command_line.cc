#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <map>

namespace okiagari::cli {

Option Option::required(bool is_required) const {
  option_->required(is_required);
  return *this;
}

Option Option::shows_default() const {
  option_->capture_default_str();
  return *this;
}

Option Option::description(const std::string& text) const {
  option_->description(text);
  return *this;
}

Option Option::value_name(const std::string& name) const {
  option_->type_name(name);
  return *this;
}

Option Option::group(const std::string& heading) const {
  option_->group(heading);
  return *this;
}

Option Option::separated_by(char separator) const {
  option_->delimiter(separator);
  return *this;
}

Option Option::existing_file() const {
  option_->check(CLI::ExistingFile);
  return *this;
}

Option Option::existing_folder() const {
  option_->check(CLI::ExistingDirectory);
  return *this;
}

Option Option::existing_path() const {
  option_->check(CLI::ExistingPath);
  return *this;
}

Option Option::within(int low, int high) const {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option Option::within(std::uint32_t low, std::uint32_t high) const {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option Option::within(std::uint64_t low, std::uint64_t high) const {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option Option::within(double low, double high) const {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option Option::one_of(std::initializer_list<const char*> values) const {
  option_->check(CLI::IsMember(std::vector<std::string>(values.begin(), values.end())));
  return *this;
}

Option Option::one_of(std::initializer_list<int> values) const {
  option_->check(CLI::IsMember(std::vector<int>(values)));
  return *this;
}

Option Option::checked_by(std::function<std::string(const std::string&)> fault) const {
  option_->check(std::move(fault));
  return *this;
}

Option Option::excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

Option Option::needs(Option other) const {
  option_->needs(other.option_);
  return *this;
}

Command Command::command(const std::string& name, const std::string& what) const {
  return Command(app_->add_subcommand(name, what));
}

Option Command::option(const std::string& names, std::string& target,
                       const std::string& what) const {
  return Option(app_->add_option(names, target, what));
}

Option Command::option(const std::string& names, int& target, const std::string& what) const {
  return Option(app_->add_option(names, target, what));
}

Option Command::option(const std::string& names, std::uint16_t& target,
                       const std::string& what) const {
  return Option(app_->add_option(names, target, what));
}

Option Command::option(const std::string& names, std::uint32_t& target,
                       const std::string& what) const {
  return Option(app_->add_option(names, target, what));
}

Option Command::option(const std::string& names, std::uint64_t& target,
                       const std::string& what) const {
  return Option(app_->add_option(names, target, what));
}

Option Command::option(const std::string& names, std::int64_t& target,
                       const std::string& what) const {
  return Option(app_->add_option(names, target, what));
}

Option Command::option(const std::string& names, double& target, const std::string& what) const {
  return Option(app_->add_option(names, target, what));
}

Option Command::option(const std::string& names, std::vector<std::string>& target,
                       const std::string& what) const {
  return Option(app_->add_option(names, target, what));
}

Option Command::option(const std::string& names, std::vector<std::uint16_t>& target,
                       const std::string& what) const {
  return Option(app_->add_option(names, target, what));
}

Option Command::flag(const std::string& names, bool& target, const std::string& what) const {
  return Option(app_->add_flag(names, target, what));
}

Option Command::numbered_choice(const std::string& names, const std::function<void(int)>& chosen,
                                const std::vector<std::pair<std::string, int>>& words,
                                const std::string& what) const {
  const std::map<std::string, int> sorted(words.begin(), words.end());
  CLI::Option* added = app_->add_option_function<int>(names, chosen, what);
  added->transform(CLI::CheckedTransformer(sorted).description(""));
  return Option(added);
}

Command Command::needs_command() const {
  app_->require_subcommand(1);
  return *this;
}

Command Command::alias(const std::string& name) const {
  app_->alias(name);
  return *this;
}

Command Command::group(const std::string& heading) const {
  app_->group(heading);
  return *this;
}

Command Command::footer(const std::string& text) const {
  app_->footer(text);
  return *this;
}

Command Command::on_run(std::function<void()> action) const {
  app_->callback(std::move(action));
  return *this;
}

std::string Command::name() const { return app_->get_name(); }

std::string Command::full_name() const {
  CLI::App* parent = app_->get_parent();
  return parent == nullptr ? name() : Command(parent).full_name() + " " + name();
}

std::vector<Command> Command::commands() const {
  std::vector<Command> commands;
  for (CLI::App* inner : app_->get_subcommands({})) commands.push_back(Command(inner));
  return commands;
}

std::optional<Command> Command::find(const std::string& name) const {
  for (const Command inner : commands()) {
    if (inner.name() == name) return inner;
  }
  return std::nullopt;
}

std::optional<Command> Command::chosen() const {
  const std::vector<CLI::App*> named = app_->get_subcommands();
  if (named.empty()) return std::nullopt;
  return Command(named.front());
}

std::vector<std::string> Command::long_options() const {
  std::vector<std::string> names;
  for (const CLI::Option* option : app_->get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

Option Command::option_named(const std::string& name) const {
  return Option(app_->get_option(name));
}

CommandLine::CommandLine(const std::string& name, const std::string& what,
                         const std::string& version)
    : app_(std::make_unique<CLI::App>(what, name)) {
  if (!version.empty()) app_->set_version_flag("--version", version);
}

CommandLine::~CommandLine() = default;

Command CommandLine::program() const { return Command(app_.get()); }

std::optional<Misread> CommandLine::read(const std::vector<std::string>& words) {
  try {
    // It takes them from the end.
    app_->parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      return Misread{error.what(), error.get_name() == "RequiredError"};
    }
    app_->exit(error);
  }
  return std::nullopt;
}

std::vector<std::string> CommandLine::strays() const { return app_->remaining(true); }

}  // namespace okiagari::cli
