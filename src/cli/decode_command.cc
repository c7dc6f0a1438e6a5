// `okiagari decode` and `okiagari encode`: messages of the market's formats as JSON lines and back.
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "recordings/message_file.h"

namespace okiagari::cli {

namespace {

struct MessageOptions {
  std::string format;
  std::string table;
  std::string framing;
  std::string path;
  std::string output = "-";
};

std::string formats_known() {
  std::string names;
  for (const std::string& name : wire::builtin_message_tables()) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

// Standard output or a file.
class Output {
 public:
  ~Output() {
    if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  }
  base::Status open(const std::string& path) {
    path_ = path;
    file_ = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
    return file_ == nullptr ? failure() : base::Status{};
  }
  base::Status write(std::string_view text) {
    const bool is_written = std::fwrite(text.data(), 1, text.size(), file_) == text.size();
    return is_written ? base::Status{} : failure();
  }
  base::Status flush() { return std::fflush(file_) == 0 ? base::Status{} : failure(); }

 private:
  base::Status failure() const {
    return base::Error{fmt::format("{}: cannot be written: {}", path_, std::strerror(errno))};
  }

  std::string path_;
  std::FILE* file_ = nullptr;
};

base::Result<recordings::MessageFileOptions> file_options(const MessageOptions& options) {
  recordings::MessageFileOptions into;
  into.format = options.format;
  into.table_path = options.table;
  if (options.table.empty() && !wire::builtin_message_table(options.format)) {
    return base::Error{fmt::format("'{}' is no format; there are {}, and any other by --table FILE",
                                   options.format, formats_known())};
  }
  if (!options.framing.empty()) {
    auto framing = wire::parse_framing(options.framing);
    if (!framing) return base::Error{"--framing: " + framing.error().message};
    into.framing = framing.value();
  }
  return into;
}

int decode(const MessageOptions& options) {
  auto how = file_options(options);
  if (!how) return failed(how.error().message, kExitWrongUse);
  Output output;
  if (base::Status opened = output.open(options.output); !opened) {
    return failed(opened.error().message, kExitWrongUse);
  }
  auto counts = recordings::decode_messages(
      options.path, how.value(), [&](std::string_view text) { return output.write(text); });
  if (!counts) return failed(counts.error().message);
  if (base::Status flushed = output.flush(); !flushed) return failed(flushed.error().message);
  const wire::LineCounts& found = counts.value();
  if (found.unknown == 0 && found.unread_bytes == 0) return kExitHolds;
  say(fmt::format("{}: of {} messages {} are unknown; {} bytes are no messages", options.path,
                  found.messages, found.unknown, found.unread_bytes));
  return kExitDoesNotHold;
}

int encode(const MessageOptions& options) {
  auto how = file_options(options);
  if (!how) return failed(how.error().message, kExitWrongUse);
  Output output;
  if (base::Status opened = output.open(options.output); !opened) {
    return failed(opened.error().message, kExitWrongUse);
  }
  auto lines = recordings::encode_messages(
      options.path, how.value(), [&](std::string_view text) { return output.write(text); });
  if (!lines) return failed(lines.error().message);
  if (base::Status flushed = output.flush(); !flushed) return failed(flushed.error().message);
  return kExitHolds;
}

std::shared_ptr<MessageOptions> add_options(Command command, const char* file) {
  auto options = std::make_shared<MessageOptions>();
  command.option("format", options->format, formats_known()).required();
  command.option("file", options->path, file).required();
  command.option("-o,--output", options->output, "Write here instead of standard output");
  command.option("--table", options->table,
                 "Layouts from this file (docs/formats/messages.md); FORMAT is then its name");
  return options;
}

}  // namespace

void add_decode_command(Command app, const Exit& exit) {
  const Command command = app.command(
      "decode", "A file of a protocol's messages, or a capture, as one JSON object a message");
  auto options = add_options(
      command, "Raw bytes or a capture (pcap, pcapng), also .gz, .xz or .zst; - standard input");
  command.option("--framing", options->framing,
                 "How messages follow each other: mold, soup, lengths (two bytes before each) "
                 "or messages (nothing between); found by looking when not given");
  set_action(command, exit, [options] { return decode(*options); });
}

void add_encode_command(Command app, const Exit& exit) {
  const Command command = app.command("encode", "What decode wrote, back into the same bytes");
  auto options = add_options(command, "JSON lines; - standard input");
  set_action(command, exit, [options] { return encode(*options); });
}

}  // namespace okiagari::cli
