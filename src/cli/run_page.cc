#include "cli/run_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <iterator>
#include <string_view>

namespace okiagari::cli {

namespace {

// The words of the page in one language.
struct Words {
  std::string_view lang, title, verdict_holds, verdict_broken, summary, chart_title, zoom_title,
      chart_axis, gap, killed, latency_title, phase, count, before, during, after, proof_title,
      proof_intro, figure, value, target, check, expected, holds, broken, facts_title, reproduce;
};

constexpr Words kEnglish{
    "en",
    "The leading server was killed",
    "Every promise held",
    "A promise was broken",
    "{} recorded orders and cancels of {} traded on {} instruments at {} a second, through two "
    "gateways and "
    "three servers. {:.1f} s into it the leading server, {}, was killed with SIGKILL. {} took over "
    "(term {} to "
    "{}). For <strong>{:.1f} ms</strong> nobody could trade.",
    "Acknowledgements at the members, counted every {:g} ms",
    "The moment itself, counted every {:g} ms",
    "orders/s",
    "{:.1f} ms without an acknowledgement",
    "leader killed",
    "From sending an order to its acknowledgement, in milliseconds",
    "Orders sent",
    "Count",
    "before the kill",
    "caught by the gap",
    "after the gap",
    "The proof",
    "An independent checker, which shares no code with the servers, compared what every member "
    "sent and got with "
    "the journals of all three servers.",
    "Figure",
    "Measured",
    "Target",
    "Check",
    "Expected",
    "holds",
    "BROKEN",
    "The machine",
    "To see it again: <code>./run --once</code>. To check the data yourself: <code>okiagari verify "
    "out/run/data/*</code>.",
};

constexpr Words kJapanese{
    "ja",
    "主系サーバーを強制停止した記録",
    "すべての約束が守られました",
    "守られなかった約束があります",
    "記録済みの実注文・取消 {} 件（{}）を {} 銘柄、毎秒 {} 件で、ゲートウェイ 2 台・サーバー 3 "
    "台に流しました。"
    "開始から {:.1f} 秒後に主系サーバー {} を SIGKILL で停止し、{} が引き継ぎました（任期 {} → "
    "{}）。"
    "取引できなかった時間は <strong>{:.1f} ミリ秒</strong> です。",
    "参加者に届いた受付応答（{:g} ミリ秒ごとに集計）",
    "停止の瞬間（{:g} ミリ秒ごとに集計）",
    "件/秒",
    "応答のない {:.1f} ミリ秒",
    "主系停止",
    "注文の送信から受付応答まで（ミリ秒）",
    "送信した時期",
    "件数",
    "停止前",
    "停止中にかかった注文",
    "再開後",
    "証明",
    "サーバーとコードを共有しない独立した検査プログラムが、各参加者の送受信のすべてを 3 "
    "台のサーバーの台帳と照合しました。",
    "測定項目",
    "測定値",
    "目標",
    "検査項目",
    "期待値",
    "成立",
    "不成立",
    "測定した計算機",
    "再現するには <code>./run --once</code>、データを自分で検査するには <code>okiagari verify "
    "out/run/data/*</code>。",
};

constexpr std::string_view kStyle = R"(<style>
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--quiet:#5b6470;--line:#d5dae1;
--good:#0b6b3a;
--bad:#b3261e;--bar:#2d6cb5;--gap:#f7d9d7}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebef;--paper:#14171b;--quiet:#a3adb8;
--line:#39414b;
--good:#6fd39a;--bad:#ff8a80;--bar:#7fb2ee;--gap:#5a2723}}
body{margin:0 auto;max-width:60rem;padding:1.5rem;background:var(--paper);color:var(--ink);
font:1rem/1.6 system-ui,"Noto Sans","Noto Sans CJK JP",sans-serif}
nav{float:right}a{color:var(--bar)}h1{font-size:1.6rem;margin:.2rem 0}
h2{font-size:1.15rem;margin:2rem 0 .5rem}
.verdict{font-weight:700;font-size:1.1rem}.good{color:var(--good)}.bad{color:var(--bad)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th:first-child,td:first-child{text-align:left}thead th{color:var(--quiet);font-weight:600}
svg{width:100%;height:auto}svg text{fill:var(--quiet);font-size:12px}
section+section{border-top:2px solid var(--line);margin-top:3rem;padding-top:1.5rem}
.quiet{color:var(--quiet)}.scroll{overflow-x:auto}
</style>)";

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string with_thousands(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (std::ptrdiff_t at = std::ssize(digits) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

// A round number at or above `value`, for the top of an axis.
double round_up(double value) {
  if (value <= 0) return 1;
  const double magnitude = std::pow(10.0, std::floor(std::log10(value)));
  for (double step : {1.0, 2.0, 5.0, 10.0}) {
    if (step * magnitude >= value) return step * magnitude;
  }
  return 10 * magnitude;
}

class Chart {
 public:
  Chart(const RunRecord& record, const AcknowledgementSeries& series, const Words& words)
      : record_(record), series_(series), words_(words) {
    std::uint32_t highest = 1;
    for (std::uint32_t count : series.counts) highest = std::max(highest, count);
    top_ = round_up(highest * 1000.0 / series.bucket_ms);
    span_ms_ = std::max(1.0, series.bucket_ms * static_cast<double>(series.counts.size()));
  }

  std::string render() const {
    const std::string label = fmt::format(fmt::runtime(words_.gap), record_.gap_ms());
    return fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", kWidth,
                       kHeight, escaped(label)) +
           gap_and_kill(label) + bars() + axes() + "</svg>";
  }

 private:
  static constexpr double kWidth = 900, kHeight = 280, kLeft = 70, kRight = 30, kTop = 30,
                          kBottom = 30;

  double x(double ms) const {
    return kLeft + (ms - series_.start_ms) / span_ms_ * (kWidth - kLeft - kRight);
  }
  double y(double rate) const {
    return kHeight - kBottom - rate / top_ * (kHeight - kTop - kBottom);
  }

  std::string gap_and_kill(std::string_view label) const {
    const double from = x(record_.last_before_ms);
    // At least two pixels, or a good fail-over could not be seen.
    const double width = std::max(2.0, x(record_.first_after_ms) - from);
    return fmt::format(
        "<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"var(--gap)\"/>"
        "<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{}\" y2=\"{}\" stroke=\"var(--bad)\" "
        "stroke-width=\"1.5\"/>"
        "<text x=\"{:.1f}\" y=\"18\" text-anchor=\"{}\" style=\"fill:var(--bad)\">{}: {}</text>",
        from, kTop, width, kHeight - kTop - kBottom, x(record_.kill_ms), x(record_.kill_ms),
        kTop - 6, kHeight - kBottom, x(record_.kill_ms), from > kWidth * 0.6 ? "end" : "start",
        escaped(words_.killed), escaped(label));
  }

  std::string bars() const {
    std::string path = "<path fill=\"var(--bar)\" d=\"";
    const double width = std::max(0.3, x(series_.bucket_ms) - x(0));
    for (std::size_t i = 0; i < series_.counts.size(); ++i) {
      const double rate = series_.counts[i] * 1000.0 / series_.bucket_ms;
      if (rate <= 0) continue;
      const double height = y(0) - y(rate);
      fmt::format_to(std::back_inserter(path), "M{:.1f} {:.1f}h{:.2f}v{:.1f}h-{:.2f}z",
                     x(series_.start_ms + static_cast<double>(i) * series_.bucket_ms), y(rate),
                     width, height, width);
    }
    return path + "\"/>";
  }

  std::string axes() const {
    std::string text = fmt::format("<text x=\"4\" y=\"18\">{}</text>", escaped(words_.chart_axis));
    auto out = std::back_inserter(text);
    for (int part = 0; part <= 4; ++part) {
      const double rate = top_ * part / 4;
      fmt::format_to(
          out,
          "<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"var(--line)\"/>"
          "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>",
          kLeft, kWidth - kRight, y(rate), y(rate), kLeft - 6, y(rate) + 4, with_thousands(rate));
    }
    const double step_ms = round_up(span_ms_ / 12);
    const double first = std::ceil(series_.start_ms / step_ms) * step_ms;
    for (double at = first; at <= series_.start_ms + span_ms_ + 0.001; at += step_ms) {
      fmt::format_to(out, "<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g} s</text>", x(at),
                     kHeight - 10, std::round(at) / 1000);
    }
    return text;
  }

  const RunRecord& record_;
  const AcknowledgementSeries& series_;
  const Words& words_;
  double top_;
  double span_ms_;
};

std::string latency_row(std::string_view name, const LatencySummary& l) {
  return fmt::format(
      "<tr><td>{}</td><td>{}</td><td>{:.2f}</td><td>{:.2f}</td><td>{:.2f}</td><td>{:.2f}</"
      "td><td>{:.2f}</td></tr>",
      escaped(name), with_thousands(static_cast<double>(l.count)), l.p50_ms, l.p90_ms, l.p99_ms,
      l.p999_ms, l.max_ms);
}

std::string latency_table(const RunRecord& record, const Words& w) {
  return fmt::format(
             "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">{}</th><th "
             "scope=\"col\">{}</th>"
             "<th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>max</th></tr></thead><tbody>",
             w.phase, w.count) +
         latency_row(w.before, record.before) + latency_row(w.during, record.during) +
         latency_row(w.after, record.after) + "</tbody></table></div>";
}

std::string in_words(const boost::json::value& value) {
  if (value.is_string()) return escaped(value.as_string());
  if (value.is_double()) return fmt::format("{:.6g}", value.as_double());
  return escaped(boost::json::serialize(value));
}

std::string mark(const boost::json::value& entry, const Words& w) {
  const bool holds = entry.at("holds").as_bool();
  return fmt::format("<span class=\"{}\">{}</span>", holds ? "good" : "bad",
                     holds ? w.holds : w.broken);
}

std::string proof_tables(const base::Report& report, const Words& w) {
  const boost::json::value parsed = boost::json::parse(report.to_json());
  std::string html = fmt::format(
      "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">{}</th>"
      "<th scope=\"col\">{}</th><th scope=\"col\">{}</th><th></th></tr></thead><tbody>",
      w.check, w.value, w.expected);
  for (const auto& check : parsed.at("checks").as_array()) {
    html += fmt::format("<tr><td lang=\"en\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                        in_words(check.at("name")), in_words(check.at("value")),
                        in_words(check.at("expected")), mark(check, w));
  }
  html += fmt::format(
      "</tbody></table></div><div class=\"scroll\"><table><thead><tr><th scope=\"col\">{}</th>"
      "<th scope=\"col\">{}</th><th scope=\"col\">{}</th><th></th></tr></thead><tbody>",
      w.figure, w.value, w.target);
  for (const auto& figure : parsed.at("figures").as_array()) {
    const bool has_target = !figure.at("target").is_null();
    html += fmt::format(
        "<tr><td lang=\"en\">{}</td><td>{} {}</td><td>{}</td><td>{}</td></tr>",
        in_words(figure.at("name")), in_words(figure.at("value")), in_words(figure.at("unit")),
        has_target ? in_words(figure.at("target")) : "", has_target ? mark(figure, w) : "");
  }
  return html + "</tbody></table></div>";
}

std::string render_language(const RunRecord& r, const base::Report& report, const Words& w) {
  const bool holds = report.holds();
  std::string html = fmt::format(
      "<section id=\"{0}\" lang=\"{0}\"><h1>{1}</h1><p class=\"verdict {2}\">{3}</p>", w.lang,
      w.title, holds ? "good" : "bad", holds ? w.verdict_holds : w.verdict_broken);
  html += "<p>" +
          fmt::format(fmt::runtime(w.summary), with_thousands(static_cast<double>(r.orders_sent)),
                      escaped(r.flow), r.instruments, with_thousands(r.rate_per_s),
                      r.kill_ms / 1000, escaped(r.killed_server), escaped(r.new_leader),
                      r.term_before, r.term_after, r.gap_ms()) +
          "</p>";
  html += fmt::format("<h2>{}</h2>", fmt::format(fmt::runtime(w.chart_title), r.whole.bucket_ms));
  html += Chart(r, r.whole, w).render();
  html +=
      fmt::format("<h2>{}</h2>", fmt::format(fmt::runtime(w.zoom_title), r.around_kill.bucket_ms));
  html += Chart(r, r.around_kill, w).render();
  html += fmt::format("<h2>{}</h2>", w.latency_title) + latency_table(r, w);
  html +=
      fmt::format("<h2>{}</h2><p>{}</p>", w.proof_title, w.proof_intro) + proof_tables(report, w);
  html += fmt::format("<h2>{}</h2><p class=\"quiet\" lang=\"en\">{}</p><p>{}</p></section>",
                      w.facts_title, escaped(base::machine_line()), w.reproduce);
  return html;
}

}  // namespace

std::string render_run_page(const RunRecord& record, const base::Report& report) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>Okiagari: {:.1f} ms</title>{}</head><body>"
      "<nav><a href=\"#en\">English</a> <a href=\"#ja\" "
      "lang=\"ja\">日本語</a></nav><main>{}{}</main></body></html>\n",
      record.gap_ms(), kStyle, render_language(record, report, kEnglish),
      render_language(record, report, kJapanese));
}

}  // namespace okiagari::cli
