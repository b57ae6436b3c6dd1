/** Text in lines, with indentation. */

export type Lines = readonly (string | Lines)[];

/** Nested lists are indented by two spaces more; empty ones vanish. */
export function textOf(lines: Lines, indentation = ''): string {
  return lines
    .map((line) => {
      if (typeof line !== 'string') return textOf(line, `${indentation}  `);
      return line === '' ? '\n' : `${indentation}${line}\n`;
    })
    .join('');
}

/** Names and comments in two columns. */
export function aligned(rows: readonly (readonly [string, string])[], comment: (text: string) => string): string[] {
  const width = Math.min(60, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows.map(([left, text]) => (text === '' ? left : `${left.padEnd(width)}  ${comment(text)}`));
}

const WIDTH = 110;

/** A long condition, broken after its operators: SPIN takes the end of any other line for a semicolon. */
export function wrapped(text: string, first = '', rest = '  '): string[] {
  return filled(text.split(/(?<= (?:&&|\|\||&|\||\/\\|\\\/|->)) /), first, rest);
}

/** A long list or comment, broken between words. */
export function wrappedWords(text: string, first = '', rest = '  '): string[] {
  return filled(text.split(' '), first, rest);
}

function filled(parts: readonly string[], first: string, rest: string): string[] {
  const lines: string[] = [];
  let line = first;
  for (const [at, part] of parts.entries()) {
    if (at > 0 && line.length + 1 + part.length > WIDTH) {
      lines.push(line);
      line = rest + part;
    } else {
      line += at === 0 ? part : ` ${part}`;
    }
  }
  return [...lines, line];
}
