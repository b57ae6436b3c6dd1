/** A small SVG writer: elements, text that is measured and wrapped, and colours that follow the reader's settings. */
import { spacedLine, visible } from '../system/visible.ts';

export type Theme = 'auto' | 'light' | 'dark';

interface Colour {
  readonly light: string;
  readonly dark: string;
}

const colour = (light: string, dark: string): Colour => ({ light, dark });

/** Each with a contrast of at least 4.5 to 1 for text. No two roles share a light colour that differs in the dark. */
const COLOURS = {
  background: colour('#ffffff', '#0d1117'),
  band: colour('#f6f8fa', '#141a22'),
  box: colour('#eef1f5', '#1f2733'),
  frame: colour('#8c959f', '#6e7681'),
  lifeline: colour('#c4cbd3', '#3d4652'),
  line: colour('#3b444e', '#a8b3bf'),
  text: colour('#1f2328', '#e6edf3'),
  faint: colour('#59636e', '#9198a1'),
  channel: colour('#0550ae', '#79c0ff'),
  channelBox: colour('#ddf0ff', '#0c2d54'),
  held: colour('#d4a72c', '#9e7a17'),
  heldText: colour('#3d2d00', '#fff5d6'),
  automatic: colour('#0f6b66', '#56d4c8'),
  alarm: colour('#c11c27', '#ff7b72'),
  alarmBox: colour('#ffeceb', '#3b1316'),
  overtaking: colour('#b04400', '#ffa657'),
  race: colour('#8f5f00', '#e3b341'),
  raceBox: colour('#fff6d6', '#352a08'),
  ghost: colour('#7a45d0', '#c9a2ff'),
} satisfies Record<string, Colour>;

export type Role = keyof typeof COLOURS;

/** The light colours, which stand for their dark counterparts where the reader prefers dark. */
export const INK = Object.fromEntries(Object.entries(COLOURS).map(([role, { light }]) => [role, light])) as Record<
  Role,
  string
>;

const FONT = 'DejaVu Sans';
/** Fonts of about the same width, or less. */
const FONT_STACK = `'${FONT}', Verdana, 'Segoe UI', Helvetica, Arial, sans-serif`;

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element; numbers are rounded to what the eye can tell. `content` is SVG, not text. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escapeXml(value!)}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

export interface TextOptions {
  readonly size: number;
  readonly ink?: Role;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  readonly italic?: boolean;
  readonly transform?: string;
}

/** One line of text; of several runs, each has its own look. */
export function text(
  x: number,
  y: number,
  runs: string | readonly Run[],
  { size, ink = 'text', anchor = 'start', bold, italic, transform }: TextOptions,
): string {
  const content =
    typeof runs === 'string'
      ? escapeXml(runs)
      : runs
          .map(({ text, ink: own, bold: strong }) =>
            element(
              'tspan',
              { fill: own && INK[own], 'font-weight': strong ? 'bold' : undefined },
              escapeXml(text) || ' ',
            ),
          )
          .join('');
  return element(
    'text',
    {
      x,
      y,
      'font-size': size,
      fill: INK[ink],
      'text-anchor': anchor === 'start' ? undefined : anchor,
      'font-weight': bold ? 'bold' : undefined,
      'font-style': italic ? 'italic' : undefined,
      transform,
    },
    content === '' ? ' ' : content,
  );
}

export interface Run {
  readonly text: string;
  readonly ink?: Role;
  readonly bold?: boolean;
}

