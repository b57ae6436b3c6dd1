/** DOT text as a picture: laid out by Graphviz (compiled to WebAssembly), coloured for light and dark, and rasterised. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DiagramError } from './diagram-error.ts';
import { FONT } from './dot.ts';
import { escapeXml } from './layout-text.ts';
import { darkened, darkRules, INK, type Theme } from './palette.ts';

/** Fonts of about the same width, or less. */
const FONT_STACK = `'${FONT}', Verdana, 'Segoe UI', Helvetica, Arial, sans-serif`;

/** A picture that is laid out: content of an SVG, in points. */
export interface LaidOut {
  readonly width: number;
  readonly height: number;
  readonly content: string;
}

export async function layOut(dot: string): Promise<LaidOut> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  const laidOut = graphviz.layout(dot, 'svg', 'dot');
  const [, width, height, content] = /<svg width="([\d.]+)pt" height="([\d.]+)pt"[^>]*>([\s\S]*)<\/svg>/.exec(laidOut)!;
  return {
    width: Number(width),
    height: Number(height),
    content: content!
      .replaceAll(/<!--[\s\S]*?-->\n?/g, '')
      // The outermost title would be a tooltip over all of the picture.
      .replace(/<title>[^<]*<\/title>\n?/, '')
      .trim(),
  };
}

/** Pictures in one: as many side by side as there is room for, below each other from left to right. */
export function stacked(pictures: readonly LaidOut[], widthMax: number): LaidOut {
  let [x, y, rowHeight, width] = [0, 0, 0, 0];
  const content = pictures.map((picture, index) => {
    if (x > 0 && x + picture.width > widthMax) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const at = `<g transform="translate(${x} ${y})">`;
    x += picture.width;
    width = Math.max(width, x);
    rowHeight = Math.max(rowHeight, picture.height);
    // Graphviz numbers the parts of each picture from 1.
    const numbered = picture.content.replaceAll(
      / id="((?:a_)?(?:graph|node|edge|clust))(\d+)"/g,
      ` id="$1${index}0000$2"`,
    );
    return `${at}${numbered}</g>`;
  });
  const height = y + rowHeight;
  const background = `<rect width="${width}" height="${height}" fill="${INK.background}"/>`;
  return { width, height, content: [background, ...content].join('\n') };
}

/**
 * @param theme `auto`: as the reader's settings say
 * @param widthMax in points; what is wider is shown smaller
 */
export function svgOf(
  { width, height, content }: LaidOut,
  title: string,
  theme: Theme = 'auto',
  widthMax = Number.POSITIVE_INFINITY,
): string {
  const style = [
    `text{font-family:${FONT_STACK}}`,
    ...(theme === 'auto' ? [`@media (prefers-color-scheme: dark){${darkRules()}}`] : []),
  ];
  const scale = Math.min(1, widthMax / width);
  const size = `width="${points(width * scale)}pt" height="${points(height * scale)}pt" viewBox="0.00 0.00 ${width.toFixed(2)} ${height.toFixed(2)}"`;
  const links = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
  const svg = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg ${size} ${links} role="img" aria-label="${escapeXml(title)}">`,
    `<style>${style.join('')}</style>`,
    content,
    '</svg>',
    '',
  ].join('\n');
  return theme === 'dark' ? darkened(svg) : svg;
}

function points(length: number): number {
  return Math.round(length);
}

/**
 * Twice the size that a browser shows, for sharp text; less where the PNG would be wider than this, but never less than a
 * browser shows, and less than that where the picture would not fit into memory.
 */
const SCALE = 2;
const PNG_WIDTH = 4000;
const PIXELS_MAX = 60e6;
const FONT_FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf', 'DejaVuSans-Oblique.ttf', 'DejaVuSans-BoldOblique.ttf'];

let started: Promise<void> | undefined;

export async function svgToPng(svg: string, theme: Theme = 'light'): Promise<Uint8Array> {
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  const require = createRequire(import.meta.url);
  // It must be initialised once in a process.
  started ??= readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')).then(initWasm);
  await started;
  const fonts = dirname(require.resolve('dejavu-fonts-ttf/package.json'));
  const fontBuffers = await Promise.all(FONT_FILES.map((file) => readFile(join(fonts, 'ttf', file))));
  const [width, height] = sizeOf(svg);
  const scale = Math.min(SCALE, Math.max(1, PNG_WIDTH / width), Math.sqrt(PIXELS_MAX / (width * height)));
  const background = theme === 'dark' ? darkened(`fill="${INK.background}"`).slice(6, -1) : INK.background;
  const renderer = new Resvg(svg.replaceAll(/font-family="[^"]*"/g, `font-family="${FONT}"`), {
    fitTo: { mode: 'zoom', value: scale },
    background,
    font: { fontBuffers, defaultFontFamily: FONT, sansSerifFamily: FONT },
  });
  try {
    return renderer.render().asPng();
  } finally {
    renderer.free();
  }
}

function sizeOf(svg: string): [width: number, height: number] {
  const [, width, height] = /<svg width="([\d.]+)pt" height="([\d.]+)pt"/.exec(svg) ?? [];
  if (width === undefined || height === undefined) throw new DiagramError('the picture has no size');
  return [Number(width) * (4 / 3), Number(height) * (4 / 3)];
}
