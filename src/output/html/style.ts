/**
 * The look of the page: light, dark, narrow, printed. Inlined, and allowed by its hash; no element has a style of its
 * own.
 */

const LIGHT =
  '--bg:#fff;--fg:#1c2430;--dim:#55606e;--line:#d8dde4;--soft:#f4f6f9;--bad:#b3261e;--badbg:#fbe9e7;--warn:#8a5300;--warnbg:#fff3dc;--ok:#1b6b3a;--okbg:#e4f4e9;--note:#48566a;--notebg:#e9edf2;--unseen:#5b3d99;--unseenbg:#efe9fa;--link:#0b57a4;color-scheme:light'
const DARK =
  '--bg:#12161c;--fg:#e6eaf0;--dim:#a2adbb;--line:#333c48;--soft:#1b212a;--bad:#ff8a80;--badbg:#4a1f1c;--warn:#ffc46b;--warnbg:#43320f;--ok:#7fd6a0;--okbg:#163824;--note:#b6c2d2;--notebg:#2a3340;--unseen:#c9b3ff;--unseenbg:#33264f;--link:#8ec5ff;color-scheme:dark'
const KINDS = ['bad', 'warn', 'ok', 'note', 'unseen']

export const STYLE = `
:root{${LIGHT}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${DARK}}}
:root[data-theme=dark]{${DARK}}
*{box-sizing:border-box}
body{margin:0;overflow-wrap:anywhere;background:var(--bg);color:var(--fg);font:14px/1.45 system-ui,"Segoe UI","Yu Gothic UI",Meiryo,"Hiragino Sans","Noto Sans CJK JP",sans-serif}
:lang(ja){word-break:auto-phrase}:lang(ja) code{word-break:normal}
header,main{max-width:1160px;margin:0 auto;padding:10px 24px}
header{display:flex;gap:8px 24px;flex-wrap:wrap;justify-content:space-between;border-bottom:1px solid var(--line)}
header p{margin:2px 0;color:var(--dim);overflow-wrap:anywhere}
h1{font-size:17px;margin:0}
nav{display:flex;gap:12px;flex-wrap:wrap;align-items:center}
a{color:var(--link)}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--bg);padding:4px}
main>section{margin-top:28px}
h2{font-size:17px;margin:0 0 8px}
h2 small{font-weight:400;font-size:13px;color:var(--dim);margin-left:8px}
.head{font-size:21px;line-height:1.3;font-weight:700;margin:14px 0 12px;max-width:950px}
.only{font-weight:700;color:var(--unseen);overflow-wrap:anywhere}
.dim{color:var(--dim)}
.cards{display:grid;grid-template-columns:repeat(4,1fr);gap:12px}
article{border:1px solid var(--line);border-top:4px solid var(--note);border-radius:6px;padding:10px 12px;background:var(--soft);min-width:0;overflow-wrap:anywhere}
article h3{font-size:14px;margin:0 0 4px}
article p{margin:4px 0 8px}
.big{font-size:26px;line-height:1.1}
.bars{list-style:none;margin:0;padding:0;font-size:12px}
.bars li{display:grid;grid-template-columns:1fr auto;gap:0 8px}
.bars svg{grid-column:1/3}
.bar{display:block;width:100%;height:5px;border-radius:3px;background:var(--line)}
.bar rect{fill:var(--note)}
.cum rect{fill:var(--ok)}
${KINDS.map((kind) => `article.${kind}{border-top-color:var(--${kind})}.mark.${kind}{color:var(--${kind});background:var(--${kind}bg)}.fill.${kind}{fill:var(--${kind})}`).join('\n')}
article.bad .bar rect{fill:var(--bad)}article.warn .bar rect{fill:var(--warn)}
.mark{display:inline-block;padding:1px 8px;border-radius:10px;font-size:12px;font-weight:600;white-space:nowrap}
.scroll{overflow-x:auto;position:relative}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:5px 8px;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
thead th{font-size:12px;color:var(--dim);font-weight:600;border-bottom:2px solid var(--line);overflow-wrap:normal}
tbody th{font-weight:400}
.r{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.work th[scope=row]{width:22%}.work td:nth-child(2){width:52%}.work th bdi{display:block}
.host{min-width:9em}
.fix{margin:2px 0}
code{font-family:ui-monospace,Consolas,monospace;font-size:12px;background:var(--soft);padding:1px 4px;overflow-wrap:anywhere}
.small{font-size:12px}
figure{margin:0}
figure>svg{display:block;width:100%;height:auto;font-size:11px}
figure text{fill:var(--dim)}.grid{stroke:var(--line)}
.fill.ok{opacity:.8}.over{fill:none;pointer-events:all}.name{font-weight:700}
.drawn{fill:none;stroke-width:2}.drawn.bad{stroke:var(--bad)}.drawn.ok{stroke:var(--ok)}
figcaption{display:flex;gap:4px 16px;flex-wrap:wrap;font-size:12px;margin:4px 0 6px 52px}
.swatch{width:11px;height:11px;margin-right:5px;vertical-align:-1px}
details{border-bottom:1px solid var(--line);padding:5px 0}
.numbers{border:0}.numbers table{width:auto}
summary{cursor:pointer;overflow-wrap:anywhere}
details ul{margin:6px 0}
details li,#unseen li{margin:3px 0;overflow-wrap:anywhere}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
button,input,select{font:inherit;color:inherit;background:var(--soft);border:1px solid var(--line);border-radius:5px;padding:3px 8px}
button{cursor:pointer}
button:disabled{opacity:.5;cursor:default}
.copy{font-size:11px;padding:0 6px;margin-left:4px}
th button{border:0;background:none;padding:0;font-weight:inherit;text-align:inherit;text-decoration:underline dotted}
h3{font-size:14px;margin:12px 0 4px}
.cover{border-bottom:1px solid var(--line)}.cover dl div{display:contents}
details.pair{border:0;padding:0}
dl{display:grid;grid-template-columns:9em 1fr;gap:2px 10px;margin:6px 0}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
.chip{border:1px solid transparent}.chip[aria-pressed=true]{border-color:currentColor;text-decoration:underline}
[hidden]{display:none!important}
.tools{display:flex;gap:8px 12px;flex-wrap:wrap;align-items:center;margin:0 0 8px}
.tools label{display:inline-flex;gap:6px;align-items:center}.tools input{width:260px;max-width:100%;min-width:0}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
@media (max-width:1000px){.cards{grid-template-columns:repeat(2,1fr)}}
@media (max-width:560px){.cards{grid-template-columns:1fr}header,main{padding:8px 12px}.scroll table{min-width:620px}.scroll .work{min-width:0}.work thead{position:absolute;clip-path:inset(50%)}.work tr{display:grid;grid-template-columns:repeat(3,auto);border-bottom:1px solid var(--line);padding:4px 0}.work th[scope=row],.work td:nth-child(2){grid-column:1/4;width:auto}.work tbody th,.work td{border:0;padding:2px 0}.work .r{text-align:left;white-space:normal}.work td[data-label]::before{content:attr(data-label) ' ';color:var(--dim)}}
@media print{
@page{size:A4;margin:14mm}
:root,:root[data-theme=dark],:root:not([data-theme=light]){${LIGHT};--fg:#000;--dim:#333}
body{font-size:9.5pt}header,main{max-width:none;padding:0}
nav,.tools,.copy,.numbers,.skip,.more,.then,code[data-copy=filter]{display:none}
th,td{padding:2px 6px}.small,.fix code{font-size:8pt}.work th[scope=row]{width:20%}.work td:nth-child(2){width:62%}.work thead th{white-space:normal}details li,#unseen li{margin:1px 0}
.cards{grid-template-columns:repeat(2,1fr)}
article,figure,tr{break-inside:avoid}
h2{break-after:avoid}
thead{display:table-header-group}
.scroll{overflow:visible}
article,.mark,.bar,rect,path{print-color-adjust:exact}
details:not(.pair)::details-content{content-visibility:visible;height:auto}
a{color:inherit;text-decoration:none}
}`
