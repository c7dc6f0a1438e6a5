// The pieces that every public page is made of: its frame, states, times, notices.
#pragma once

#include <string>
#include <string_view>

#include "web/status_page.h"

namespace okiagari::web {

// Picks the text of the page's language.
class Speaker {
 public:
  explicit Speaker(Language language) : is_japanese_(language == Language::ja) {}
  [[nodiscard]] const std::string& operator()(const desk::Words& words) const {
    return is_japanese_ ? words.ja : words.en;
  }
  [[nodiscard]] std::string_view operator()(std::string_view ja, std::string_view en) const {
    return is_japanese_ ? ja : en;
  }

 private:
  bool is_japanese_;
};

struct FrameText {
  std::string page;   // "ja/history"
  std::string title;  // of the document; also the h1
  std::string body;   // HTML of <main>, without the h1
};
[[nodiscard]] std::string framed(const PublicView& view, const PageStyle& style,
                                 const FrameText& text);

[[nodiscard]] std::string page_name(const PageStyle& style, std::string_view rest);
[[nodiscard]] std::string time_element(TimestampNs at_ns, Language language);
// Mark, word and colour.
[[nodiscard]] std::string state_element(desk::ComponentState state, Language language);
[[nodiscard]] desk::Words status_words(std::string_view incident_status);
[[nodiscard]] desk::Words impact_words(std::string_view impact);
[[nodiscard]] std::string notice_article(const desk::Notice& notice, const PageStyle& style,
                                         std::string_view from);
[[nodiscard]] std::string subscribe_form(const PublicView& view, const PageStyle& style);

}  // namespace okiagari::web
