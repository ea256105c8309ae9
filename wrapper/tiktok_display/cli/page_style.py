"""How a report's page looks, in light and in dark, and the script that draws its plots."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #ffffff; --text: #1b1f24; --quiet: #57606a; --line: #d8dde3;
  --link: #1f5fbf; --more: #1a7f45; --less: #b3245c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1215; --card: #181c21; --text: #e6eaef; --quiet: #9ba5b0; --line: #2d343c;
    --link: #7db1ff; --more: #5cc98b; --less: #ff8fb6;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 70rem; margin: 0 auto; padding: 2.5rem 1.5rem; }
h1, h2, h3, p { margin: 0; }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.01em; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.5rem 0 0.75rem; }
h3 { font-size: 1rem; line-height: 1.4; }
a { color: var(--link); text-underline-offset: 0.15em; }
.quiet { color: var(--quiet); font-size: 0.875rem; }
.more { color: var(--more); }
.less { color: var(--less); }
.note {
  margin: 0 0 1.5rem; padding: 0.625rem 1rem; border: 1px solid var(--line);
  border-radius: 0.5rem; background: var(--card); font-size: 0.875rem;
}

.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem;
  padding: 1.25rem;
}
section > * + .card, section > .pair { margin-top: 1rem; }
.totals { display: grid; grid-template-columns: repeat(5, 1fr); gap: 1rem; margin: 0; }
.totals > div { padding: 1rem 1.25rem; }
.totals dt { color: var(--quiet); font-size: 0.875rem; }
.totals dd { margin: 0; font-size: 0.875rem; }
.totals .total { font-size: 1.625rem; font-weight: 650; line-height: 1.25; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; }

figure { margin: 0; }
.plot { height: 17rem; margin-top: 0.75rem; }
#plot-creators { height: 22rem; }
.plot .xtick text, .plot .ytick text { fill: var(--quiet) !important; }
.plot .annotation text { fill: var(--text) !important; }
.plot .gridlayer path { stroke: var(--line) !important; }
.legend {
  display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0.75rem 0 0; padding: 0;
  list-style: none; font-size: 0.875rem;
}
.legend li { display: flex; align-items: baseline; gap: 0.5rem; min-width: 0; }
.legend li > span { flex: none; }
.legend bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.rank { font-weight: 700; white-space: nowrap; }
.rank[style]::before {
  content: ""; display: inline-block; width: 0.875rem; height: 0.25rem; margin-right: 0.375rem;
  border-radius: 0.125rem; background: var(--of); vertical-align: 0.2em;
}

summary { cursor: pointer; font-size: 0.875rem; color: var(--link); }
.sideways { overflow-x: auto; margin-top: 1rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
p + table { margin-top: 1rem; }
table + p { margin-top: 0.75rem; }
caption { text-align: left; color: var(--quiet); padding-bottom: 0.5rem; }
th, td { padding: 0.625rem 0 0.625rem 1.25rem; text-align: right; vertical-align: top; }
thead th { color: var(--quiet); font-weight: 500; border-bottom: 1px solid var(--line); }
thead th { white-space: nowrap; }
tbody th { font-weight: 500; overflow-wrap: anywhere; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
th:first-child, .aside th, .aside td { text-align: left; overflow-wrap: anywhere; }
th:first-child { padding-left: 0; }
td small { display: block; font-size: 0.8125rem; }
.title, .whose {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden;
}
.whose {
  -webkit-line-clamp: 1; color: var(--quiet); font-size: 0.8125rem; font-weight: 400;
}
.trend { display: block; width: 6rem; height: 1.75rem; margin-left: auto; fill: var(--link); }
.days th, .days td { white-space: nowrap; padding-top: 0.375rem; padding-bottom: 0.375rem; }
footer p + p { margin-top: 0.5rem; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 0.25rem; }

@media (max-width: 56rem) {
  .totals { grid-template-columns: repeat(6, 1fr); gap: 0.75rem; }
  .totals > div { grid-column: span 2; padding: 0.75rem 1rem; }
  .totals > div:nth-child(-n + 2) { grid-column: span 3; }
  .pair { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 44rem) {
  main { padding: 1.5rem 1rem; }
  .card { padding: 1rem; }
  .totals .total { font-size: 1.125rem; }
  .totals > div:nth-child(-n + 2) .total { font-size: 1.625rem; }
  .plot { height: 15rem; }
  #plot-creators { height: 18rem; }
  .legend { display: grid; }
  /* A row is a small table of its own. */
  .stacked thead {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  }
  .stacked tbody tr {
    display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.5rem 0.75rem;
    padding: 0.75rem 0;
  }
  .stacked tbody tr + tr { border-top: 1px solid var(--line); }
  .stacked tbody tr > * { border: 0; padding: 0; text-align: left; overflow-wrap: anywhere; }
  .stacked tbody th { grid-column: 1 / -1; }
  .stacked td::before {
    content: attr(data-of); display: block; color: var(--quiet); font-size: 0.75rem;
  }
  .stacked .trend { margin: 0; max-width: 100%; }
}
"""

DRAW = """
const figures = JSON.parse(document.getElementById("figures").textContent);
for (const [name, { data, layout }] of Object.entries(figures)) {
  Plotly.newPlot(`plot-${name}`, data, layout, { displayModeBar: false, responsive: true });
}
"""
