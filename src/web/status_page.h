// The public page in Japanese and English: made on the server, without scripts, readable by screen
// readers, on paper and over a slow line. One function for each page; all of them are pure.
#pragma once

#include <string>
#include <string_view>

#include "web/public_view.h"

namespace okiagari::web {

enum class Language : std::uint8_t { ja, en };
[[nodiscard]] std::string_view to_string(Language language);
// The one that an Accept-Language header prefers; Japanese when it prefers neither.
[[nodiscard]] Language preferred_language(std::string_view accept_language);

// Where pages link to: paths of the server, or files of a bundle, relative to each other.
struct PageLinks {
  bool is_bundle = false;
  // `page` is "ja", "en/history", "ja/incidents/inc-1", or a file like "status.css".
  [[nodiscard]] std::string to(std::string_view page, std::string_view from) const;
};

struct PageStyle {
  Language language = Language::ja;
  PageLinks links;
};

[[nodiscard]] std::string status_page(const PublicView& view, const PageStyle& style);
[[nodiscard]] std::string history_page(const PublicView& view, const PageStyle& style);
[[nodiscard]] std::string incident_page(const PublicView& view, const PublicIncident& incident,
                                        const PageStyle& style);
[[nodiscard]] std::string verify_page(const PublicView& view, const PageStyle& style);
// An answer to a form: one paragraph, and a button when something is still to be confirmed.
struct AnswerPage {
  desk::Words title;
  desk::Words text;
  std::string post_to;  // empty: no button
  std::string token;
  desk::Words button;
};
[[nodiscard]] std::string answer_page(const PublicView& view, const AnswerPage& answer,
                                      const PageStyle& style);

}  // namespace okiagari::web
