#include "cli/run_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <iterator>
#include <string_view>
#include <utility>

#include "web/markup.h"

namespace okiagari::cli {

namespace {

// The words of the page in one language.
struct Words {
  std::string_view lang, title, verdict_holds, verdict_missed, verdict_broken, intro, tile_gap,
      tile_wrong, tile_acknowledged, tile_trades, summary, chart_title, zoom_title, chart_axis, gap,
      killed, latency_title, phase, count, before, during, after, proof_title, proof_intro, figure,
      value, target, check, expected, holds, broken, missed, yes, no, facts_title, reproduce,
      desk_title, desk_intro, report_title, desk_time, desk_event;
};

constexpr Words kEnglish{
    "en",
    "The leading server was killed",
    "Every promise held",
    "Nothing acknowledged was lost, but a target was missed",
    "A promise was broken",
    "Okiagari is an exchange that rights itself when its servers go down. This is the record of "
    "one run, on the machine named below.",
    "milliseconds in which nobody could trade",
    "orders lost, doubled, reordered or contradicted",
    "orders acknowledged",
    "trades",
    "{} recorded orders and cancels ({}) went to {} instruments at {} a second, through two "
    "gateways and three servers. {:.1f} s into it the leading server, {}, was killed with SIGKILL, "
    "and {} took over "
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
    "MISSED",
    "yes",
    "no",
    "The machine",
    "To see it again: <code>./run --once</code>. To check the data yourself: "
    "<code>build/release/okiagari verify out/run/data</code>.",
    "What the outage desk did",
    "By itself, from outside, in milliseconds since the kill. {} mails were read back from a real "
    "mail server.",
    "Its situation report",
    "ms",
    "Event",
};

constexpr Words kJapanese{
    "ja",
    "主系サーバーを強制停止した記録",
    "すべての約束が守られました",
    "受付済みの注文は失われませんでしたが、目標に届かなかった値があります",
    "守られなかった約束があります",
    "Okiagari は、サーバーが倒れても起き上がる取引所です。このページは、下記の計算機で行った 1 "
    "回の実行の記録です。",
    "ミリ秒、取引できませんでした",
    "件の注文が失われ、重複し、順序が変わり、または食い違いました",
    "件の注文を受け付けました",
    "件の約定",
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
    "未達",
    "はい",
    "いいえ",
    "測定した計算機",
    "再現するには <code>./run --once</code>、データを自分で検査するには "
    "<code>build/release/okiagari verify out/run/data</code>。",
    "障害対応デスクの動き",
    "外部からの観測に基づき自動で行ったこと。時刻は停止からのミリ秒。実際のメールサーバーから {} "
    "通を読み戻しました。",
    "状況報告",
    "ミリ秒",
    "事象",
};

// The words of the report in Japanese; what is not here is shown as it is.
constexpr std::pair<std::string_view, std::string_view> kReportInJapanese[] = {
    {"lost", "失われた注文"},
    {"doubled", "重複した注文"},
    {"reordered", "順序が変わった注文"},
    {"contradicted", "食い違った応答"},
    {"unknown", "結果の分からない注文"},
    {"the leading server was killed", "主系サーバーを停止した"},
    {"another one leads in a higher term", "別のサーバーが次の任期で引き継いだ"},
    {"every recorded message was sent", "記録済みの注文をすべて送った"},
    {"logs, snapshots, histories and balances of all servers agree, read cold",
     "停止後に読んだ全サーバーの台帳・スナップショット・履歴・残高が一致した"},
    {"time without an acknowledgement", "受付応答のなかった時間"},
    {"orders acknowledged", "受け付けた注文"},
    {"messages sent", "送った電文"},
    {"trades", "約定"},
    {"feed messages", "相場情報の電文"},
    {"median of order to acknowledgement before the kill", "停止前の応答時間、中央値"},
    {"99th percentile before the kill", "停止前の応答時間、99 パーセンタイル"},
    {"longest pause later on", "その後の最長の無応答時間"},
    {"median after the gap", "再開後の応答時間、中央値"},
    {"99th percentile after the gap", "再開後の応答時間、99 パーセンタイル"},
    {"commands in the agreed log", "合意済み台帳の命令"},
};
constexpr std::pair<std::string_view, std::string_view> kUnitsInJapanese[] = {
    {"ms", "ミリ秒"}, {"orders", "件"}, {"messages", "件"}, {"trades", "件"}, {"commands", "件"},
};

// Everything that has text is laid out by the browser, so that it stays readable at any width;
// only bars are scaled.
constexpr std::string_view kStyle = R"(<style>
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--quiet:#565f6b;--line:#d5dae1;
--tile:#f3f5f8;--good:#0b6b3a;--bad:#b3261e;--bar:#2d6cb5;--gap:#f7d9d7}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebef;--paper:#14171b;--quiet:#a3adb8;
--line:#39414b;--tile:#1e2329;--good:#6fd39a;--bad:#ff8a80;--bar:#7fb2ee;--gap:#5a2723}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1rem 1.25rem 3rem;background:var(--paper);
color:var(--ink);font:1rem/1.6 system-ui,"Noto Sans","Noto Sans CJK JP",sans-serif}
nav{display:flex;gap:1rem;justify-content:flex-end}a{color:var(--bar)}
h1{font-size:1.7rem;line-height:1.3;margin:.2rem 0}h2{font-size:1.15rem;margin:2.2rem 0 .5rem}
.verdict{font-weight:700;font-size:1.15rem;margin:.3rem 0}
.good{color:var(--good)}.bad{color:var(--bad)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;
margin:1rem 0;padding:0;list-style:none}
.tiles li{background:var(--tile);border-radius:.5rem;padding:.7rem .9rem;color:var(--quiet);
font-size:.9rem;line-height:1.4}
.tiles b{display:block;color:var(--ink);font-size:1.9rem;line-height:1.25;
font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
table+table,.scroll+.scroll{margin-top:1.5rem}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;
vertical-align:top}
th:first-child,td:first-child{text-align:left;padding-left:0}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--quiet);font-weight:600}.n,.mark{white-space:nowrap}
.mark{font-weight:600}
.chart{position:relative;padding:3.4rem .5rem 1.8rem 4.2rem;font-size:.8rem;line-height:1.3;
color:var(--quiet);font-variant-numeric:tabular-nums}
.plot{position:relative}.plot svg{display:block;width:100%;height:13rem}
.plot span{position:absolute;white-space:nowrap}
.plot .y{right:calc(100% + .5rem);transform:translateY(50%)}
.plot .x{top:calc(100% + .4rem);transform:translateX(-50%)}
.plot .top{right:calc(100% + .5rem);bottom:calc(100% + .8rem)}
.plot .kill{bottom:calc(100% + .4rem);color:var(--bad);font-weight:600}
.plot .kill i{display:block;font-style:normal}
section+section{border-top:2px solid var(--line);margin-top:3rem;padding-top:1.5rem}
.story td:last-child,.story th:last-child{text-align:left}
.quiet{color:var(--quiet)}.scroll{overflow-x:auto}code{overflow-wrap:anywhere}
@media(max-width:40rem){h1{font-size:1.4rem}.plot .odd{display:none}
.plot .kill{left:0!important;right:auto!important}
.chart{padding-left:3.6rem}th,td{padding:.3rem .35rem}.tiles b{font-size:1.5rem}}
@media print{nav{display:none}}
</style>)";

