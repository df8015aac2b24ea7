/** Draws plots as SVG text, with axes whose numbers are round. No script, no font, no file from elsewhere. */

const wide = 960;
const left = 76;
const bottom = 24;
const top = 10;

/** Text that is safe inside HTML and SVG, attributes included. */
export function html(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Round numbers from 0 to at least `max`, about `count` of them. */
export function ticks(max: number, count = 4): number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? power * 10;
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 }, (_, index) => index * step);
}

export interface Axis {
  max: number;
  /** What the numbers are round in; 1 unless given. */
  unit?: number;
  label(value: number): string;
}

function svg(label: string, high: number, body: string): string {
  return `<svg viewBox="0 0 ${wide} ${high}" role="img" aria-label="${html(label)}">${body}</svg>`;
}

function round(number: number): string {
  return String(Math.round(number * 10) / 10);
}

/** Horizontal lines with their numbers. */
function grid(values: readonly number[], y: (value: number) => number, label: Axis['label']): string {
  return values
    .map((value) => {
      const at = round(y(value));
      return `<line class="grid" x1="${left}" x2="${wide}" y1="${at}" y2="${at}"/><text class="end" x="${left - 8}" y="${at}" dy=".32em">${html(label(value))}</text>`;
    })
    .join('');
}

function below(values: readonly number[], x: (value: number) => number, high: number, label: Axis['label']): string {
  return values
    .map((value, index) => {
      const side = index === 0 ? 'start' : x(value) > wide - 30 ? 'end' : 'middle';
      return `<text class="${side}" x="${round(x(value))}" y="${high - 6}">${html(label(value))}</text>`;
    })
    .join('');
}

/** A filled line over time, drawn as steps: each value holds since the one before. */
export function area(label: string, points: readonly { at: number; value: number }[], time: Axis, axis: Axis): string {
  const high = 190;
  const unit = axis.unit ?? 1;
  const marks = ticks(axis.max / unit).map((mark) => mark * unit);
  const most = marks.at(-1)!;
  const x = (at: number) => left + (at / Math.max(1, time.max)) * (wide - left);
  const y = (value: number) => high - bottom - (value / most) * (high - bottom - top);
  const line = points.map(({ at, value }) => `V${round(y(value))}H${round(x(at))}`).join('');
  const times = ticks(time.max, 6).filter((at) => at <= time.max);
  return svg(
    label,
    high,
    `${grid(marks, y, axis.label)}${below(times, x, high, time.label)}<path class="area" d="M${left} ${round(y(0))}${line}V${round(y(0))}Z"/>`,
  );
}

/** Columns side by side, each with its name below. */
export function columns(label: string, bars: readonly { name: string; value: number; title: string }[]): string {
  const high = 190;
  const marks = ticks(Math.max(1, ...bars.map(({ value }) => value)));
  const most = marks.at(-1)!;
  const y = (value: number) => high - bottom - (value / most) * (high - bottom - top);
  const each = Math.min(90, (wide - left) / Math.max(1, bars.length));
  const drawn = bars.map(({ name, value, title }, index) => {
    const from = left + index * each;
    return `<rect class="bar" x="${round(from + 2)}" width="${round(each - 4)}" y="${round(y(value))}" height="${round(y(0) - y(value))}"><title>${html(title)}</title></rect><text class="middle" x="${round(from + each / 2)}" y="${high - 6}">${html(name)}</text>`;
  });
  return svg(label, high, `${grid(marks, y, String)}${drawn.join('')}`);
}

export interface Span {
  name: string;
  title: string;
  from: number;
  /** Lengths one after the other, with the class of each. */
  parts: readonly (readonly [kind: string, length: number])[];
}

/** One row for each span, all on one time axis. */
export function waterfall(label: string, spans: readonly Span[], time: Axis): string {
  const row = 20;
  const names = 300;
  const high = spans.length * row + bottom;
  const x = (at: number) => names + (at / Math.max(1, time.max)) * (wide - names);
  const rows = spans.map(({ name, title, from, parts }, index) => {
    let at = from;
    const drawn = parts.map(([kind, length]) => {
      const rect = `<rect class="${kind}" x="${round(x(at))}" width="${round(Math.max(0.5, x(at + length) - x(at)))}" y="${index * row + 4}" height="${row - 8}"/>`;
      at += length;
      return length > 0 ? rect : '';
    });
    return `<g><title>${html(title)}</title><text class="end" x="${names - 8}" y="${index * row + row / 2}" dy=".32em">${html(name)}</text>${drawn.join('')}</g>`;
  });
  const times = ticks(time.max, 5).filter((at) => at <= time.max);
  const lines = times.map(
    (at) => `<line class="grid" x1="${round(x(at))}" x2="${round(x(at))}" y1="0" y2="${high - bottom}"/>`,
  );
  return svg(label, high, `${lines.join('')}${rows.join('')}${below(times, x, high, time.label)}`);
}
