/** How a terminal shows text; the caller brings the colours, and the plain one has none. */
import type { Mark } from './marks.ts';

export interface TextInk {
  bold(text: string): string;
  dim(text: string): string;
  marked(mark: Mark | undefined, text: string): string;
}

const same = (text: string) => text;

export const plainInk: TextInk = { bold: same, dim: same, marked: (_mark, text) => text };
