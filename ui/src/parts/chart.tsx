/** A chart over the last ten minutes. Its numbers are also in a sentence, for people who do not see it. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clockText } from '../text/format.ts';
import type { Chart } from '../text/series.ts';

export interface Line {
  readonly label: string;
  /** Name of a CSS variable with the colour. */
  readonly color: `--${string}`;
  readonly filled?: true;
}

export interface ChartProps {
  readonly title: string;
  readonly chart: Chart;
  readonly lines: readonly Line[];
  readonly valueText: (value: number) => string;
  /** Times of vertical marks, in seconds since 1970. */
  readonly marks: readonly number[];
  readonly summary: string;
}

const HEIGHT = 170;
const LEAST_SECONDS = 60;

function cssColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

interface Drawing {
  readonly width: number;
  readonly lines: readonly Line[];
  readonly valueText: (value: number) => string;
  readonly marks: () => readonly number[];
}

function optionsFor({ width, lines, valueText, marks }: Drawing): uPlot.Options {
  const [grid, text] = [cssColor('--line'), cssColor('--muted')];
  const axis = {
    stroke: text,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
    font: '12px system-ui',
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { show: false } },
    padding: [8, 24, 0, 0],
    scales: {
      // A single period would otherwise stand for all times.
      x: { range: (_, first, last) => [Math.min(first, last - LEAST_SECONDS), last] },
      y: { range: (_, __, most) => [0, Math.max(most * 1.15, 0.1)] },
    },
    axes: [
      {
        ...axis,
        space: 80,
        values: (_, values) => values.map((seconds) => clockText(new Date(seconds * 1000).toISOString())),
      },
      { ...axis, size: 62, values: (_, values) => values.map(valueText) },
    ],
    series: [
      {},
      ...lines.map(({ label, color, filled }) => ({
        label,
        stroke: cssColor(color),
        width: 2,
        points: { show: false },
        ...(filled && { fill: `color-mix(in srgb, ${cssColor(color)} 18%, transparent)` }),
      })),
    ],
    hooks: { draw: [(plot) => drawMarks(plot, marks())] },
  };
}

function drawMarks(plot: uPlot, marks: readonly number[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = cssColor('--warn');
  ctx.setLineDash([4, 4]);
  for (const mark of marks) {
    const x = Math.round(plot.valToPos(mark, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

export function ChartPanel({ title, chart, lines, valueText, marks, summary }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ chart, marks });
  latest.current = { chart, marks };

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      const options = optionsFor({ width: element.clientWidth, lines, valueText, marks: () => latest.current.marks });
      plot.current = new uPlot(options, dataOf(latest.current.chart), element);
    };
    draw();
    const sizes = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    sizes.observe(element);
    // Colours are part of the drawing.
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      sizes.disconnect();
      themes.disconnect();
      scheme.removeEventListener('change', draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [lines, valueText]);

  useEffect(() => plot.current?.setData(dataOf(chart)), [chart]);

  return (
    <section class="panel chart" aria-label={title}>
      <h2>{title}</h2>
      <ul class="legend" aria-hidden="true">
        {lines.map(({ label, color }) => (
          <li key={label}>
            <span class="swatch" style={{ background: `var(${color})` }} />
            {label}
          </li>
        ))}
        {marks.length > 0 && (
          <li>
            <span class="swatch dashed" />
            reload
          </li>
        )}
      </ul>
      <div ref={box} class="plot" role="img" aria-label={summary} />
    </section>
  );
}

function dataOf({ times, columns }: Chart): uPlot.AlignedData {
  return [[...times], ...columns.map((column) => [...column])];
}
