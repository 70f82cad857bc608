/**
 * The style sheet of the HTML report: screen in light and dark, paper always in light.
 *
 * Owns: colors, of which every pair of text and ground has a contrast of at least 4.5, and how pages break.
 */
export const REPORT_STYLE = `
:root{--ground:#fff;--panel:#f3f6f9;--ink:#17212b;--muted:#4d5b68;--line:#d3dbe2;--accent:#1d5d8a;--soft:#7ea9c8;--mark:#a8480f;--warn-ground:#fdf3e3;--warn-line:#c77700}
@media screen and (prefers-color-scheme:dark){:root{--ground:#12181e;--panel:#1b232b;--ink:#e7edf2;--muted:#aab6c1;--line:#36424d;--accent:#6fb2e0;--soft:#3f6f91;--mark:#f2a766;--warn-ground:#33270f;--warn-line:#d9a13b}}
*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:15px/1.55 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
body{max-width:60rem;margin:0 auto;padding:2.5rem 1.5rem 4rem}
h1{font-size:2rem;line-height:1.2;margin:.1rem 0 .6rem;overflow-wrap:anywhere;letter-spacing:-.01em}
h2{font-size:1.3rem;margin:2.8rem 0 .7rem;padding-bottom:.3rem;border-bottom:2px solid var(--accent)}
h3{font-size:1.05rem;margin:1.8rem 0 .5rem}
p{margin:.5rem 0}
.eyebrow{color:var(--accent);font-weight:600;letter-spacing:.06em;text-transform:uppercase;font-size:.8rem;margin:0}
.meta,.note,.source{color:var(--muted);font-size:.87rem}
.lead{font-size:1.08rem}
.callout{background:var(--warn-ground);border-left:4px solid var(--warn-line);padding:.6rem .9rem;margin:.9rem 0;border-radius:0 4px 4px 0}
.callout p,.callout ul{margin:.2rem 0}
ul,ol{padding-left:1.4rem}
li{margin:.35rem 0;overflow-wrap:anywhere}
dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.5rem 1.2rem;margin:1rem 0}
dl.facts div{border-top:1px solid var(--line);padding-top:.35rem}
dt{color:var(--muted);font-size:.82rem}
dd{margin:0;overflow-wrap:anywhere}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.8rem;margin:1rem 0;padding:0;list-style:none}
.figures li{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.8rem .9rem;margin:0}
.figures .label{display:block;color:var(--muted);font-size:.85rem}
.figures .value{display:block;font-size:1.55rem;font-weight:650;font-variant-numeric:tabular-nums;line-height:1.3;overflow-wrap:anywhere}
.figures .basis{display:block;color:var(--muted);font-size:.8rem}
.findings{padding-left:1.6rem}
.findings li{margin:.55rem 0;padding-left:.2rem}
.findings .source{display:block}
.findings li::marker{color:var(--accent);font-weight:650}
figure{margin:1rem 0}
figcaption{color:var(--muted);font-size:.87rem;margin-top:.2rem}
svg{display:block;width:100%;height:auto;font-size:12px}
svg text{fill:var(--ink)}
svg .figure{font-variant-numeric:tabular-nums}
svg .unit{fill:var(--muted)}
svg .bar{fill:var(--accent)}
svg .bar-soft{fill:var(--soft)}
svg .track{fill:var(--panel);stroke:var(--line)}
svg .grid{stroke:var(--line);stroke-width:1}
svg .line{fill:none;stroke:var(--mark);stroke-width:2}
svg .dot{fill:var(--mark)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.8rem 0 .3rem;font-size:.88rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);font-size:.85rem;padding-bottom:.35rem}
th,td{padding:.34rem .55rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:break-word}
.t{overflow-wrap:anywhere;min-width:9rem}
thead th{border-bottom:2px solid var(--accent);font-weight:600;white-space:nowrap}
th[scope=row]{font-weight:400}
.n{text-align:right;white-space:nowrap}
.d{white-space:nowrap}
.wide table{font-size:.8rem}
.wide th,.wide td{padding:.3rem .4rem}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.8rem}
@page{size:A4;margin:16mm 15mm 18mm}
@media print{
html{font-size:10.5pt;background:#fff}
body{max-width:none;padding:0}
h1{font-size:20pt}
h2{break-after:avoid;margin-top:1.8rem}
h3,caption{break-after:avoid}
.scroll{overflow:visible}
figure,.callout,.figures li,.findings li,tr,dl.facts div,svg{break-inside:avoid}
thead{display:table-header-group}
table.whole{break-inside:avoid}
section.page{break-before:page}
p,li{orphans:3;widows:3}
svg,.figures li,.callout{-webkit-print-color-adjust:exact;print-color-adjust:exact}
.wide table{font-size:7.5pt}
}`;
