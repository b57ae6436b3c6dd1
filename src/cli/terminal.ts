/**
 * What a command writes, on its way to the terminal: control characters are shown, not sent.
 *
 * Every stream passes through here, so that nobody who writes has to think of it. Our own colours pass because they are signed:
 * with a number that is another one in each process, so that neither a file nor a model can know it. The line of progress
 * is rewritten in place by what only the beginning of a write can be.
 */
import { randomInt } from 'node:crypto';
import picocolors from 'picocolors';
import { visible } from '../system/visible.ts';

export type Colours = ReturnType<typeof picocolors.createColors>;

const SIGNATURE = randomInt(2 ** 40, 2 ** 47);
const ESCAPE = '\u001b';
const SIGNED = new RegExp(`${ESCAPE}\\[(\\d+);${SIGNATURE}m`);
const COLOUR = new RegExp(`${ESCAPE}\\[(\\d+)m`, 'g');
/** What begins a line of progress, and what takes it away. */
const REWRITE = `\r${ESCAPE}[2K`;

/** Colours that `shown` lets through. */
export function signedColours(isOn: boolean): Colours {
  const colours = picocolors.createColors(isOn);
  if (!isOn) return colours;
  const signing = Object.entries(colours).map(([name, paint]) => [
    name,
    typeof paint !== 'function'
      ? paint
      : (text: string | number | null | undefined) => signed(paint(shown(String(text)))),
  ]);
  return Object.fromEntries(signing) as Colours;
}

/** Signs all colours of a text: of one that was `shown`, and then coloured. */
export function signed(text: string): string {
  return text.replaceAll(COLOUR, `${ESCAPE}[$1;${SIGNATURE}m`);
}

/** Text as a terminal may have it: with our own colours, and without any other control character. */
export function shown(text: string): string {
  if (!text.includes(ESCAPE)) return visible(text);
  // Every other piece is the number of a colour.
  return text
    .split(SIGNED)
    .map((piece, at) => (at % 2 === 0 ? visible(piece) : `${ESCAPE}[${piece}m`))
    .join('');
}

interface Stream {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
}

const ours = new WeakSet<object>();

/** A stream that shows control characters; one that does so already is given back. */
export function showing(stream: Stream): Stream {
  if (ours.has(stream)) return stream;
  const wrapped: Stream = {
    write(text) {
      if (typeof text !== 'string') return stream.write(text);
      const rewrites = stream.isTTY === true && text.startsWith(REWRITE);
      return stream.write(rewrites ? REWRITE + shown(text.slice(REWRITE.length)) : shown(text));
    },
    // A terminal changes its width.
    get isTTY() {
      return stream.isTTY ?? false;
    },
    get columns() {
      return stream.columns;
    },
  };
  ours.add(wrapped);
  return wrapped;
}
