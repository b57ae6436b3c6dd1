/**
 * A trace as a message chart for the terminal: what each step starts with, who sends what to whom within it, and what it
 * changes.
 *
 * ```
 *  3  worker0.RUN
 *       worker0 -> lock  ACQUIRE(by=worker0)
 *       lock -> worker0  ACQUIRED
 *         worker0: idle -> waiting, credits 2 -> 1
 *         lock: free -> held
 * ```
 */
import pc from 'picocolors';
import { visibleLine } from '../system/visible.ts';
import { cycleOf, overtakingText, type SequenceMessage, type SequenceStep, sequenceOf } from './sequence.ts';
import { type ActorState, eventLabel, labelOf, type SystemState, stopText, type Trace } from './trace.ts';
import { actorText, changedPaths, changeTexts, cut } from './words.ts';

export interface ChartOptions {
  /** Or what paints, in place of the usual escape sequences. */
  readonly colours: boolean | Colours;
  /** No line is longer; what does not fit is wrapped or cut. Default: 100. */
  readonly width?: number;
  /** The property that the trace violates, to be named at the end. */
  readonly property?: string;
  /** Why the last step of a failed trace broke off, to be told at the end. */
  readonly error?: { readonly message: string; readonly hint?: string };
  /** The steps that repeat for ever, and pairs of steps whose order decides, as in `ChartMarks`. */
  readonly cycle?: { readonly from: number; readonly to: number };
  readonly races?: readonly (readonly [first: number, second: number])[];
  /** Shows the state at the end. Default: true. */
  readonly final?: boolean;
}

type Colours = ReturnType<typeof pc.createColors>;
type Paint = (text: string) => string;
/** Text and how it looks; a line is made of these, so that its length is known whatever the colours. */
type Segment = readonly [text: string, paint?: Paint];

const WIDTH = 100;
const WIDTH_MIN = 40;
/** Two endless actors exchange thousands of messages in a step; its first and last few are enough to see it. */
const MESSAGES_HEAD = 20;
const MESSAGES_TAIL = 4;
/** A message that needs more lines is cut. */
const LINES_MAX = 3;
const VALUE_SHARE = 0.35;

/**
 * A trace as text: lines of at most `width` characters, the last one ended.
 *
 * @example
 * ```ts
 * import { check, renderChart } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * renderChart(result.trace, { colours: false, property: result.property }).includes('red -> green'); // => true
 * ```
 */
export function renderChart(trace: Trace, options: ChartOptions): string {
  const chart = new Chart(trace, options);
  const marks = { ...cycleOf(trace), ...options };
  for (const [at, step] of sequenceOf(trace).steps.entries()) chart.step(step, at, marks);
  chart.end(options);
  return chart.text();
}

class Chart {
  readonly #paint: Colours;
  readonly #trace: Trace;
  readonly #width: number;
  readonly #numberWidth: number;
  readonly #lines: string[] = [];

  constructor(trace: Trace, { colours, width = WIDTH }: ChartOptions) {
    this.#paint = typeof colours === 'boolean' ? pc.createColors(colours) : colours;
    this.#trace = trace;
    this.#width = Math.max(WIDTH_MIN, width);
    this.#numberWidth = Math.max(2, String(trace.steps.length).length);
  }

  text(): string {
    return `${this.#lines.join('\n').trim() === '' ? '' : this.#lines.join('\n')}\n`;
  }

