export const style = `
:root{color-scheme:light dark;--ground:light-dark(#f7f6f3,#131417);--card:light-dark(#fff,#1c1e23);
--ink:light-dark(#1b1c1f,#eceae4);--soft:light-dark(#62656d,#a2a5ad);--edge:light-dark(#e4e1da,#2d3037);
--accent:light-dark(#2f5bd7,#8aa8ff);--second:light-dark(#b3541e,#f0a06a)}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
main,header,footer{max-width:1080px;margin:0 auto;padding:0 20px}
header{padding-top:56px;padding-bottom:20px}
h1{font-size:clamp(28px,5vw,44px);line-height:1.1;letter-spacing:-.02em;margin:0 0 10px;text-wrap:balance}
header p{color:var(--soft);max-width:62ch;margin:0}
h2{font-size:15px;margin:0 0 2px}
.note{color:var(--soft);font-size:13px;margin:0 0 14px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));margin:16px 0;padding:0;gap:1px;background:var(--edge);border:1px solid var(--edge);border-radius:14px;overflow:hidden}
.figures div{background:var(--card);padding:18px}
dt{color:var(--soft);font-size:13px}
dd{margin:4px 0 0;font-size:27px;font-weight:650;letter-spacing:-.02em}
.cards{display:grid;grid-template-columns:1fr 1fr;gap:16px}
.tables{columns:3 260px;column-gap:16px;margin-top:16px}
.tables section{break-inside:avoid;margin-bottom:16px}
section{background:var(--card);border:1px solid var(--edge);border-radius:14px;padding:20px;min-width:0}
section svg:not(.bar){width:100%;height:auto;display:block}
.grid{stroke:var(--edge)}.tick{fill:var(--soft);font-size:15px}.end{text-anchor:end}.middle{text-anchor:middle}
.area{fill:var(--accent);opacity:.13}.line{fill:none;stroke:var(--accent);stroke-width:2.5;stroke-linejoin:round}
.line-1{stroke:var(--second);stroke-dasharray:6 4}
.key{display:flex;gap:18px;color:var(--soft);font-size:13px;margin:8px 0 0;padding:0;list-style:none}
.key li:before{content:"";display:inline-block;width:18px;border-top:3px solid var(--accent);margin-right:7px;vertical-align:middle}
.key li+li:before{border-top:3px dashed var(--second)}
table{width:100%;border-collapse:collapse;font-size:14px}
th{font-weight:400;text-align:left;padding:5px 0;overflow-wrap:anywhere}
td{text-align:right;padding:5px 0 5px 12px;white-space:nowrap}
thead th,thead td{color:var(--soft);font-size:12px}
.bar{display:block;width:100%;height:5px;margin-top:4px}.rail{fill:var(--edge)}.part{fill:var(--accent)}
tr.rest th,tr.rest td{color:var(--soft)}tr.rest .part{fill:var(--soft)}
footer{color:var(--soft);font-size:14px;padding-top:28px;padding-bottom:64px}
footer p{max-width:72ch}
a{color:var(--accent)}
@media(max-width:820px){.cards{grid-template-columns:1fr}}
`;
