#include "deployment/link_folder.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/whole_file.h"
#include "net/link_certificate.h"

namespace okiagari::deployment {

namespace {

constexpr mode_t kSecret = 0600;
constexpr mode_t kPublic = 0644;

std::string folder_of(const std::string& market_folder) { return market_folder + "/certificates"; }

std::string authority_key_path(const std::string& market_folder) {
  return folder_of(market_folder) + "/authority.key";
}

}  // namespace

net::LinkIdentityFiles link_files(const std::string& market_folder, const std::string& name) {
  const std::string folder = folder_of(market_folder);
  return {.certificate = fmt::format("{}/{}.pem", folder, name),
          .key = fmt::format("{}/{}.key", folder, name),
          .authority = folder + "/authority.pem"};
}

base::Status make_link_folder(const std::string& market_folder, const std::string& authority_name) {
  std::error_code error;
  std::filesystem::create_directories(folder_of(market_folder), error);
  const std::string path = link_files(market_folder, "").authority;
  if (std::filesystem::exists(path, error)) {
    return base::Error{
        fmt::format("{}: there is an authority already; what it signed would be "
                    "worth nothing under another one",
                    path)};
  }
  auto made = net::make_link_authority(authority_name, kAuthorityDays);
  if (!made) return made.error();
  base::Status written =
      base::write_whole_file(authority_key_path(market_folder), made.value().key_pem, kSecret);
  if (written) written = base::write_whole_file(path, made.value().certificate_pem, kPublic);
  return written;
}

base::Status issue_link_files(const std::string& market_folder, const std::string& name,
                              std::uint32_t valid_days) {
  const net::LinkIdentityFiles files = link_files(market_folder, name);
  auto certificate = base::read_whole_file(files.authority);
  if (!certificate) return certificate.error();
  auto key = base::read_whole_file(authority_key_path(market_folder));
  if (!key) return key.error();
  auto made = net::issue_link_certificate({certificate.value(), key.value()}, name, valid_days);
  if (!made) return made.error();
  // Between the two they do not fit: whoever looks then stays with what it has, and looks again.
  base::Status written = base::write_whole_file(files.key, made.value().key_pem, kSecret);
  if (written)
    written = base::write_whole_file(files.certificate, made.value().certificate_pem, kPublic);
  return written;
}

}  // namespace okiagari::deployment