using web::escaped;

std::string with_thousands(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (std::ptrdiff_t at = std::ssize(digits) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

// A round number at or above `value` whose quarters are round too, for the top of an axis.
double round_up(double value) {
  if (value <= 0) return 1;
  const double magnitude = std::pow(10.0, std::floor(std::log10(value)));
  for (double step : {1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 6.0, 8.0, 10.0}) {
    if (step * magnitude >= value) return step * magnitude;
  }
  return 10 * magnitude;
}

// The distance of marks of which about `wanted` fit into `span`: 1, 2 or 5 of a power of ten.
double mark_step(double span, double wanted) {
  const double magnitude = std::pow(10.0, std::floor(std::log10(span / wanted)));
  for (double step : {1.0, 2.0, 5.0}) {
    if (span / (step * magnitude) <= wanted) return step * magnitude;
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
    return fmt::format(
               "<div class=\"chart\" role=\"img\" aria-label=\"{}: {}\"><div class=\"plot\">"
               "<svg viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
               escaped(words_.killed), escaped(label), kWidth, kHeight) +
           gap() + lines() + bars() + kill() + "</svg>" + texts(label) + "</div></div>";
  }

 private:
  static constexpr double kWidth = 1000, kHeight = 400;

  double x(double ms) const {
    return std::clamp((ms - series_.start_ms) / span_ms_, 0.0, 1.0) * kWidth;
  }
  double y(double rate) const { return kHeight - rate / top_ * kHeight; }

  std::string gap() const {
    const double from = x(record_.last_before_ms);
    // At least two pixels, or a good fail-over could not be seen.
    const double width = std::max(2.0, x(record_.first_after_ms) - from);
    return fmt::format(
        "<rect x=\"{:.1f}\" y=\"0\" width=\"{:.1f}\" height=\"{}\" fill=\"var(--gap)\"/>", from,
        width, kHeight);
  }

  std::string kill() const {
    return fmt::format(
        "<path d=\"M{:.1f} 0V{}\" stroke=\"var(--bad)\" stroke-width=\"2\" "
        "vector-effect=\"non-scaling-stroke\"/>",
        x(record_.kill_ms), kHeight);
  }

  std::string lines() const {
    std::string path = "<path stroke=\"var(--line)\" vector-effect=\"non-scaling-stroke\" d=\"";
    for (int part = 0; part <= 4; ++part) {
      fmt::format_to(std::back_inserter(path), "M0 {:.1f}H{}", kHeight * part / 4, kWidth);
    }
    return path + "\"/>";
  }

  std::string bars() const {
    std::string path = "<path fill=\"var(--bar)\" d=\"";
    const double width = kWidth * series_.bucket_ms / span_ms_;
    for (std::size_t i = 0; i < series_.counts.size(); ++i) {
      const double rate = series_.counts[i] * 1000.0 / series_.bucket_ms;
      if (rate <= 0) continue;
      fmt::format_to(std::back_inserter(path), "M{:.1f} {:.1f}h{:.2f}V{}h-{:.2f}z",
                     static_cast<double>(i) * width, y(rate), width, kHeight, width);
    }
    return path + "\"/>";
  }

  std::string texts(std::string_view gap_label) const {
    std::string text = fmt::format("<span class=\"top\">{}</span>", escaped(words_.chart_axis));
    auto out = std::back_inserter(text);
    for (int part = 0; part <= 4; ++part) {
      fmt::format_to(out, "<span class=\"y\" style=\"bottom:{}%\">{}</span>", 25 * part,
                     with_thousands(top_ * part / 4));
    }
    const double step_ms = mark_step(span_ms_, 10);
    int marks = 0;
    for (double at = std::ceil(series_.start_ms / step_ms) * step_ms;
         at <= series_.start_ms + span_ms_ + 0.001; at += step_ms) {
      fmt::format_to(out, "<span class=\"x{}\" style=\"left:{:.2f}%\">{:g} s</span>",
                     marks++ % 2 == 0 ? "" : " odd", x(at) * 100 / kWidth, std::round(at) / 1000);
    }
    const double kill_percent = x(record_.kill_ms) * 100 / kWidth;
    const bool is_right = kill_percent > 60;
    fmt::format_to(out, "<span class=\"kill\" style=\"{}:{:.2f}%\"><i>{}</i><i>{}</i></span>",
                   is_right ? "right" : "left", is_right ? 100 - kill_percent : kill_percent,
                   escaped(words_.killed), escaped(gap_label));
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

bool is_japanese(const Words& w) { return w.lang == kJapanese.lang; }

template <std::size_t kSize>
std::string translated(const std::pair<std::string_view, std::string_view> (&words)[kSize],
                       std::string_view text) {
  for (const auto& [english, japanese] : words) {
    if (english == text) return escaped(japanese);
  }
  return fmt::format("<span lang=\"en\">{}</span>", escaped(text));
}

std::string report_name(const boost::json::value& name, const Words& w) {
  const std::string_view text = name.as_string();
  return is_japanese(w) ? translated(kReportInJapanese, text) : escaped(text);
}

std::string number_in_words(double value) {
  if (value == std::floor(value)) return with_thousands(value);
  return value >= 1000 ? with_thousands(value) : fmt::format("{:.2f}", value);
}

std::string in_words(const boost::json::value& value, const Words& w) {
  if (value.is_string()) return escaped(value.as_string());
  if (value.is_bool()) return std::string(value.as_bool() ? w.yes : w.no);
  if (value.is_number()) return number_in_words(value.to_number<double>());
  return "?";
}

std::string mark(const boost::json::value& entry, std::string_view bad, const Words& w) {
  const bool holds = entry.at("holds").as_bool();
  return fmt::format("<span class=\"mark {}\">{}</span>", holds ? "good" : "bad",
                     holds ? w.holds : bad);
}

std::string checks_table(const boost::json::value& report, const Words& w) {
  std::string html = fmt::format(
      "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">{}</th>"
      "<th scope=\"col\">{}</th><th scope=\"col\">{}</th><td></td></tr></thead><tbody>",
      w.check, w.value, w.expected);
  for (const auto& check : report.at("checks").as_array()) {
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                        report_name(check.at("name"), w), in_words(check.at("value"), w),
                        in_words(check.at("expected"), w), mark(check, w.broken, w));
  }
  return html + "</tbody></table></div>";
}

std::string figures_table(const boost::json::value& report, const Words& w) {
  std::string html = fmt::format(
      "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">{}</th>"
      "<th scope=\"col\">{}</th><th scope=\"col\">{}</th><td></td></tr></thead><tbody>",
      w.figure, w.value, w.target);
  for (const auto& figure : report.at("figures").as_array()) {
    const bool has_target = !figure.at("target").is_null();
    const std::string_view unit = figure.at("unit").as_string();
    html += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{} {}</td><td class=\"n\">{}</td><td>{}</td></tr>",
        report_name(figure.at("name"), w), in_words(figure.at("value"), w),
        is_japanese(w) ? translated(kUnitsInJapanese, unit) : escaped(unit),
        has_target ? in_words(figure.at("target"), w) : "",
        has_target ? mark(figure, w.missed, w) : "");
  }
  return html + "</tbody></table></div>";
}

// What the checker found wrong with orders, of the kinds that the tile names.
double wrong_orders(const boost::json::value& report) {
  double sum = 0;
  for (const auto& check : report.at("checks").as_array()) {
    const std::string_view name = check.at("name").as_string();
    for (const std::string_view kind : {"lost", "doubled", "reordered", "contradicted"}) {
      if (name == kind) sum += check.at("value").to_number<double>();
    }
  }
  return sum;
}

double figure_of(const boost::json::value& report, std::string_view name) {
  for (const auto& figure : report.at("figures").as_array()) {
    if (figure.at("name").as_string() == name && figure.at("value").is_number()) {
      return figure.at("value").to_number<double>();
    }
  }
  return 0;
}

std::string tiles(const RunRecord& r, const boost::json::value& report, const Words& w) {
  const auto tile = [](const std::string& value, std::string_view what) {
    return fmt::format("<li><b>{}</b>{}</li>", value, what);
  };
  return "<ul class=\"tiles\">" + tile(fmt::format("{:.1f}", r.gap_ms()), w.tile_gap) +
         tile(with_thousands(wrong_orders(report)), w.tile_wrong) +
         tile(with_thousands(static_cast<double>(r.acknowledged)), w.tile_acknowledged) +
         tile(with_thousands(figure_of(report, "trades")), w.tile_trades) + "</ul>";
}

// A target that was missed is not a promise that was broken.
std::string verdict(const boost::json::value& report, const Words& w) {
  const auto& checks = report.at("checks").as_array();
  const bool all_checks = std::all_of(checks.begin(), checks.end(),
                                      [](const auto& one) { return one.at("holds").as_bool(); });
  const bool all = report.at("holds").as_bool();
  return fmt::format("<p class=\"verdict {}\">{}</p>", all ? "good" : "bad",
                     all          ? w.verdict_holds
                     : all_checks ? w.verdict_missed
                                  : w.verdict_broken);
}

std::string desk_section(const DeskStory& desk, const Words& w) {
  std::string html = fmt::format(
      "<h2>{}</h2><p>{}</p><div class=\"scroll\"><table class=\"story\"><thead><tr>"
      "<th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead><tbody>",
      w.desk_title, fmt::format(fmt::runtime(w.desk_intro), desk.mails_delivered), w.desk_time,
      w.desk_event);
  for (const DeskStoryLine& line : desk.lines) {
    html += fmt::format("<tr><td>{:.0f}</td><td>{}</td></tr>", line.ms,
                        escaped(is_japanese(w) ? line.ja : line.en));
  }
  html += fmt::format("</tbody></table></div><h2>{}</h2><ul>", w.report_title);
  for (const DeskStoryLine& line : desk.situation_report) {
    html += fmt::format("<li>{}</li>", escaped(is_japanese(w) ? line.ja : line.en));
  }
  return html + "</ul>";
}

std::string render_language(const RunRecord& r, const DeskStory& desk,
                            const boost::json::value& report, const Words& w) {
  std::string html = fmt::format("<section id=\"{0}\" lang=\"{0}\"><h1>{1}</h1>", w.lang, w.title);
  html += verdict(report, w) + fmt::format("<p class=\"quiet\">{}</p>", w.intro);
  html += tiles(r, report, w);
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
  if (!desk.lines.empty()) html += desk_section(desk, w);
  html += fmt::format("<h2>{}</h2><p>{}</p>", w.proof_title, w.proof_intro) +
          checks_table(report, w) + figures_table(report, w);
  html += fmt::format("<h2>{}</h2><p class=\"quiet\" lang=\"en\">{}</p><p>{}</p></section>",
                      w.facts_title, escaped(report.at("machine").as_string()), w.reproduce);
  return html;
}

}  // namespace

std::string render_run_page(const RunRecord& record, const DeskStory& desk,
                            const base::Report& report) {
  const boost::json::value parsed = boost::json::parse(report.to_json());
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>Okiagari: the leading server was killed, {:.1f} ms</title>{}</head><body>"
      "<nav><a href=\"#en\">English</a> <a href=\"#ja\" "
      "lang=\"ja\">日本語</a></nav><main>{}{}</main></body></html>\n",
      record.gap_ms(), kStyle, render_language(record, desk, parsed, kEnglish),
      render_language(record, desk, parsed, kJapanese));
}

std::string render_scenario_page(const std::string& title_en, const std::string& title_ja,
                                 const DeskStory& desk, const base::Report& report) {
  const boost::json::value parsed = boost::json::parse(report.to_json());
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>Okiagari: {}</title>{}</head><body><nav><a href=\"#en\">English</a> "
      "<a href=\"#ja\" lang=\"ja\">日本語</a></nav><main>",
      escaped(title_en), kStyle);
  for (const auto& [w, title] : {std::pair{&kEnglish, &title_en}, {&kJapanese, &title_ja}}) {
    html += fmt::format("<section id=\"{0}\" lang=\"{0}\"><h1>{1}</h1>", w->lang, escaped(*title));
    html += verdict(parsed, *w) + desk_section(desk, *w);
    html += fmt::format("<h2>{}</h2><p>{}</p>", w->proof_title, w->proof_intro) +
            checks_table(parsed, *w) + figures_table(parsed, *w) +
            fmt::format("<h2>{}</h2><p class=\"quiet\" lang=\"en\">{}</p></section>",
                        w->facts_title, escaped(parsed.at("machine").as_string()));
  }
  return html + "</main></body></html>\n";
}

}  // namespace okiagari::cli
