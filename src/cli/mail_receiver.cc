#include "cli/mail_receiver.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "deployment/free_ports.h"
#include "net/http_message.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kStartMs = 15'000;
constexpr std::size_t kHeaderLinesMax = 500;

bool takes_connections(const net::Endpoint& endpoint) {
  net::Loop loop;
  bool connected = false;
  bool answered = false;
  net::connect(loop, endpoint, [&](std::shared_ptr<net::Connection> connection, const auto&) {
    answered = true;
    connected = connection != nullptr;
  });
  const std::uint64_t end_ms = net::Loop::now_ms() + 1'000;
  while (!answered && net::Loop::now_ms() < end_ms) loop.turn(end_ms);
  return connected;
}

// Header lines with their continuations joined.
ReceivedMail read_mail(const fs::path& path) {
  ReceivedMail mail;
  std::ifstream file(path, std::ios::binary);
  std::string line;
  std::string header;
  const auto take = [&] {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) return;
    const std::string name = header.substr(0, colon);
    const std::size_t from = header.find_first_not_of(' ', colon + 1);
    const std::string value = from == std::string::npos ? "" : header.substr(from);
    if (net::equals_ignoring_case(name, "message-id")) mail.message_id = value;
    if (net::equals_ignoring_case(name, "to")) mail.to = value;
    if (net::equals_ignoring_case(name, "subject")) mail.subject = value;
  };
  for (std::size_t count = 0; count < kHeaderLinesMax && std::getline(file, line); ++count) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      header += line;
      continue;
    }
    take();
    header = line;
  }
  take();
  return mail;
}

}  // namespace

base::Result<MailReceiver> MailReceiver::start(const std::string& folder) {
  auto ports = deployment::find_free_ports(0, 1);
  if (!ports) return ports.error();
  MailReceiver receiver;
  receiver.endpoint_.port = ports.value().front();
  receiver.maildir_ = folder + "/maildir";
  std::error_code error;
  fs::create_directories(folder, error);
  auto server = base::ChildProcess::start(
      {"/usr/bin/python3", "-m", "aiosmtpd", "-n", "-l", net::to_string(receiver.endpoint_), "-c",
       "aiosmtpd.handlers.Mailbox", receiver.maildir_},
      folder + "/aiosmtpd.log");
  if (!server) return server.error();
  receiver.server_ = std::move(server.value());
  const std::uint64_t end_ms = net::Loop::now_ms() + kStartMs;
  while (!takes_connections(receiver.endpoint_)) {
    if (receiver.server_.has_ended() || net::Loop::now_ms() > end_ms) {
      return base::Error{
          fmt::format("the mail server does not start (is the Debian package "
                      "python3-aiosmtpd there?): see {}/aiosmtpd.log",
                      folder)};
    }
    net::Loop().turn(net::Loop::now_ms() + 20);
  }
  return receiver;
}

std::vector<ReceivedMail> read_maildir(const std::string& maildir) {
  std::vector<ReceivedMail> mails;
  std::error_code error;
  for (const char* part : {"/new", "/cur"}) {
    for (const auto& entry : fs::directory_iterator(maildir + part, error)) {
      mails.push_back(read_mail(entry.path()));
    }
  }
  return mails;
}

}  // namespace okiagari::cli
