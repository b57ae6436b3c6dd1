/** Text for pictures: wrapped labels, and names that a format's grammar allows. */
import { spacedLine } from '../system/visible.ts';

/** Breaks a label into lines of about `width` characters, at spaces where there are any, then within long names. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .split(' ')
    .flatMap((word) => pieces(word, width))) {
    const joined = line === '' ? word.text : `${line}${word.glued ? '' : ' '}${word.text}`;
    if (line !== '' && joined.length > width) {
      lines.push(line);
      line = word.text;
    } else {
      line = joined;
    }
  }
  return [...lines, line];
}

interface Piece {
  readonly text: string;
  /** It goes on a word: no space before it. */
  readonly glued: boolean;
}

/** A word that is longer than a line, in parts that end where a name has its joints. */
function pieces(word: string, width: number): Piece[] {
  if (word.length <= width) return [{ text: word, glued: false }];
  const parts = word.split(/(?<=[_.,:;/&|()-])|(?<=[\p{Ll}\d])(?=\p{Lu})/u);
  return parts
    .flatMap((part) => part.match(new RegExp(`[\\s\\S]{1,${Math.max(1, width)}}`, 'gu')) ?? [part])
    .map((text, index) => ({ text, glued: index > 0 }));
}

/**
 * Names of one format for the names of a graph: letters, digits and underscores, the same for the same names, no two
 * alike, and none that the format has a use of its own for.
 */
export function identifiers(
  names: readonly string[],
  isReserved: (identifier: string) => boolean = () => false,
): (name: string) => string {
  const taken = new Set<string>();
  const byName = new Map<string, string>();
  for (const name of names) {
    const plain = name.replaceAll(/\W+/g, '_').replaceAll(/^_+|_+$/g, '');
    const base = /^[a-zA-Z]/.test(plain) ? plain : `s_${plain}`;
    let identifier = base;
    for (let count = 2; taken.has(identifier.toLowerCase()) || isReserved(identifier.toLowerCase()); count++) {
      identifier = `${base}_${count}`;
    }
    taken.add(identifier.toLowerCase());
    byName.set(name, identifier);
  }
  return (name) => byName.get(name)!;
}

export function escapeXml(text: string): string {
  return withoutControls(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** What XML, and a terminal, must not be given. */
export function withoutControls(text: string): string {
  return spacedLine(text);
}
