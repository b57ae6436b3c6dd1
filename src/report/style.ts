/**
 * How a report looks: on screens in light and dark, wide and narrow, and on paper, where all steps are shown.
 *
 * The colours are those of the diagrams. In them a fill or stroke stands for its dark counterpart, see `palette.ts`.
 */
import { darkRules, INK } from '../diagram/palette.ts';

const LIGHT = `
--page:#fff;--panel:#f6f8fa;--text:#1f2328;--faint:#59636e;--line:#d1d9e0;--strong-line:#8c959f;--link:#0550ae;--focus:#0969da;
--good:#116329;--good-box:#dafbe1;--bad:#a40e26;--bad-box:#ffebe9;--open:#7d4e00;--open-box:#fff3c4;--wrong:#6639ba;--wrong-box:#fbefff;
--now:#ddf4ff;--now-line:#0969da;--lit:${INK.highlightedBox};--lit-line:${INK.highlightedLine};--channel:#0550ae`;
const DARK = `
--page:#0d1117;--panel:#151b23;--text:#e6edf3;--faint:#9da7b3;--line:#30363d;--strong-line:#6e7681;--link:#79c0ff;--focus:#58a6ff;
--good:#56d364;--good-box:#10351d;--bad:#ff938a;--bad-box:#441a1c;--open:#e3b341;--open-box:#3b2b00;--wrong:#d2a8ff;--wrong-box:#301d4a;
--now:#0c2d4d;--now-line:#58a6ff;--lit:#4d3800;--lit-line:#e3b341;--channel:#79c0ff`;

