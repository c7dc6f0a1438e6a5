// One desk's configuration: a TOML file that names all desks and which of them this is, the market
// that it watches, and the files that say what to do. config/desk.toml is an example with every
// key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "deployment/deployment_file.h"
#include "desk/component_measures.h"
#include "desk/desk_host.h"

namespace okiagari::deployment {

struct DeskSettings {
  desk::DeskHostOptions host;
  // The folder of a market that `up` made on this host: addresses, processes and log-ins are read
  // from there.
  std::string market_folder;
  // The desk's own key, which may stop the market and never start it; empty: the desk halts
  // nothing.
  std::string key_path;
  std::string playbook_path;
  std::string contacts_path;
  std::string courier_path;  // mail server, keys, sirens; empty: nothing leaves by them
  std::string people_path;   // of a rehearsal: who may log in; empty: accounts are made by people
  std::string notices_path;
  // The clock of public updates, in seconds: when the next notice is promised, when people are
  // reminded, and what is never exceeded. The product's own limits are the longest.
  struct Updates {
    std::uint32_t every_s = 900;
    std::uint32_t warn_after_s = 600;
    std::uint32_t limit_s = 1'800;
  };
  Updates updates;
  // Components of the public page beside those that every market has.
  struct Component {
    std::string id;
    std::string of;  // "segment 2", "instrument KBS1"
    std::string name_en;
    std::string name_ja;
  };
  std::vector<Component> components;
  desk::MeasureLimits measures;
  std::string zone = "Asia/Tokyo";  // whose clocks recurring maintenance keeps
  std::string regulators_path;      // empty: no regulator's clock runs
  // Lists that get every notice by mail.
  struct NoticeMail {
    std::string to;
    std::string language = "ja";
  };
  std::vector<NoticeMail> notice_mails;
  std::string bundle_folder;  // where the signed copy of the public page goes; empty: nowhere
  std::string console_folder;
  std::string secrets_path;  // keys of its own; made when it is not there
};

// Errors name the file, the line and the key.
[[nodiscard]] base::Result<DeskSettings> load_desk_settings(const std::string& path);
[[nodiscard]] base::Result<DeskSettings> parse_desk_settings(std::string_view text,
                                                             const std::string& origin);

}  // namespace okiagari::deployment
