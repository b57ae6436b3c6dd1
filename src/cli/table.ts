/** A table without lines, as wide as its contents. */
import Table from 'cli-table3';
import { shown, signed } from './terminal.ts';

const NO_LINES = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((part) => [part, '']),
);

/** @param numeric the columns that are aligned to the right */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly number[] = [],
): string {
  const drawn = new Table({
    // It follows the colours of a cell to its end, and knows them without their signatures only.
    head: head.map(shown),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    colAligns: head.map((_, column) => (numeric.includes(column) ? 'right' : 'left')),
  });
  drawn.push(...rows.map((row) => row.map((cell) => shown(cell).replaceAll('\n', '\\n'))));
  return signed(drawn.toString())
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
