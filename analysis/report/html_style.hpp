// How the page of html.cpp looks.
#pragma once

#include <string_view>

namespace interlock::report {

// Colours have a contrast of at least 4.5 to 1 on their ground (WCAG 2.1, 1.4.3) in both schemes.
inline constexpr std::string_view html_style = R"(
:root{color-scheme:light dark;--ground:#fff;--raised:#f6f7f9;--line:#d5d9e0;--text:#1b1f27;--faint:#5a6372;
--error:#b3161f;--warning:#8a5200;--note:#1a5fa8;--code:#eef0f4}
@media(prefers-color-scheme:dark){:root{--ground:#14171c;--raised:#1c2027;--line:#373e49;--text:#e4e7ec;--faint:#a0a9b8;
--error:#ff8a80;--warning:#f5b95f;--note:#8abcff;--code:#262b34}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem;background:var(--ground);color:var(--text);
font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:0 0 .6rem}
code,pre,td.code,.mono{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.86em}
pre{background:var(--code);padding:.8rem;border-radius:6px;overflow-x:auto;white-space:pre-wrap}
a{color:var(--note)}
section,article{margin:1.6rem 0}
article{background:var(--raised);border:1px solid var(--line);border-left:5px solid var(--line);border-radius:8px;padding:1rem 1.2rem}
article.error{border-left-color:var(--error)}article.warning{border-left-color:var(--warning)}article.note{border-left-color:var(--note)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.6rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line)}
th{color:var(--faint);font-weight:600;font-size:.86em}
td.keep{white-space:nowrap}
b.error{color:var(--error)}b.warning{color:var(--warning)}b.note{color:var(--note)}
.faint{color:var(--faint)}
.verdict{border:1px solid currentColor;border-radius:1em;padding:0 .6em;font-size:.8rem;font-weight:500;color:var(--faint)}
details summary{cursor:pointer;color:var(--faint)}
ol{margin:.3rem 0;padding-left:1.6rem}
figure{margin:.8rem 0;overflow-x:auto}figcaption{color:var(--faint);font-size:.86em}
svg{max-width:100%;height:auto}
svg text{font:13px ui-monospace,"DejaVu Sans Mono",monospace;fill:var(--text);text-anchor:middle}
svg .lock rect{fill:var(--raised);stroke:var(--faint);stroke-width:1.5}
svg .who{fill:var(--faint)}svg .behind{fill:var(--ground)}
svg .arc{fill:none;stroke-width:1.8}
svg .arc.error{stroke:var(--error)}svg .arc.warning{stroke:var(--warning)}svg .arc.note{stroke:var(--note)}
svg .tip.error{fill:var(--error)}svg .tip.warning{fill:var(--warning)}svg .tip.note{fill:var(--note)}
@media print{details>*{display:block}article{break-inside:avoid}}
)";

}  // namespace interlock::report