export const PAGE_STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media screen and (prefers-color-scheme:dark){:root{${DARK}}${darkRules()}}
*{box-sizing:border-box}
[hidden]{display:none!important}
html{scroll-padding-top:1rem}
body{margin:0 auto;padding:0 clamp(.75rem,3vw,2.5rem) 3rem;max-width:110rem;background:var(--page);color:var(--text);
font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2;margin:1.5rem 0 .25rem}
h2{font-size:1.35rem;margin:2.5rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;display:inline;margin:0}
h4{font-size:1rem;margin:1.25rem 0 .5rem}
h5{font-size:.95rem;margin:0 0 .5rem}
p{margin:.4rem 0}
a{color:var(--link)}
code,pre,.chart,.diff td,.state td,.details h5{font-family:ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-100rem}
.skip:focus{left:1rem;top:.5rem;background:var(--page);padding:.5rem 1rem;z-index:9}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin:.5rem 0;padding:0;list-style:none}
.lead{font-size:1.05rem}
.sources,.what,small,figcaption,.keys,.share{color:var(--faint)}
.sources,figcaption,.keys{font-size:.875rem}
table{border-collapse:collapse;font-size:.875rem;margin:.5rem 0}
caption{text-align:left;font-weight:600;padding:.25rem 0}
.quiet,.route{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{text-align:left;vertical-align:top;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);font-weight:400}
thead th{font-weight:600;color:var(--faint);white-space:nowrap}
.verdicts td,.verdicts th,.badge{white-space:nowrap}
.properties th[scope=row]{min-width:12rem}
.number{text-align:right;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto;position:relative}
.badge{display:inline-block;padding:0 .5em;border-radius:1em;font-size:.85em;font-weight:600;border:1px solid currentColor}
.holds,.witnessed{color:var(--good);background:var(--good-box)}
.violated{color:var(--bad);background:var(--bad-box)}
.open,.unknown{color:var(--open);background:var(--open-box)}
.model-error{color:var(--wrong);background:var(--wrong-box)}
.bad,.alarm{color:var(--bad);font-style:normal;font-weight:600}
summary{cursor:pointer;padding:.35rem 0}
details.result{border:1px solid var(--line);border-radius:.5rem;padding:.15rem 1rem;margin:.6rem 0}
details.result[open]{padding-bottom:1rem}
details.result:target{border-color:var(--now-line)}
button,select{font:inherit;font-size:.875rem;color:inherit;background:var(--panel);border:1px solid var(--strong-line);border-radius:.4rem;
padding:.3rem .7rem;min-height:2rem;cursor:pointer}
select{max-width:100%}
button:hover:not([aria-disabled=true]){border-color:var(--now-line)}
button[aria-disabled=true]{color:var(--faint);cursor:default;border-style:dashed}
.controls{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem;margin-bottom:.6rem}
.where{flex:1 1 14rem;margin:0 .4rem;font-weight:600}
.keys{margin:0}
.panes{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,3fr);gap:1rem;align-items:start}
.chart-scroll,.details{border:1px solid var(--line);border-radius:.4rem}
.chart-scroll{overflow:auto;max-height:min(75vh,46rem);position:relative}
.stepping .details{max-height:min(75vh,46rem);overflow:auto}
.details{padding:.75rem}
.stepping .detail:not(.now){display:none}
.detail+.detail{margin-top:1.25rem}
.stepping .detail+.detail{margin-top:0}
.chart{--lane:6.75rem;min-width:calc(var(--lanes)*var(--lane));font-size:.75rem;line-height:1.35}
.lanes,.messages li,.pills{display:grid;grid-template-columns:repeat(var(--lanes),minmax(0,1fr))}
.lanes{position:sticky;top:0;z-index:2;background:var(--panel);border-bottom:1px solid var(--strong-line);font-weight:600}
.lanes span{text-align:center;padding:.35rem .2rem;align-self:end}
.lanes .channel{font-style:italic;font-weight:400;color:var(--channel)}
.steps,.messages{list-style:none;margin:0;padding:0}
.step{position:relative;padding:.15rem 0 .35rem;border-bottom:1px solid var(--line);
background:linear-gradient(to right,transparent calc(50% - .5px),var(--line) calc(50% - .5px) calc(50% + .5px),transparent calc(50% + .5px)) 0 0/calc(100%/var(--lanes)) 100%}
.step.now{background-color:var(--now);box-shadow:inset 4px 0 var(--now-line)}
.step-name{position:sticky;left:.5rem;font:inherit;font-size:.8125rem;text-align:left;max-width:min(34rem,80vw);padding:.1rem .5rem;min-height:1.6rem;margin:.15rem 0 .15rem .5rem}
.step-name[aria-current]{border-color:var(--now-line);border-width:2px;font-weight:600}
.messages li{padding:.1rem 0}
.messages .text{grid-row:1;grid-column:var(--a)/-1;padding-left:calc(50%/(var(--lanes) + 1 - var(--a)) + .35rem);min-width:0;position:relative}
.messages .text-left .text{grid-column:1/var(--b);text-align:right;padding-left:0;padding-right:calc(50%/(var(--b) - 1) + .35rem)}
.messages i{grid-row:2;grid-column:var(--a)/var(--b);height:7px;position:relative;margin:0 calc(50%/(var(--b) - var(--a)));border-top:1.5px solid var(--text)}
.messages i::after{content:'';position:absolute;top:-5px;border:4px solid transparent}
.messages .right i::after{right:0;border-left:7px solid var(--text);border-right:0}
.messages .left i::after{left:0;border-right:7px solid var(--text);border-left:0}
.messages .queued i,.messages .delivered i{border-top-style:dashed;border-top-color:var(--channel)}
.messages .queued.right i::after,.messages .delivered.right i::after{border-left-color:var(--channel)}
.messages .queued.left i::after,.messages .delivered.left i::after{border-right-color:var(--channel)}
.messages .own i{border-top:0}
.messages .own i::before{content:'↻';position:absolute;left:-.45em;top:-.9em;font-style:normal;background:var(--page)}
.messages :is(.lost,.dropped,.refused,.blocked) i{border-top:1.5px dashed var(--bad)}
.messages :is(.lost,.dropped,.refused,.blocked) i::after{content:'✘';border:0;top:-.78em;color:var(--bad);font-style:normal;font-size:1rem;line-height:1}
.messages .more{display:block;padding-left:1rem;color:var(--faint)}
.text em{color:var(--channel)}
.text em.bad{color:var(--bad)}
.pills{margin-top:.25rem}
.pills span{grid-row:1;grid-column:var(--a);justify-self:center;border:1px solid var(--strong-line);border-radius:1em;padding:0 .5em;background:var(--page);text-align:center}
.watched{margin:.2rem .6rem;color:var(--wrong)}
.chart-end{margin:0;padding:.6rem;color:var(--bad);font-weight:600;background:var(--bad-box)}
.diff,.state{width:100%}
.diff td:nth-last-child(-n+2){width:38%}
.diff tbody th{font-weight:600;min-width:7rem}
.diff th,.state th,.diff td:nth-last-child(3){overflow-wrap:break-word}
.diff td:nth-last-child(-n+2),.state td{min-width:6rem}
.diff small{display:block}
td:last-child,ins,del{white-space:pre-wrap}
.number{white-space:nowrap}
del{text-decoration:none;color:var(--faint)}
ins{text-decoration:none;font-weight:600}
.lights{margin:1rem 0}
.gallery{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:.5rem}
.gallery figure{flex:1 1 15rem;min-width:0;max-width:100%}
figure{margin:.5rem 0;border:1px solid var(--line);border-radius:.4rem;padding:.5rem;background:var(--page)}
img{max-width:none}
figure p{margin:.2rem 0}
.gallery figcaption{display:flex;gap:.5rem;align-items:start;justify-content:space-between;color:var(--text)}
.gallery figcaption button{flex:none}
.drawing{overflow:auto}
.drawing svg{display:block;max-width:100%;height:auto;margin:0 auto}
.gallery .drawing svg{max-height:24rem;width:auto}
.drawing text{font-family:'DejaVu Sans',Verdana,'Segoe UI',Helvetica,Arial,sans-serif;white-space:pre}
.passed>[stroke="${INK.line}"],.passed>[stroke="${INK.frame}"]{stroke:var(--lit-line);stroke-dasharray:4 3}
.lit>[fill="${INK.box}"]{fill:var(--lit)}
.lit>[stroke="${INK.line}"],.lit>[stroke="${INK.frame}"]{stroke:var(--lit-line);stroke-width:3}
.edge.lit>polygon{fill:var(--lit-line)}
.transition.lit>text{fill:var(--lit-line);font-weight:700}
.seen>[fill="${INK.box}"]{fill:${INK.coveredBox}}
.seen>[stroke="${INK.line}"],.seen>[stroke="${INK.frame}"]{stroke:${INK.coveredLine}}
.edge.seen>polygon{fill:${INK.coveredLine}}
.missed-state>[stroke="${INK.line}"],.missed-state>[stroke="${INK.frame}"]{stroke:${INK.uncoveredLine};stroke-dasharray:5 3}
.node.missed-transition>text{fill:${INK.uncoveredLine}}
.edge.missed-transition>[stroke]{stroke:${INK.uncoveredLine};stroke-dasharray:5 3}
.edge.missed-transition>polygon{fill:${INK.uncoveredLine}}
.actor.lit>[stroke]{stroke:var(--lit-line);stroke-width:3}
.machines{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));gap:0 1.5rem;align-items:start}
.machine{border-bottom:1px solid var(--line)}
.machine[open]{grid-column:1/-1}
.missed ul{columns:16rem;margin:.25rem 0;padding-left:1.2rem;font-size:.8125rem}
.replay{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center;margin-top:1rem}
.replay p{flex:1 0 100%;margin:0}
pre{margin:0;padding:.5rem .75rem;background:var(--panel);border:1px solid var(--line);border-radius:.4rem;white-space:pre-wrap;font-size:.8125rem;min-width:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}
dt{color:var(--faint)}
dd{margin:0}
dialog{max-width:96vw;max-height:94vh;border:1px solid var(--strong-line);border-radius:.5rem;background:var(--page);color:var(--text)}
dialog form{position:sticky;top:0;text-align:right}
dialog::backdrop{background:#0008}
dialog .drawing{overflow:visible}
@media (max-width:60rem){.panes{grid-template-columns:minmax(0,1fr)}.stepping .details{max-height:none}.chart-scroll{max-height:55vh}}
@media (max-width:40rem){.keys{display:none}.diff td:nth-last-child(-n+2),.state td{min-width:3.5rem}.controls button{flex:1 1 40%}.gallery figure{flex-basis:100%}.where{flex-basis:100%;order:-1;margin:0}}
@media screen and (prefers-color-scheme:dark){
.seen>[fill="${INK.box}"]{fill:#10351d}
.seen>[stroke="${INK.line}"],.seen>[stroke="${INK.frame}"]{stroke:#3fb950}
.edge.seen>polygon{fill:#3fb950}
.missed-state>[stroke="${INK.line}"],.missed-state>[stroke="${INK.frame}"],.edge.missed-transition>[stroke]{stroke:#ff7b72}
.node.missed-transition>text,.edge.missed-transition>polygon{fill:#ff7b72}
}
@media (prefers-reduced-motion:no-preference){.stepping .step,.drawing path{transition:background-color .15s,fill .15s,stroke .15s}}
@media (forced-colors:active){.step.now{outline:3px solid Highlight;outline-offset:-3px}.badge{forced-color-adjust:none}}
@media print{
@page{margin:12mm}
body{padding:0;max-width:none;font-size:10pt}
nav,.skip,.controls,.lights,.copy,.gallery,.picture,dialog{display:none!important}
details::details-content{content-visibility:visible;height:auto}
details.result{border:0;padding:0}
summary{list-style:none}
.panes{display:block}
.chart-scroll,.stepping .details,.wide,.drawing{overflow:visible;max-height:none;border:0;padding:0}
.stepping .detail:not(.now){display:block}
.stepping .detail+.detail,.detail+.detail{margin-top:.6rem}
.step.now{background-color:transparent;box-shadow:none}
.step-name{border:0!important;background:none;font-weight:600;padding-left:0}
.lanes{position:static}
.chart{min-width:0;font-size:6.5pt;margin-bottom:1rem}
.step-name{font-size:7.5pt;position:static;min-height:0}
table{font-size:8pt}
.step,.detail,tr,figure,.messages li{break-inside:avoid}
h2,h3,h4,h5,summary{break-after:avoid}
.machines{display:block;columns:2}
.missed ul{columns:1}
.overview svg{max-height:14cm;width:auto}
.machine figure svg{max-height:10cm;width:auto}
pre{border:0;padding:0}
*{print-color-adjust:exact}
}
`;