  step({ step, messages }: SequenceStep, at: number, { cycle, races = [] }: ChartOptions): void {
    const { bold, dim, yellow } = this.#paint;
    if (cycle?.from === at) this.#line([[`${'─'.repeat(this.#numberWidth + 2)} for ever:`, yellow]]);
    const others = races.filter((pair) => pair.includes(at)).map(([first, second]) => (first === at ? second : first));
    const race: Segment[] =
      others.length === 0 ? [] : [[`  races with step ${others.map((one) => one + 1).join(', ')}`, yellow]];
    const number = `${String(at + 1).padStart(this.#numberWidth)}  `;
    this.#wrapped([[number, dim]], labelOf(step), race, bold);
    const failed = this.#trace.failed && at === this.#trace.steps.length - 1;
    const delivered = step.channel === undefined ? undefined : overtakingText(messages[0]!);
    if (delivered !== undefined) this.#line([[' '.repeat(this.#numberWidth + 5)], [delivered, yellow]]);
    this.#messages(messages.filter(({ fate }, index) => index > 0 || (failed && fate === 'refused')));
    for (const { name, before, after } of step.changes) this.#change(name, before, after);
    if (cycle?.to === at)
      this.#line([[`${'─'.repeat(this.#numberWidth + 2)} and again from step ${cycle.from + 1}`, yellow]]);
  }

  end({ property, error, final = true }: ChartOptions): void {
    const { bold, dim, red, yellow } = this.#paint;
    const alarm: Paint = (text) => bold(red(text));
    const { stops } = this.#trace;
    if (stops) this.#sentence(`${'─'.repeat(this.#numberWidth + 2)} ${stopText(stops)}`, yellow);
    if (property !== undefined) this.#sentence(`violated: ${property}`, alarm);
    if (error !== undefined) this.#sentence(`the model is wrong: ${error.message}`, alarm);
    if (error?.hint) this.#sentence(error.hint, plain);
    if (!final) return;
    this.#line([]);
    this.#line([[this.#trace.steps.length === 0 ? 'at the start' : 'at the end', dim]]);
    this.#state(this.#trace.final);
  }

