#include "web/feeds.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "desk/time_text.h"
#include "web/markup.h"

namespace okiagari::web {

namespace {

constexpr std::size_t kEntriesMax = 50;
constexpr std::size_t kFoldOctets = 75;

std::string incident_url(const PublicView& view, const PublicIncident& incident) {
  return fmt::format("{}/ja/incidents/{}", view.settings.url, incident.id);
}

// Never changes, wherever the page is served from.
std::string urn_of(std::string_view of) {
  const base::Digest digest = base::digest(base::as_bytes(of));
  const std::string hex = base::to_hex(digest);
  // RFC 9562, version 8: made by a rule of one's own.
  return fmt::format("urn:uuid:{}-{}-8{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                     hex.substr(12, 3), hex.substr(15, 3), hex.substr(18, 12));
}

std::string body_of(const PublicIncident& incident) {
  std::string html;
  for (auto at = incident.notices.rbegin(); at != incident.notices.rend(); ++at) {
    const desk::Notice& notice = **at;
    html += fmt::format("<h3>{}</h3>{}<div lang=\"en\"><h3>{}</h3>{}</div>",
                        escaped(notice.subject.ja), paragraphs(notice.text.ja),
                        escaped(notice.subject.en), paragraphs(notice.text.en));
  }
  return html;
}

std::string calendar_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == ';' || c == ',') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

std::string_view calendar_status(desk::MaintenanceState state) {
  return state == desk::MaintenanceState::cancelled ? "CANCELLED" : "CONFIRMED";
}

std::string event_of(const PublicView& view, const desk::Maintenance& m) {
  const std::vector<std::string> lines = {
      "BEGIN:VEVENT",
      fmt::format("UID:{}@{}", m.id, short_id("page/" + view.settings.url)),
      "DTSTAMP:" + desk::icalendar_text(m.changed_ns),
      "LAST-MODIFIED:" + desk::icalendar_text(m.changed_ns),
      "DTSTART:" + desk::icalendar_text(m.from_ns),
      "DTEND:" + desk::icalendar_text(m.until_ns),
      fmt::format("SEQUENCE:{}", m.changes),
      fmt::format("STATUS:{}", calendar_status(m.state)),
      "SUMMARY:" + calendar_text(m.title.ja + " / " + m.title.en),
      "DESCRIPTION:" + calendar_text(m.text.ja + "\n--\n" + m.text.en),
      "CATEGORIES:MAINTENANCE",
      fmt::format("URL:{}/ja", view.settings.url),
      "END:VEVENT"};
  std::string text;
  for (const std::string& line : lines) text += folded_line(line);
  return text;
}

}  // namespace

std::string folded_line(std::string_view line) {
  std::string out;
  std::size_t room = kFoldOctets;
  while (line.size() > room) {
    std::size_t cut = room;
    while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xc0) == 0x80) --cut;
    if (cut == 0) cut = room;  // no UTF-8
    out.append(line.substr(0, cut)).append("\r\n ");
    line.remove_prefix(cut);
    room = kFoldOctets - 1;  // the space counts
  }
  return out.append(line).append("\r\n");
}

std::string atom_feed(const PublicView& view) {
  const PublicSettings& settings = view.settings;
  std::string xml = fmt::format(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
      "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"ja\">\n<id>{}</id>\n"
      "<title>{}</title>\n<updated>{}</updated>\n<author><name>{}</name></author>\n"
      "<link rel=\"self\" type=\"application/atom+xml\" href=\"{}/history.atom\"/>\n"
      "<link rel=\"alternate\" type=\"text/html\" href=\"{}/ja/history\"/>\n",
      urn_of("feed/" + settings.url), escaped(settings.name.ja + " / " + settings.name.en),
      desk::rfc3339_text(view.changed_ns), escaped(settings.name.en), escaped(settings.url),
      escaped(settings.url));
  const std::size_t count = std::min(view.incidents.size(), kEntriesMax);
  for (std::size_t at = 0; at < count; ++at) {
    const PublicIncident& incident = view.incidents[at];
    xml += fmt::format(
        "<entry>\n<id>{}</id>\n<title>{}</title>\n<published>{}</published>\n"
        "<updated>{}</updated>\n<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n"
        "<category term=\"{}\"/>\n<content type=\"html\">{}</content>\n</entry>\n",
        urn_of(fmt::format("incident/{}/{}", settings.url, incident.id)),
        escaped(incident.title.ja + " / " + incident.title.en),
        desk::rfc3339_text(incident.created_ns), desk::rfc3339_text(incident.updated_ns),
        escaped(incident_url(view, incident)), escaped(incident.status),
        escaped(body_of(incident)));
  }
  return xml + "</feed>\n";
}

std::string rss_feed(const PublicView& view) {
  const PublicSettings& settings = view.settings;
  std::string xml = fmt::format(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\">\n<channel>\n"
      "<title>{}</title>\n<link>{}</link>\n<description>{}</description>\n"
      "<language>ja</language>\n<lastBuildDate>{}</lastBuildDate>\n",
      escaped(settings.name.ja + " / " + settings.name.en), escaped(settings.url),
      escaped(settings.name.en), desk::rfc822_text(view.changed_ns));
  const std::size_t count = std::min(view.incidents.size(), kEntriesMax);
  for (std::size_t at = 0; at < count; ++at) {
    const PublicIncident& incident = view.incidents[at];
    xml += fmt::format(
        "<item>\n<title>{}</title>\n<link>{}</link>\n<guid isPermaLink=\"false\">{}</guid>\n"
        "<pubDate>{}</pubDate>\n<description>{}</description>\n</item>\n",
        escaped(incident.title.ja + " / " + incident.title.en),
        escaped(incident_url(view, incident)),
        urn_of(fmt::format("incident/{}/{}", settings.url, incident.id)),
        desk::rfc822_text(incident.updated_ns), escaped(body_of(incident)));
  }
  return xml + "</channel>\n</rss>\n";
}

std::string maintenance_calendar(const PublicView& view) {
  std::string text;
  for (const std::string& line :
       {std::string("BEGIN:VCALENDAR"), std::string("VERSION:2.0"),
        std::string("PRODID:-//Okiagari//maintenance//EN"), std::string("METHOD:PUBLISH"),
        "X-WR-CALNAME:" + calendar_text(view.settings.name.ja),
        std::string("REFRESH-INTERVAL;VALUE=DURATION:PT1H")}) {
    text += folded_line(line);
  }
  const std::size_t count = std::min(view.maintenances.size(), kEntriesMax);
  for (std::size_t at = 0; at < count; ++at) text += event_of(view, *view.maintenances[at]);
  return text + folded_line("END:VCALENDAR");
}

}  // namespace okiagari::web
