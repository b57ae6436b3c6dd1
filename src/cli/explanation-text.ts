/** Explanations of traces for people, and the options that ask for them. */
import type { WhyNot } from '../explain/why-not.ts';
import { type Paragraph, whyNotText } from '../explain/words.ts';
import type { Look } from './check-text.ts';
import type { ExplanationDocument } from './documents.ts';
import { UsageError } from './errors.ts';
import type { Question } from './run-check.ts';

interface AskingOptions {
  readonly whyNot?: string;
  readonly at?: string;
}

/** @throws UsageError */
export function questionOf({ whyNot, at }: AskingOptions): Question | undefined {
  if (whyNot === undefined) {
    if (at !== undefined) throw new UsageError("--at goes with --why-not, as in --why-not 'worker0 RUN' --at 5");
    return undefined;
  }
  if (at === undefined) return { step: whyNot };
  const count = Number(at || Number.NaN);
  if (Number.isSafeInteger(count) && count >= 0) return { step: whyNot, at: count };
  throw new UsageError(`--at ${at}: got ${JSON.stringify(at)}, expected a number of steps, 0 for the start`);
}

/** The pairs of steps that a chart connects. */
export function racesOf(explanation: ExplanationDocument | null): [first: number, second: number][] {
  return explanation?.race?.orders.map(({ first, second }) => [first.step, second.step]) ?? [];
}

export function explanationLines({ text }: ExplanationDocument, { colours, width }: Look): string {
  return text.flatMap((paragraph) => paragraphLines(paragraph, width, colours.bold)).join('\n');
}

export function whyNotLines(answer: WhyNot, { colours, width }: Look): string {
  return paragraphLines(whyNotText(answer), width, colours.bold).join('\n');
}

function paragraphLines({ head, items }: Paragraph, width: number, bold: (text: string) => string): string[] {
  const [first = '', ...rest] = wrapped(head, width, '', '  ');
  return [bold(first), ...rest, ...items.flatMap((item) => wrapped(item, width, '  ', '      '))];
}

/** Lines that are no longer than they may be, if their words allow it. */
export function wrapped(text: string, width: number, first = '', others = ''): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    const isEmpty = line.trim() === '';
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = others + word;
    } else line += isEmpty ? word : ` ${word}`;
  }
  return [...lines, line];
}
