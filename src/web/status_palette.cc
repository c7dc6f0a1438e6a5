#include "web/status_palette.h"

#include <fmt/format.h>

namespace okiagari::web {

namespace {

constexpr std::string_view kRules = R"css(
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:1.0625rem/1.65 system-ui,"Noto Sans JP","Noto Sans CJK JP",sans-serif}
:lang(ja){line-break:strict}h1:lang(ja),h2:lang(ja),h3:lang(ja){word-break:auto-phrase}
header,main,footer{max-width:52rem;margin:0 auto;padding:.5rem 1.25rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline;
border-bottom:1px solid var(--soft)}
footer{border-top:1px solid var(--soft);margin-top:3rem;color:var(--soft);font-size:.95rem}
.site{font-weight:bold;margin:.25rem 0}
h1{font-size:1.7rem;line-height:1.3;margin:1.25rem 0 .75rem}
h2{font-size:1.3rem;line-height:1.4;margin:2.5rem 0 .75rem;padding-bottom:.2rem;
border-bottom:1px solid var(--soft)}
h3{font-size:1.08rem;line-height:1.45;margin:1.25rem 0 .25rem}p{margin:.5rem 0}
a{color:var(--link)}a:focus-visible,button:focus-visible,input:focus-visible,
select:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
nav a,footer a,button,input[type=text]{display:inline-block;min-height:24px;
padding:.25rem .35rem;font:inherit}nav a[aria-current]{color:var(--ink);font-weight:bold}
button,input[type=text]{color:var(--ink);background:var(--paper);
border:1px solid var(--soft);border-radius:4px;max-width:100%}
input[type=text]{width:28rem;padding:.5rem}button{padding:.5rem 1.25rem;font-weight:bold}
.skip{position:absolute;left:-999rem}.skip:focus{position:static}
.soft{color:var(--soft);font-size:.95rem}
.state{font-weight:bold;white-space:nowrap}
.summary{border:3px solid currentColor;border-radius:6px;padding:.75rem 1.1rem;
font-size:1.45rem;line-height:1.4;white-space:normal;margin:0 0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.5rem .5rem .5rem 0;
border-bottom:1px solid var(--soft);vertical-align:top}th{font-weight:normal}
thead th{font-size:.95rem;color:var(--soft)}tbody th{width:50%}
article{border-left:4px solid var(--soft);padding:0 0 0 1rem;margin:1rem 0 1.5rem}
article h3{margin-top:0}.incident>h3{font-size:1.25rem}
.past{list-style:none;padding:0;margin:0}.past li{padding:.6rem 0;
border-bottom:1px solid var(--soft)}
pre{overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.95rem}
label{display:block;margin:.35rem 0}fieldset{border:1px solid var(--soft);margin:.75rem 0}
.summary{word-break:auto-phrase}@media(max-width:30rem){.state{white-space:normal}}
@media print{nav,form,.skip{display:none}body{font-size:10pt}
a[href^="http"]::after{content:" (" attr(href) ")"}}
)css";

}  // namespace

std::string status_css() {
  std::string day = fmt::format(":root{{color-scheme:light dark;--paper:#{:06x};", kPaperDay);
  std::string night =
      fmt::format("@media (prefers-color-scheme:dark){{:root{{--paper:#{:06x};", kPaperNight);
  std::string states;
  for (const StatusColour& colour : kStatusColours) {
    day += fmt::format("--{}:#{:06x};", colour.name, colour.day);
    night += fmt::format("--{}:#{:06x};", colour.name, colour.night);
    states += fmt::format(".{0}{{color:var(--{0})}}", colour.name);
  }
  return day + "}" + night + "}}" + states + std::string(kRules);
}

}  // namespace okiagari::web
