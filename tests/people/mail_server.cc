#include "tests/people/mail_server.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace okiagari::people {

MailServer::MailServer(const std::string& folder) : folder_(folder), port_(find_free_port()) {
  std::filesystem::create_directories(folder);
}

bool MailServer::start() {
  return process_.start(
      {"/usr/bin/python3", "-m", "aiosmtpd", "-n", "-l", fmt::format("127.0.0.1:{}", port_), "-c",
       "aiosmtpd.handlers.Mailbox", folder_ + "/mails"},
      folder_ + "/server.log", port_);
}

std::vector<StoredMail> MailServer::mails() const {
  std::vector<StoredMail> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/mails/new", error)) {
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    StoredMail mail;
    mail.all = text.str();
    constexpr std::string_view kName = "Message-ID: ";
    const std::size_t at = mail.all.find(kName);
    if (at != std::string::npos) {
      const std::size_t begin = at + kName.size();
      mail.message_id = mail.all.substr(begin, mail.all.find_first_of("\r\n", begin) - begin);
    }
    found.push_back(std::move(mail));
  }
  return found;
}

}  // namespace okiagari::people
