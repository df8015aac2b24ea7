/** The page of `--report`: one HTML file without script that opens offline. */

import type { Summary } from '../types.js';
import { size, time } from './amounts.js';
import { cut } from './columns.js';
import { style } from './page-style.js';
import { area, columns, html, type Span, waterfall } from './plots.js';
import { safe } from './safe.js';
import { withoutPasswords } from './secrets.js';
import { linesOf, type Slow, type Tally } from './tally.js';

const mostHosts = 100;

export function page(tally: Tally, summary: Summary, exitCode: number): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>pdl run of ${tally.startedOn.toISOString()}</title>
<style>${style}</style>
</head>
<body>
<h1>pdl run</h1>
<p>Begun ${tally.startedOn.toISOString()}, ended with exit code <b id="exit-code">${exitCode}</b>${
    summary.stopped === null ? '' : `, stopped: <b>${summary.stopped}</b>`
  }</p>
${[totals(summary), overTime(tally), slowest(tally), latency(tally), hostTable(tally), failures(tally)].join('\n')}
</body>
</html>
`;
}

function totals({ saved, skipped, failed, left, bytes, durationMs }: Summary): string {
  const speed = durationMs > 0 ? `${size((bytes * 1000) / durationMs)}/s` : '';
  const cells: [id: string, value: string, name: string][] = [
    ['saved', String(saved), 'saved'],
    ['skipped', String(skipped), 'skipped'],
    ['failed', String(failed), 'failed'],
    ['left', left === null ? 'unknown' : String(left), 'left'],
    ['bytes', size(bytes), `${bytes} bytes`],
    ['time', time(durationMs), speed],
  ];
  const drawn = cells.map(([id, value, name]) => `<div><b id="${id}">${value}</b><span>${name}</span></div>`);
  return `<section class="totals">${drawn.join('')}</section>`;
}

function overTime(tally: Tally): string {
  const moments = tally.moments();
  const clock = { max: moments.at(-1)?.at ?? 1, label: time };
  const speed = moments.map(({ at, speed: value }) => ({ at, value }));
  const running = moments.map(({ at, running: value }) => ({ at, value }));
  const most = (points: typeof speed) => Math.max(0, ...points.map(({ value }) => value));
  const max = most(speed);
  return `<section><h2>Throughput</h2>
${area('Bytes per second over time', speed, clock, { max, unit: unitOf(max), label: (value) => `${size(value)}/s` })}
<h2>Running transfers</h2>
${area('Running transfers over time', running, clock, { max: Math.max(4, most(running)), label: String })}</section>`;
}

/** The largest power of 1024 in it, so that axis numbers are round in MiB and not in bytes. */
function unitOf(bytes: number): number {
  return bytes < 1 ? 1 : 1024 ** Math.floor(Math.log(bytes) / Math.log(1024));
}

function slowest(tally: Tally): string {
  const slow = tally.slow();
  if (slow.length === 0) return '';
  const spans = [...slow].sort((one, other) => one.startMs - other.startMs).map(spanOf);
  const max = Math.max(...slow.map(({ startMs, durationMs }) => startMs + durationMs));
  return `<section><h2>Slowest transfers</h2>
<p><i class="waited"></i> rests, parks and backoff (drawn first) <i class="ttfb"></i> waiting for the header block <i class="body"></i> everything else <i class="lost"></i> failed</p>
${waterfall('The slowest transfers on one time axis', spans, { max, label: time })}</section>`;
}

function spanOf({ name, status, startMs, durationMs, waitedMs, ttfbMs, bytes }: Slow): Span {
  const waited = Math.min(waitedMs, durationMs);
  const ttfb = Math.min(ttfbMs, durationMs - waited);
  const label = foreign(name);
  return {
    name: label.length > 40 ? `…${label.slice(-39)}` : cut(label, 40),
    title: `${label}: ${status}, ${size(bytes)} in ${time(durationMs)}, ${time(waited)} of it waiting`,
    from: startMs,
    parts: [
      ['waited', waited],
      ['ttfb', ttfb],
      [status === 'failed' ? 'lost' : 'body', durationMs - waited - ttfb],
    ],
  };
}

function latency({ ttfb, duration }: Tally): string {
  if (ttfb.count === 0) return '';
  const plots = (
    [
      ['Time to the header block', ttfb],
      ['Time from the first request to the end', duration],
    ] as const
  ).map(([title, histogram]) => {
    const bars = histogram.buckets().map(({ from, to, count }) => {
      return {
        name: to < 1000 ? `<${to}ms` : `<${time(to)}`,
        value: count,
        title: `${count} from ${time(from)} to ${time(to)}`,
      };
    });
    const shares = [0.5, 0.9, 0.99].map((share) => `${share * 100} % within ${time(histogram.share(share) ?? 0)}`);
    return `<h2>${title}</h2><p>${shares.join(', ')} (of ${histogram.count} saved files; within a fifth)</p>${columns(title, bars)}`;
  });
  return `<section>${plots.join('\n')}</section>`;
}

function hostTable(tally: Tally): string {
  const hosts = tally.hosts();
  const rows = hosts.slice(0, mostHosts).map((host) => {
    const mean = host.saved > 0 ? time(host.ttfbMs / host.saved) : '';
    return `<tr><td>${html(foreign(host.host))}</td><td>${linesOf(host)}</td><td>${host.saved}</td><td>${host.skipped}</td><td>${host.failed}</td><td>${size(host.bytes)}</td><td>${mean}</td></tr>`;
  });
  const more = hosts.length > mostHosts ? `<p>The ${mostHosts} hosts with the most lines, of ${hosts.length}</p>` : '';
  return `<section><h2>Hosts</h2>${more}<table id="hosts"><thead><tr><th>host</th><th>lines</th><th>saved</th><th>skipped</th><th>failed</th><th>size</th><th>mean time to header</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></section>`;
}

function failures(tally: Tally): string {
  const causes = tally.causes();
  if (causes.length === 0) return '';
  const groups = causes.map(({ what, count, lines }) => {
    const rows = lines.map(({ source, line, url, message }) => {
      return `<tr><td>${html(foreign(source))}:${line}</td><td>${html(foreign(url))}</td><td>${html(foreign(message))}</td></tr>`;
    });
    const more = count > lines.length ? `<p>The first ${lines.length} of ${count}</p>` : '';
    return `<details open><summary>${html(what)} × <b>${count}</b></summary>${more}<table>${rows.join('\n')}</table></details>`;
  });
  return `<section id="failures"><h2>Failures</h2>${groups.join('\n')}</section>`;
}

function foreign(text: string): string {
  return withoutPasswords(safe(text));
}