/** A whole picture. Sizes are in points, as Graphviz writes them. */
export function picture(
  width: number,
  height: number,
  title: string,
  theme: Theme,
  content: readonly string[],
): string {
  const rules = Object.entries(COLOURS).map(
    ([, { light, dark }]) =>
      `.faultline-chart [fill="${light}"]{fill:${dark}}.faultline-chart [stroke="${light}"]{stroke:${dark}}`,
  );
  const style = [
    `.faultline-chart text{font-family:${FONT_STACK};white-space:pre}`,
    ...(theme === 'auto' ? [`@media (prefers-color-scheme: dark){${rules.join('')}}`] : []),
  ].join('');
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  const svg = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg width="${w}pt" height="${h}pt" viewBox="0 0 ${w} ${h}" xmlns="http://www.w3.org/2000/svg" class="faultline-chart" font-family="${FONT}" role="img" aria-label="${escapeXml(title)}">`,
    `<style>${style}</style>`,
    element('rect', { width: w, height: h, fill: INK.background }),
    ...content,
    '</svg>',
    '',
  ].join('\n');
  return theme === 'dark' ? darkened(svg) : svg;
}

function darkened(svg: string): string {
  const dark = new Map(Object.values(COLOURS).map(({ light, dark }) => [light, dark]));
  return svg.replaceAll(/(fill|stroke)="(#[0-9a-f]{6})"/g, (all, attribute: string, light: string) => {
    const replacement = dark.get(light);
    return replacement === undefined ? all : `${attribute}="${replacement}"`;
  });
}

// --- text ---

/** Advance widths of DejaVu Sans, in thousandths of its size; what is not listed is 640. */
const ADVANCES: Readonly<Record<string, number>> = Object.fromEntries(
  (
    [
      [278, 'ijl'],
      [318, " ,.'"],
      [337, ':;|/\\'],
      [361, '-'],
      [390, '()[]'],
      [392, 't'],
      [401, '!'],
      [411, 'r'],
      [460, '"'],
      [500, '_*'],
      [521, 's'],
      [525, 'z'],
      [550, 'c'],
      [580, 'kFL'],
      [592, 'vxy'],
      [295, 'IJ'],
      [612, 'aeoPTY'],
      [698, 'ABCERSVXZK'],
      [775, 'DGHNOQU'],
      [838, '=+<>→'],
      [863, 'M'],
      [818, 'w'],
      [974, 'm'],
      [989, 'W'],
      [1000, '…@%'],
    ] as const
  ).flatMap(([advance, characters]) => [...characters].map((character) => [character, advance] as const)),
);
const ADVANCE = 640;
/** Characters of scripts that DejaVu Sans lacks come from another font, and are as wide as they are high. */
const WIDE = 1000;
const BOLD = 1.12;

export function widthOf(text: string, size: number, bold = false): number {
  let width = 0;
  for (const character of text) {
    width += ADVANCES[character] ?? (character.codePointAt(0)! > 0x2e80 ? WIDE : ADVANCE);
  }
  return (width / 1000) * size * (bold ? BOLD : 1);
}

/**
 * Breaks a text into at most `lines` lines of at most `width`: after spaces if there are any, else within words, where
 * names have their joints if possible. What does not fit ends in an ellipsis.
 */
export function wrap(
  text: string,
  width: number,
  size: number,
  lines = Number.POSITIVE_INFINITY,
  bold = false,
): string[] {
  const fits = (line: string) => widthOf(line.trimEnd(), size, bold) <= width;
  const rows: string[] = [];
  let row = '';
  for (const word of printable(text)
    .trim()
    .split(/(?<= )/)) {
    for (const piece of fits(word) ? [word] : piecesOf(word, fits)) {
      if (row !== '' && !fits(row + piece)) {
        rows.push(row);
        row = '';
      }
      row += piece;
    }
  }
  rows.push(row);
  const kept = rows.slice(0, lines).map((line) => line.trimEnd());
  if (rows.length > lines) kept[lines - 1] = shortened(`${kept[lines - 1]}…`, fits);
  return kept;
}

function piecesOf(word: string, fits: (text: string) => boolean): string[] {
  return word.split(/(?<=[_.,:;/&|()=-])|(?<=[\p{Ll}\d])(?=\p{Lu})/u).flatMap((part) => {
    if (fits(part)) return [part];
    const pieces: string[] = [];
    let piece = '';
    for (const character of part) {
      if (piece !== '' && !fits(piece + character)) {
        pieces.push(piece);
        piece = '';
      }
      piece += character;
    }
    return [...pieces, piece];
  });
}

function shortened(line: string, fits: (text: string) => boolean): string {
  let characters = [...line];
  while (characters.length > 2 && !fits(characters.join(''))) characters = [...characters.slice(0, -2), '…'];
  return characters.join('');
}

/** For text and attributes; what XML does not allow is shown, and every line end becomes a space. */
export function escapeXml(text: string): string {
  return spacedLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** All white space as single spaces. */
function printable(text: string): string {
  return visible(text.replaceAll(/\s+/g, ' '));
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
