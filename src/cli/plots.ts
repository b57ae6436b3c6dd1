/** Plots as SVG, drawn by Vega without a browser, in the colours of the diagrams, for light and dark backgrounds. */
import type { TopLevelSpec } from 'vega-lite';
import { darkRules, INK } from '../diagram/palette.ts';

const WIDTH = 640;
const HEIGHT = 260;
const FONT = 'DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif';

/** What tells the lines of a plot from each other. */
export const SERIES: readonly string[] = [
  INK.action,
  INK.guard,
  INK.coveredLine,
  INK.highlightedLine,
  INK.uncoveredLine,
  INK.unreachableLine,
];

/** Loaded only when something is to be drawn: it takes as long as a small search. */
export async function drawn(
  layers: TopLevelSpec,
  title: string,
  subtitle: readonly string[],
  height = HEIGHT,
): Promise<string> {
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const axis = {
    labelColor: INK.text,
    titleColor: INK.text,
    tickColor: INK.frame,
    domainColor: INK.frame,
    gridColor: INK.unreachableBox,
  };
  const { spec } = compile({
    ...layers,
    ...{ width: WIDTH, height, padding: 16, background: INK.background },
    title: {
      text: title,
      subtitle: [...subtitle],
      anchor: 'start',
      color: INK.text,
      subtitleColor: INK.faint,
      offset: 14,
    },
    config: {
      font: FONT,
      axis: { ...axis, labelFontSize: 11, titleFontSize: 12, titlePadding: 10 },
      view: { stroke: null },
      legend: { labelColor: INK.text, labelFontSize: 11 },
    },
  } as TopLevelSpec);
  const view = new View(parse(spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg.replace('>', `><style>@media (prefers-color-scheme: dark){${darkRules()}}</style>`)}\n`;
}