  #messages(messages: readonly SequenceMessage[]): void {
    const hidden = messages.length - MESSAGES_HEAD - MESSAGES_TAIL;
    const shown = hidden > 1 ? [...messages.slice(0, MESSAGES_HEAD), ...messages.slice(-MESSAGES_TAIL)] : messages;
    const arrows = shown.map(({ from, to }) => (from === undefined ? `-> ${to}` : `${from} -> ${to}`));
    const arrowWidth = Math.min(Math.max(0, ...arrows.map((arrow) => arrow.length)), Math.floor(this.#width / 2));
    const indent = ' '.repeat(this.#numberWidth + 5);
    for (const [index, message] of shown.entries()) {
      if (hidden > 1 && index === MESSAGES_HEAD) this.#line([[`${indent}… and ${hidden} more …`, this.#paint.dim]]);
      const arrow = `${indent}${cut(arrows[index]!, arrowWidth).padEnd(arrowWidth)}  `;
      this.#wrapped([[arrow]], eventLabel(message.event), this.#fate(message), this.#paint.cyan);
    }
  }

  #fate(message: SequenceMessage): Segment[] {
    const { blue, red, yellow } = this.#paint;
    const { fate, channel, answer } = message;
    switch (fate) {
      case 'taken': {
        const overtaking = overtakingText(message);
        if (overtaking !== undefined) return [[`  ${overtaking}`, yellow]];
        return answer === 'automatic' ? [['  automatic answer', yellow]] : [];
      }
      case 'queued':
        return [[`  into ${channel}`, blue]];
      case 'merged':
        return [[`  is in ${channel} already`, blue]];
      case 'dropped':
        return [[`  dropped: ${channel} is full`, red]];
      case 'lost':
        return [[`  lost in ${channel}`, red]];
      case 'refused':
        return [['  not taken', red]];
      case 'ignored':
        return [['  ignored', this.#paint.dim]];
      case 'blocked':
        return [[`  waits: ${channel} is full`, red]];
      default:
        return fate satisfies never;
    }
  }

  #change(name: string, before: ActorState, after: ActorState): void {
    const isMonitor = name in this.#trace.final.monitors;
    const paint = isMonitor ? this.#paint.magenta : plain;
    const labelPaint = isMonitor ? paint : this.#paint.dim;
    const label = isMonitor ? `monitor "${name}": ` : `${name}: `;
    let start = ' '.repeat(this.#numberWidth + 7);
    const text = changeTexts(before, after, Math.floor(this.#width * VALUE_SHARE)).join(', ');
    if (start.length + label.length < this.#width / 2) {
      this.#wrapped([[start], [label, labelPaint]], text, [], paint);
      return;
    }
    this.#line([[start], [label, labelPaint]]);
    start += '  ';
    this.#wrapped([[start]], text, [], paint);
  }

  #state({ actors, monitors, channels }: SystemState): void {
    const { dim, magenta } = this.#paint;
    const moving = this.#movingFields();
    const rows: (readonly [name: string, text: string, paint: Paint])[] = [
      ...Object.entries(actors).map(([name, state]) => [name, actorText(state, moving.get(name)), plain] as const),
      ...Object.entries(monitors).map(
        ([name, state]) => [`"${name}"`, actorText(state, moving.get(name)), magenta] as const,
      ),
      ...Object.entries(channels).map(([name, messages]) => {
        const content = messages.map(({ to, event }) => `${eventLabel(event)} -> ${to}`).join(', ');
        return [name, content === '' ? 'empty' : content, content === '' ? dim : plain] as const;
      }),
    ];
    const nameWidth = Math.min(Math.max(...rows.map(([name]) => name.length)), Math.floor(this.#width / 3));
    for (const [name, text, paint] of rows) {
      this.#line([
        [`  ${cut(name, nameWidth).padEnd(nameWidth)}  `, dim],
        [text, paint],
      ]);
    }
  }

  /** Per actor, the members of its context that some step changed: what the others hold is wiring, and comes last. */
  #movingFields(): Map<string, Set<string>> {
    const moving = new Map<string, Set<string>>();
    for (const { name, before, after } of this.#trace.steps.flatMap(({ changes }) => changes)) {
      const fields = moving.get(name) ?? new Set();
      for (const path of changedPaths(before, after)) fields.add(path.split('.')[0]!);
      moving.set(name, fields);
    }
    return moving;
  }

  /** A sentence after an empty line, over as many lines as it needs. */
  #sentence(sentence: string, paint: Paint): void {
    this.#line([]);
    let row = '';
    for (const word of sentence.split(' ')) {
      if (row !== '' && row.length + 1 + word.length > this.#width) {
        this.#line([[row, paint]]);
        row = `  ${word}`;
      } else {
        row += row === '' ? word : ` ${word}`;
      }
    }
    this.#line([[row, paint]]);
  }

  /** A list after `start`, broken after its commas and continued below its beginning, with `end` after its last line. */
  #wrapped(start: readonly Segment[], list: string, end: readonly Segment[], paint: Paint): void {
    const indent = length(start);
    const room = this.#width - indent;
    const rows: string[] = [];
    for (const part of list.split(/(?<=, )/)) {
      const last = rows.at(-1);
      // The last line that there may be takes the rest and is cut.
      const fits = last !== undefined && (last + part).trimEnd().length <= room;
      if (last !== undefined && (fits || rows.length === LINES_MAX)) rows[rows.length - 1] = last + part;
      else rows.push(part);
    }
    for (const [index, row] of rows.entries()) {
      const isLast = index === rows.length - 1;
      const text = isLast ? cut(row, Math.max(1, room - length(end))) : row.trimEnd();
      this.#line([...(index === 0 ? start : [[' '.repeat(indent)] as const]), [text, paint], ...(isLast ? end : [])]);
    }
  }

  #line(segments: readonly Segment[]): void {
    let left = this.#width;
    const parts: string[] = [];
    for (const [text, paint = plain] of segments) {
      if (left <= 0) break;
      const fitting = cut(visibleLine(text), left);
      left -= fitting.length;
      parts.push(paint(fitting));
    }
    this.#lines.push(parts.join('').trimEnd());
  }
}

function length(segments: readonly Segment[]): number {
  return segments.reduce((sum, [text]) => sum + text.length, 0);
}

function plain(text: string): string {
  return text;
}
