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

/** `auto`: as the reader's settings say. */
export async function dotToSvg(dot: string, title: string, theme: Theme = 'auto'): Promise<string> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  const laidOut = graphviz.layout(dot, 'svg', 'dot');
  const [, size, content] = /<svg ([^>]*)>([\s\S]*)<\/svg>/.exec(laidOut)!;
  const style = [
    `text{font-family:${FONT_STACK}}`,
    ...(theme === 'auto' ? [`@media (prefers-color-scheme: dark){${darkRules()}}`] : []),
  ];
  const svg = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg ${size!.replaceAll(/\s+/g, ' ').trim()} role="img" aria-label="${escapeXml(title)}">`,
    `<style>${style.join('')}</style>`,
    content!
      .replaceAll(/<!--[\s\S]*?-->\n?/g, '')
      // The outermost title would be a tooltip over all of the picture.
      .replace(/<title>[^<]*<\/title>\n?/, '')
      .trim(),
    '</svg>',
    '',
  ].join('\n');
  return theme === 'dark' ? darkened(svg) : svg;
}

/** Twice the size that a browser shows, for sharp text; less where the picture would not fit into a PNG's memory. */
const SCALE = 2;
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
  const scale = Math.min(SCALE, Math.sqrt(PIXELS_MAX / (width * height)));
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
