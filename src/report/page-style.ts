/** How the page of `--report` looks, by day and by night. */

export const style = `
:root{color-scheme:light dark;--ink:#1d232b;--soft:#5c6773;--line:#d9dee4;--paper:#fff;--blue:#2f6fb7;--pale:#b8c4d1;--gold:#c98a1b;--red:#c0392b}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ec;--soft:#98a3ae;--line:#353d46;--paper:#15191e;--blue:#6aa5e6;--pale:#4d5966;--gold:#dfa945;--red:#e8705f}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1000px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .4rem}p{margin:.2rem 0 .6rem;color:var(--soft)}
.totals{display:flex;flex-wrap:wrap;gap:.5rem 2.5rem;margin:1.2rem 0}.totals b{display:block;font-size:1.5rem}.totals span{color:var(--soft)}
svg{display:block;width:100%;height:auto;font-size:11px}text{fill:var(--soft)}.end{text-anchor:end}.middle{text-anchor:middle}
.grid{stroke:var(--line)}.area{fill:var(--blue);fill-opacity:.3;stroke:var(--blue)}.bar,.body{fill:var(--blue);background:var(--blue)}
.waited{fill:var(--pale);background:var(--pale)}.ttfb{fill:var(--gold);background:var(--gold)}.lost{fill:var(--red);background:var(--red)}
i{display:inline-block;width:.8em;height:.8em;margin-left:.8em}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;padding:.2rem .6rem .2rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
#hosts td+td,#hosts th+th{text-align:right;white-space:nowrap}summary{cursor:pointer;margin:.6rem 0}
`;
