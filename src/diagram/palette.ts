/**
 * The colours of pictures, for light and dark backgrounds.
 *
 * DOT text uses the light ones. In an SVG each of them stands for its dark counterpart where the reader prefers dark, so
 * a colour means the same thing wherever it occurs, and no two roles of a picture may share one that differs in the dark.
 */
import type { Mark } from './marks.ts';

export type Theme = 'auto' | 'light' | 'dark';

interface Colour {
  readonly light: string;
  readonly dark: string;
}

const colour = (light: string, dark: string): Colour => ({ light, dark });

const COLOURS = {
  background: colour('#ffffff', '#0d1117'),
  box: colour('#f4f6f9', '#1b222c'),
  cluster: colour('#fbfcfd', '#12181f'),
  line: colour('#57606a', '#8b949e'),
  frame: colour('#8c959f', '#6e7681'),
  text: colour('#1f2328', '#e6edf3'),
  faint: colour('#59636e', '#9198a1'),
  guard: colour('#8250df', '#c297ff'),
  action: colour('#0550ae', '#79c0ff'),
  highlightedBox: colour('#fff3c4', '#4d3800'),
  highlightedLine: colour('#9a6700', '#e3b341'),
  coveredBox: colour('#dcf5e3', '#10351d'),
  coveredLine: colour('#1a7f37', '#3fb950'),
  uncoveredBox: colour('#ffe9e7', '#441a1c'),
  uncoveredLine: colour('#cf222e', '#ff7b72'),
  unreachableBox: colour('#e7ebf0', '#262c36'),
  unreachableLine: colour('#6e7781', '#7d8590'),
} satisfies Record<string, Colour>;

/** The light colours, by role. */
export const INK = Object.fromEntries(Object.entries(COLOURS).map(([role, { light }]) => [role, light])) as Record<
  keyof typeof COLOURS,
  string
>;

const MARK_INK: Readonly<Record<Mark, { box: string; line: string }>> = {
  highlighted: { box: INK.highlightedBox, line: INK.highlightedLine },
  covered: { box: INK.coveredBox, line: INK.coveredLine },
  uncovered: { box: INK.uncoveredBox, line: INK.uncoveredLine },
  unreachable: { box: INK.unreachableBox, line: INK.unreachableLine },
};

export function boxInk(mark: Mark | undefined): { box: string; line: string } {
  return mark === undefined ? { box: INK.box, line: INK.line } : MARK_INK[mark];
}

/** Rules that turn the light picture into the dark one, for a style element. */
export function darkRules(): string {
  return Object.values(COLOURS)
    .map(({ light, dark }) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`)
    .join('');
}

export function darkened(svg: string): string {
  const dark = new Map(Object.values(COLOURS).map(({ light, dark }) => [light, dark]));
  return svg.replaceAll(/(fill|stroke)="(#[0-9a-f]{6})"/g, (all, attribute, light) => {
    const replacement = dark.get(light);
    return replacement === undefined ? all : `${attribute}="${replacement}"`;
  });
}
