/** What DOT text of machines and of systems has in common: quoting, HTML-like labels, fonts. */
import { escapeXml, withoutControls, wrap } from './layout-text.ts';
import { INK } from './palette.ts';

/**
 * Graphviz knows the metrics of this font without having it, and readers of the picture who do not have it get one that
 * is not wider; with an unknown font it would guess, and text would run out of its box.
 */
export const FONT = 'DejaVu Sans';

export const HEADER = [
  `graph [compound=true, rankdir=TB, bgcolor="${INK.background}", pad=0.25, nodesep=0.3, ranksep=0.32, fontname="${FONT}", fontsize=12, fontcolor="${INK.text}"]`,
  `node [shape=plain, fontname="${FONT}", fontsize=11, fontcolor="${INK.text}"]`,
  `edge [fontname="${FONT}", fontsize=10, fontcolor="${INK.text}", color="${INK.line}", arrowsize=0.75]`,
];

/** A string as DOT takes it where no escape sequence means anything but itself. */
export function quote(text: string): string {
  return `"${withoutControls(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** `name=value` pairs in brackets; what is undefined is left out, and a label in `<…>` is HTML. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        `${name}=${typeof value === 'string' && !(name === 'label' && value.startsWith('<')) ? quote(value) : value}`,
    );
  return pairs.length === 0 ? '' : ` [${pairs.join(', ')}]`;
}

/** A piece of a label with its look. */
export interface Run {
  readonly text: string;
  readonly bold?: boolean;
  readonly italic?: boolean;
  readonly colour?: string;
  readonly size?: number;
}

/** One line of a label as HTML; empty text is an error in Graphviz. */
export function lineHtml(runs: readonly Run[]): string {
  return runs
    .filter(({ text }) => text !== '')
    .map(({ text, bold, italic, colour, size }) => {
      let html = escapeXml(text);
      if (bold) html = `<B>${html}</B>`;
      if (italic) html = `<I>${html}</I>`;
      if (colour === undefined && size === undefined) return html;
      const font = [
        ...(colour === undefined ? [] : [`COLOR="${colour}"`]),
        ...(size === undefined ? [] : [`POINT-SIZE="${size}"`]),
      ];
      return `<FONT ${font.join(' ')}>${html}</FONT>`;
    })
    .join('');
}

/** As many runs on a line as fit; one that is too long is wrapped on lines of its own. */
export function wrapRuns(runs: readonly Run[], width: number): Run[][] {
  const lines: Run[][] = [];
  let room = 0;
  for (const run of runs) {
    if (run.text === '') continue;
    if (lines.length > 0 && run.text.length + 1 <= room) {
      lines.at(-1)!.push({ ...run, text: ` ${run.text}` });
      room -= run.text.length + 1;
      continue;
    }
    const wrapped = wrap(run.text, width);
    lines.push(...wrapped.map((text): Run[] => [{ ...run, text }]));
    room = width - wrapped.at(-1)!.length;
  }
  return lines;
}

/** Lines below each other, as a table: unlike with line breaks, underscores do not run into the line below. */
export function linesHtml(lines: readonly (readonly Run[])[], align: 'LEFT' | 'CENTER' = 'LEFT'): string {
  const rows = lines.map((line) => `<TR><TD ALIGN="${align}">${lineHtml(line)}</TD></TR>`);
  return `<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">${rows.join('')}</TABLE>`;
}

const NOTE_WIDTH = 84;

/** The attributes of a picture with notes under it. They are its label: clusters inside set their own. */
export function noteLines(notes: readonly string[]): string[] {
  if (notes.length === 0) return [];
  const lines = notes.flatMap((note) =>
    wrap(note, NOTE_WIDTH).map((text, index): Run[] => [
      { text: `${index === 0 ? '' : '\u00a0\u00a0\u00a0'}${text}`, colour: INK.faint, size: 10 },
    ]),
  );
  return [`graph${attributes({ label: `<${linesHtml(lines)}>`, labelloc: 'b', labeljust: 'l' })}`];
}
