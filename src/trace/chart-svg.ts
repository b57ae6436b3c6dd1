/**
 * A trace as a message chart in SVG, for light and dark backgrounds.
 *
 * A lifeline per actor and channel that takes part, in the order of their first appearance; a band per step, with what
 * starts it, its messages from top to bottom, and then what it changed. What the marks mean is in `sequence.ts`, and in the
 * legend that the chart ends with. Nothing in it has an id, so that several charts may stand in one page; everything that
 * belongs to a step has its number as `data-step`, counted from 0.
 */
import {
  type ChartMarks,
  countedText,
  cycleOf,
  type Hold,
  type Lifeline,
  overtakingText,
  type Sequence,
  type SequenceMessage,
  type SequenceStep,
  sequenceOf,
} from './sequence.ts';
import {
  type Attributes,
  element,
  escapeXml,
  INK,
  picture,
  type Role,
  type Run,
  type Theme,
  text,
  widthOf,
  wrap,
} from './svg.ts';
import { eventLabel, labelOf, type SystemState, stopText, type Trace } from './trace.ts';
import { changeTexts, stateText, timerText } from './words.ts';

export interface ChartSvgOptions extends ChartMarks {
  readonly title?: string;
  /** `auto`: as the reader's settings say. */
  readonly theme?: Theme;
}

/**
 * A trace as a message chart: the text of an SVG file.
 *
 * @example
 * ```ts
 * import { check, renderChartSvg } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * renderChartSvg(result.trace, { title: 'both go' }).includes('<svg'); // => true
 * ```
 */
export function renderChartSvg(trace: Trace, options: ChartSvgOptions = {}): string {
  return new Drawing(trace, options).svg();
}

const MARGIN = 16;
const NUMBER_WIDTH = 30;
const GUTTER = 26;
const RACE_LANE = 20;
const TITLE = 14;
const NAME = 10.5;
const LABEL = 10;
const NOTE = 9;
const LINE = 1.3;
const PAD = 5;
/** A label may be wider than the arrow between two neighbours. */
const LABEL_MIN = 168;
const LABEL_LINES = 3;
const NOTE_LINES = 6;
const ARROW_GAP = 5;
const ROW_GAP = 8;
/** After so many points the names stand there once more. */
const HEADER_EVERY = 760;
/** As in the other charts: the first and last messages of an endless step show what goes on. */
const MESSAGES_HEAD = 20;
const MESSAGES_TAIL = 4;
const BAR = 10;

/** The more lifelines, the narrower. */
function pitchFor(lifelines: number): number {
  if (lifelines <= 4) return 196;
  if (lifelines <= 7) return 164;
  return lifelines <= 11 ? 138 : 124;
}

/** Later layers lie above earlier ones. */
const LAYERS = ['bands', 'lifelines', 'bars', 'arrows', 'notes', 'marks'] as const;
type Layer = (typeof LAYERS)[number];

interface Box {
  readonly top: number;
  readonly bottom: number;
}

class Drawing {
  readonly #trace: Trace;
  readonly #options: ChartSvgOptions;
  readonly #sequence: Sequence;
  readonly #pitch: number;
  readonly #left: number;
  readonly #width: number;
  readonly #columns = new Map<string, number>();
  readonly #layers: Record<Layer, string[]> = {
    bands: [],
    lifelines: [],
    bars: [],
    arrows: [],
    notes: [],
    marks: [],
  };
  readonly #bands: Box[] = [];
  /** Where each message's arrow is, by step and message. */
  readonly #arrowAt: number[][] = [];
  /** What covers a lifeline, by its index: the places where a bar's label cannot stand. */
  readonly #covered: Box[][];
  readonly #used = new Set<LegendKey>();
  #fill: Role = 'background';
  #step = -1;
  #y = MARGIN;

  constructor(trace: Trace, options: ChartSvgOptions) {
    this.#trace = trace;
    this.#options = { ...cycleOf(trace), ...options };
    this.#sequence = sequenceOf(trace);
    const { lifelines } = this.#sequence;
    this.#pitch = pitchFor(lifelines.length);
    this.#covered = lifelines.map(() => []);
    this.#left = MARGIN + NUMBER_WIDTH + (this.#options.cycle ? GUTTER : 0);
    const right = (options.races?.length ?? 0) > 0 ? RACE_LANE * (options.races!.length + 1) : 0;
    const room = Math.max(lifelines.length * this.#pitch, 420);
    const spare = room - lifelines.length * this.#pitch;
    for (const [index, lifeline] of lifelines.entries()) {
      this.#columns.set(keyOf(lifeline), this.#left + spare / 2 + this.#pitch * (index + 0.5));
    }
    this.#width = this.#left + room + right + MARGIN;
  }

  svg(): string {
    const { title, theme = 'auto' } = this.#options;
    this.#title();
    let start = this.#header();
    let headerAt = this.#y;
    for (const [at, step] of this.#sequence.steps.entries()) {
      if (this.#y - headerAt > HEADER_EVERY) {
        this.#lifelines(start, this.#y);
        start = this.#header();
        headerAt = this.#y;
      }
      this.#drawStep(step, at);
    }
    this.#end(start);
    for (const hold of this.#sequence.holds) this.#hold(hold, heldBefore(this.#sequence.holds, hold));
    this.#cycle();
    this.#races();
    this.#y += 14;
    this.#legend();
    this.#y += MARGIN;
    const what = title ?? 'A message chart';
    const steps = this.#trace.steps.length === 1 ? '1 step' : `${this.#trace.steps.length} steps`;
    const content = LAYERS.map((layer) => element('g', { class: layer }, `\n${this.#layers[layer].join('\n')}\n`));
    return picture(this.#width, this.#y, `${what}: ${steps}`, theme, content);
  }

  // --- around the steps ---

  #title(): void {
    const { title } = this.#options;
    if (title === undefined) return;
    for (const line of wrap(title, this.#width - 2 * MARGIN, TITLE, 3, true)) {
      this.#y += TITLE * LINE;
      this.#add('marks', text(MARGIN, this.#y - 4, line, { size: TITLE, bold: true }));
    }
    this.#y += 8;
  }

  /** The names, in boxes; returns where the lifelines begin. */
  #header(): number {
    const { lifelines } = this.#sequence;
    const names = lifelines.map(({ name }) => wrap(name, this.#pitch - 26, NAME, 2, true));
    const height = Math.max(1, ...names.map((lines) => lines.length)) * NAME * LINE + 2 * PAD;
    this.#y += 4;
    for (const [index, lifeline] of lifelines.entries()) {
      const lines = names[index]!;
      const isChannel = lifeline.kind === 'channel';
      const width = Math.max(...lines.map((line) => widthOf(line, NAME, true)), 36) + 16;
      const x = this.#x(lifeline);
      const box = element('rect', {
        x: x - width / 2,
        y: this.#y,
        width,
        height,
        rx: isChannel ? height / 2 : 3,
        fill: INK[isChannel ? 'channelBox' : 'box'],
        stroke: INK[isChannel ? 'channel' : 'frame'],
      });
      const top = this.#y + (height - lines.length * NAME * LINE) / 2 + NAME;
      const name = lines.map((line, at) =>
        text(x, top + at * NAME * LINE, line, { size: NAME, bold: true, anchor: 'middle' }),
      );
      this.#covered[index]!.push({ top: this.#y, bottom: this.#y + height });
      this.#add(
        'notes',
        `<g><title>${escapeXml(`${lifeline.kind} ${lifeline.name}`)}</title>${box}${name.join('')}</g>`,
      );
    }
    if (lifelines.some(({ kind }) => kind === 'channel')) this.#used.add('channel');
    const start = this.#y + height;
    this.#y = start + 8;
    return start;
  }

  #lifelines(top: number, bottom: number): void {
    for (const lifeline of this.#sequence.lifelines) {
      const x = this.#x(lifeline);
      this.#add(
        'lifelines',
        line(x, top, x, bottom, lifeline.kind === 'channel' ? 'channel' : 'lifeline', {
          'stroke-dasharray': lifeline.kind === 'channel' ? '1 3' : undefined,
        }),
      );
    }
  }

  /** How everything ends: a box with the state below each lifeline, and why nothing follows. */
  #end(start: number): void {
    const { deadEnd, property, error } = this.#options;
    const { steps, final, failed, stops } = this.#trace;
    const top = this.#y + 6;
    this.#fill = 'background';
    if (!failed || steps.length === 0) {
      const boxes = this.#sequence.lifelines.map((lifeline, index) => ({
        index,
        paragraphs: [{ text: finalText(lifeline, final), bold: true, lines: 3 }],
        ink: 'text' as Role,
      }));
      this.#y = top;
      this.#notes(boxes, { stroke: 'frame', fill: 'box' });
    }
    this.#lifelines(start, this.#y - 3);
    if (deadEnd) this.#banner('Nothing can happen any more: this is the end.', 'end');
    if (stops) this.#banner(`… ${stopText(stops)}`, 'end');
    if (steps.length === 0 && property !== undefined) this.#banner(`violated: ${property}`, 'violated');
    if (steps.length === 0 && error) this.#banner(`the model is wrong: ${error.message}`, 'violated');
  }

  #banner(sentence: string, kind: 'end' | 'violated'): void {
    const [left, right] = [this.#left, this.#rightmost()];
    if (kind === 'end') {
      this.#y += 3;
      this.#add('marks', line(left, this.#y, right, this.#y, 'alarm', { 'stroke-width': 3 }));
      this.#y += 5;
    }
    const lines = wrap(sentence, right - left - 20, LABEL + 1, 4, true);
    const height = lines.length * (LABEL + 1) * LINE + 2 * PAD;
    const box = element('rect', {
      x: left,
      y: this.#y,
      width: right - left,
      height,
      rx: 3,
      fill: INK.alarmBox,
      stroke: INK.alarm,
    });
    this.#add('marks', box);
    for (const [at, row] of lines.entries()) {
      const y = this.#y + PAD + (at + 0.8) * (LABEL + 1) * LINE;
      this.#add('marks', text(left + 10, y, row, { size: LABEL + 1, ink: 'alarm', bold: true }));
    }
    this.#y += height + 5;
  }

  // --- a step ---

  #drawStep(step: SequenceStep, at: number): void {
    const { property, error, races = [] } = this.#options;
    const isLast = at === this.#sequence.steps.length - 1;
    const failed = isLast && this.#trace.failed;
    const violated = isLast && (property !== undefined || failed);
    const inRace = races.some((pair) => pair.includes(at));
    this.#fill = violated ? 'alarmBox' : inRace ? 'raceBox' : at % 2 === 0 ? 'band' : 'background';
    this.#step = at;
    const top = this.#y;
    this.#y += 6;
    const shown = shownMessages(step.messages);
    this.#arrowAt.push([]);
    for (const index of shown) {
      if (index < 0) this.#hidden(-index, step);
      else this.#message(step, index);
    }
    this.#changes(step);
    for (const { name, before, after } of step.ghosts) {
      this.#ghost(`monitor "${name}": ${changeTexts(before, after, 40).join(', ')}`);
    }
    if (violated && property !== undefined) this.#banner(`violated: ${property}`, 'violated');
    if (failed) this.#banner(`the model is wrong${error ? `: ${error.message}` : ' here'}`, 'violated');
    this.#y += 4;
    const band = { top, bottom: this.#y };
    this.#bands.push(band);
    const ink: Role = violated ? 'alarm' : inRace ? 'race' : 'faint';
    const rect = element('rect', {
      x: MARGIN / 2,
      y: top,
      width: this.#width - MARGIN,
      height: band.bottom - top,
      fill: INK[this.#fill],
      stroke: violated ? INK.alarm : inRace ? INK.race : undefined,
    });
    const title = `<title>${escapeXml(`${at + 1}. ${labelOf(step.step)}`)}</title>`;
    const number = text(this.#left - 8, top + 6 + LABEL * 1.2, String(at + 1), {
      size: LABEL + 1,
      bold: true,
      anchor: 'end',
      ink,
    });
    this.#add('bands', `<g class="step" data-step="${at}">${title}${rect}${number}</g>`);
    this.#step = -1;
  }

  #message(step: SequenceStep, index: number): void {
    const message = step.messages[index]!;
    const { fate, from, to, channel } = message;
    const starts = index === 0;
    // What a choice or a timer starts has no sender, unless it is refused: then there is nothing else to show.
    if (starts && step.step.channel === undefined) {
      this.#tag(step, fate === 'refused');
      return;
    }
    const sender: Lifeline | undefined =
      from !== undefined
        ? { kind: 'actor', name: from }
        : channel === undefined
          ? undefined
          : { kind: 'channel', name: channel };
    // What is lost that was for nobody in particular goes nowhere.
    const intoChannel = channel !== undefined && (from !== undefined || to === channel);
    const receiver: Lifeline = intoChannel ? { kind: 'channel', name: channel } : { kind: 'actor', name: to };
    if (sender === undefined || !this.#columns.has(keyOf(sender)) || !this.#columns.has(keyOf(receiver))) {
      this.#tag(step, fate === 'refused');
      return;
    }
    this.#arrow(message, step, { sender, receiver, leaving: starts });
  }

  /** What starts a step on its own: a box on its actor's lifeline. */
  #tag({ step }: SequenceStep, refused: boolean): void {
    const lifeline: Lifeline = { kind: 'actor', name: step.actor };
    const label = step.timer === undefined ? eventLabel(step.event) : timerText(step.timer);
    const x = this.#x(lifeline);
    const room = Math.min(Math.max(this.#pitch - 20, LABEL_MIN), 220);
    const sign = step.timer === undefined ? '▸ ' : '◷ ';
    const lines = wrap(`${label}${refused ? ' (not taken)' : ''}`, room - 14, LABEL, LABEL_LINES, true);
    lines[0] = `${sign}${lines[0]}`;
    const width = Math.max(...lines.map((row) => widthOf(row, LABEL, true))) + 2 * PAD + 2;
    const height = lines.length * LABEL * LINE + PAD;
    const left = this.#clamped(x - width / 2, width);
    const box = element('rect', {
      x: left,
      y: this.#y,
      width,
      height,
      rx: 3,
      fill: INK.background,
      stroke: INK[refused ? 'alarm' : 'text'],
      'stroke-width': 1.4,
    });
    const rows = lines.map((row, at) =>
      text(left + width / 2, this.#y + PAD / 2 + (at + 0.8) * LABEL * LINE, row, {
        size: LABEL,
        bold: true,
        anchor: 'middle',
        ink: refused ? 'alarm' : 'text',
      }),
    );
    this.#cover(left, left + width, this.#y, this.#y + height);
    this.#arrowAt.at(-1)!.push(this.#y + height / 2);
    this.#add('notes', this.#group(labelOf(step), `${box}${rows.join('')}`));
    this.#y += height + ROW_GAP - 2;
  }

  #arrow(
    message: SequenceMessage,
    step: SequenceStep,
    { sender, receiver, leaving }: { sender: Lifeline; receiver: Lifeline; leaving: boolean },
  ): void {
    const look = lookOf(message, step, leaving);
    if (look.legend) this.#used.add(look.legend);
    const [x1, x2] = [this.#x(sender), this.#x(receiver)];
    const toSelf = x1 === x2;
    const room = Math.max(Math.abs(x2 - x1) - 16, LABEL_MIN);
    const lines = labelLines(eventLabel(message.event), room);
    const tags = [
      ...(leaving ? originOf(message) : []).map((tag) => ({ tag, style: { ink: 'faint' as Role, bold: false } })),
      ...look.tags
        .flatMap((tag) => wrap(tag, room, NOTE, 2, true))
        .map((tag) => ({ tag, style: { ink: look.ink, bold: true } })),
    ];
    const height = lines.length * LABEL * LINE + tags.length * NOTE * LINE;
    const width = Math.max(
      ...lines.map((row) => row.reduce((sum, run) => sum + widthOf(run.text, LABEL, run.bold), 0)),
      ...tags.map(({ tag, style }) => widthOf(tag, NOTE, style.bold)),
    );
    const middle = toSelf ? x1 + 34 + width / 2 : (x1 + x2) / 2;
    const left = this.#clamped(middle - width / 2, width);
    const centre = left + width / 2;
    const parts = [
      element('rect', {
        x: left - 2,
        y: this.#y,
        width: width + 4,
        height,
        fill: INK[this.#fill],
        'fill-opacity': 0.88,
      }),
    ];
    let y = this.#y;
    for (const row of lines) {
      y += LABEL * LINE;
      parts.push(text(centre, y - 3, row, { size: LABEL, ink: look.textInk ?? 'text', anchor: 'middle' }));
    }
    for (const { tag, style } of tags) {
      y += NOTE * LINE;
      parts.push(text(centre, y - 3, tag, { size: NOTE, anchor: 'middle', ...style }));
    }
    y += toSelf ? -4 : ARROW_GAP;
    parts.push(toSelf ? selfArrow(x1, y, look) : arrow(x1, y, x2, y, look));
    this.#cover(left, left + width, this.#y, y);
    this.#arrowAt.at(-1)!.push(y);
    this.#add('arrows', this.#group(eventLabel(message.event), parts.join('')));
    this.#y = y + ROW_GAP;
  }

  #hidden(count: number, { messages }: SequenceStep): void {
    const y = this.#y + LABEL;
    // The places of what is not shown, for bars that begin or end there.
    for (let index = MESSAGES_HEAD; index < messages.length - MESSAGES_TAIL; index++) this.#arrowAt.at(-1)!.push(y);
    const centre = (this.#left + this.#rightmost()) / 2;
    this.#add(
      'arrows',
      text(centre, y, `… and ${count} more messages …`, { size: LABEL, ink: 'faint', anchor: 'middle' }),
    );
    this.#y = y + ROW_GAP;
  }

  /** What the step changed, in boxes on the lifelines: all at the same height, because no two share a lifeline. */
  #changes({ changes, queues }: SequenceStep): void {
    const index = (kind: Lifeline['kind'], name: string) =>
      this.#sequence.lifelines.findIndex((lifeline) => lifeline.kind === kind && lifeline.name === name);
    const notes = changes.map(({ name, before, after }): Note => {
      const isMove = stateText(before.value) !== stateText(after.value);
      const paragraphs = changeTexts(before, after, 30).map((change, at) => ({
        text: change.replaceAll(' -> ', ' → '),
        bold: isMove && at === 0,
        lines: 3,
      }));
      return { index: index('actor', name), paragraphs, ink: 'text' };
    });
    const contents = queues.map(({ channel, content }): Note => {
      const paragraphs = [
        { text: content.length === 0 ? 'empty' : `${content.length} queued`, bold: true, lines: 1 },
        ...(content.length === 0 ? [] : [{ text: countedText(content), bold: false, lines: 4 }]),
      ];
      const title = `${channel}: ${content.map(({ event }) => eventLabel(event)).join(', ')}`;
      return { index: index('channel', channel), paragraphs, ink: 'channel', title };
    });
    this.#notes([...notes, ...contents].filter((note) => note.index >= 0));
  }

  #notes(
    notes: readonly Note[],
    look: { stroke: Role; fill: Role } = { stroke: 'lifeline', fill: 'background' },
  ): void {
    const room = this.#pitch - 8 - 2 * PAD;
    let bottom = this.#y;
    for (const { index, paragraphs, ink, title } of notes) {
      const rows = paragraphs
        .flatMap(({ text: all, bold, lines }) => wrap(all, room, NOTE, lines, bold).map((row) => ({ row, bold })))
        .slice(0, NOTE_LINES);
      const isCut = paragraphs.flatMap((one) => wrap(one.text, room, NOTE, one.lines, one.bold)).length > rows.length;
      if (isCut) rows[rows.length - 1] = { row: '…', bold: false };
      const width = Math.max(...rows.map(({ row, bold }) => widthOf(row, NOTE, bold))) + 2 * PAD;
      const height = rows.length * NOTE * LINE + PAD;
      const lifeline = this.#sequence.lifelines[index]!;
      const x = this.#x(lifeline);
      const isChannel = lifeline.kind === 'channel';
      const parts = [
        element('rect', {
          x: x - width / 2,
          y: this.#y,
          width,
          height,
          rx: isChannel ? 7 : 2,
          fill: INK[isChannel ? 'channelBox' : look.fill],
          stroke: INK[isChannel ? 'channel' : look.stroke],
          'stroke-width': 0.8,
        }),
        ...rows.map(({ row, bold }, at) =>
          text(x, this.#y + PAD / 2 + (at + 0.8) * NOTE * LINE, row, { size: NOTE, bold, ink, anchor: 'middle' }),
        ),
      ];
      this.#covered[index]!.push({ top: this.#y, bottom: this.#y + height });
      const full = title ?? `${lifeline.name}: ${paragraphs.map((one) => one.text).join(', ')}`;
      this.#add('notes', this.#group(full, parts.join('')));
      bottom = Math.max(bottom, this.#y + height);
    }
    if (notes.length > 0) this.#y = bottom + 5;
  }

  #ghost(sentence: string): void {
    this.#used.add('ghost');
    const [left, right] = [this.#left, this.#rightmost()];
    const lines = wrap(sentence.replaceAll(' -> ', ' → '), right - left - 2 * PAD, NOTE, 3);
    const height = lines.length * NOTE * LINE + PAD;
    const box = element('rect', {
      x: left,
      y: this.#y,
      width: right - left,
      height,
      fill: INK[this.#fill],
      stroke: INK.ghost,
      'stroke-dasharray': '3 3',
      'stroke-width': 0.8,
    });
    const rows = lines.map((row, at) =>
      text(left + PAD, this.#y + PAD / 2 + (at + 0.8) * NOTE * LINE, row, { size: NOTE, ink: 'ghost', italic: true }),
    );
    this.#cover(left, right, this.#y, this.#y + height);
    this.#add('notes', this.#group(sentence, `${box}${rows.join('')}`));
    this.#y += height + 4;
  }

  // --- across steps ---

  /** A bar on the lock's lifeline and one beside its holder's, from where it is taken to where it is released. */
  #hold({ lock, holder, from, to }: Hold, depth: number): void {
    this.#used.add('held');
    const top = this.#arrowAt[from.step]![from.message] ?? this.#bands[from.step]!.top;
    const bottom = to
      ? (this.#arrowAt[to.step]![to.message] ?? this.#bands[to.step]!.bottom)
      : this.#bands.at(-1)!.bottom;
    const bars = [
      { name: lock, shift: 0, label: `held by ${holder}` },
      { name: holder, shift: BAR * (0.75 + 0.8 * depth), label: `holds ${lock}` },
    ];
    for (const { name, shift, label } of bars) {
      const key = keyOf({ kind: 'actor', name });
      if (!this.#columns.has(key)) continue;
      const index = this.#sequence.lifelines.findIndex((lifeline) => keyOf(lifeline) === key);
      const x = this.#columns.get(key)! + shift;
      const bar = element('rect', {
        x: x - BAR / 2,
        y: top,
        width: BAR,
        height: Math.max(3, bottom - top),
        fill: INK.held,
        stroke: INK.heldText,
        'stroke-width': 0.5,
      });
      const length = widthOf(label, 7.5) + 6;
      const gap = gaps(this.#covered[index]!, top + 3, bottom - 3).find((one) => one.bottom - one.top >= length);
      const written = gap
        ? text(0, 0, label, {
            size: 7.5,
            ink: 'heldText',
            transform: `translate(${rounded(x - 2.7)} ${rounded(gap.top + 3)}) rotate(90)`,
          })
        : '';
      this.#add('bars', `<g><title>${escapeXml(`${name} ${label}`)}</title>${bar}${written}</g>`);
    }
  }

  #cycle(): void {
    const { cycle } = this.#options;
    const [first, last] = [this.#bands[cycle?.from ?? -1], this.#bands[cycle?.to ?? -1]];
    if (!first || !last) return;
    const [x, top, bottom] = [MARGIN + 8, first.top + 8, last.bottom - 6];
    this.#add(
      'marks',
      element('path', {
        d: `M ${x + 14} ${bottom} H ${x + 6} Q ${x} ${bottom} ${x} ${bottom - 6} V ${top + 6} Q ${x} ${top} ${x + 6} ${top} H ${x + 14}`,
        fill: 'none',
        stroke: INK.channel,
        'stroke-width': 2,
      }),
      element('path', { d: `M ${x + 19} ${top} l -7 -4 v 8 z`, fill: INK.channel }),
      text(x - 4, (top + bottom) / 2, 'for ever', {
        size: NOTE,
        ink: 'channel',
        bold: true,
        anchor: 'middle',
        transform: `rotate(-90 ${x - 4} ${(top + bottom) / 2})`,
      }),
    );
  }

  #races(): void {
    for (const [index, [first, second]] of (this.#options.races ?? []).entries()) {
      const [one, other] = [this.#bands[first], this.#bands[second]];
      if (!one || !other) continue;
      this.#used.add('race');
      const [y1, y2] = [(one.top + one.bottom) / 2, (other.top + other.bottom) / 2];
      const [x, out] = [this.#rightmost() + 4, this.#rightmost() + 16 + RACE_LANE * index];
      this.#add(
        'marks',
        element('path', {
          d: `M ${x} ${y1} H ${out - 4} Q ${out} ${y1} ${out} ${y1 + 4} V ${y2 - 4} Q ${out} ${y2} ${out - 4} ${y2} H ${x}`,
          fill: 'none',
          stroke: INK.race,
          'stroke-width': 2,
        }),
        element('circle', { cx: x, cy: y1, r: 3.5, fill: INK.race }),
        element('circle', { cx: x, cy: y2, r: 3.5, fill: INK.race }),
        text(out + 10, (y1 + y2) / 2, 'race', {
          size: NOTE,
          ink: 'race',
          bold: true,
          anchor: 'middle',
          transform: `rotate(-90 ${out + 10} ${(y1 + y2) / 2})`,
        }),
      );
    }
  }

  /** What the marks mean, of those that occur. */
  #legend(): void {
    const entries = LEGEND.filter(({ key }) => this.#used.has(key));
    let x = this.#left;
    for (const { key, words } of entries) {
      const width = 40 + widthOf(words, NOTE) + 22;
      if (x > this.#left && x + width > this.#width - MARGIN) {
        x = this.#left;
        this.#y += NOTE * LINE + 7;
      }
      const y = this.#y + NOTE / 2;
      this.#add('marks', legendSample(key, x, y), text(x + 40, y + NOTE * 0.36, words, { size: NOTE, ink: 'faint' }));
      x += width;
    }
    if (entries.length > 0) this.#y += NOTE * LINE;
  }

  // --- places ---

  #x(lifeline: Lifeline): number {
    return this.#columns.get(keyOf(lifeline))!;
  }

  #rightmost(): number {
    const right = (this.#options.races?.length ?? 0) > 0 ? RACE_LANE * (this.#options.races!.length + 1) : 0;
    return this.#width - MARGIN - right;
  }

  /** Where something of a width begins, so that it stays within the picture. */
  #clamped(left: number, width: number): number {
    return Math.max(this.#left + 2, Math.min(left, this.#rightmost() - width - 2));
  }

  #cover(left: number, right: number, top: number, bottom: number): void {
    for (const [index, lifeline] of this.#sequence.lifelines.entries()) {
      const x = this.#x(lifeline);
      if (x + BAR * 1.5 > left && x - BAR < right) this.#covered[index]!.push({ top, bottom });
    }
  }

  #group(title: string, content: string): string {
    const step = this.#step < 0 ? '' : ` data-step="${this.#step}"`;
    return `<g${step}><title>${escapeXml(title)}</title>${content}</g>`;
  }

  #add(layer: Layer, ...parts: string[]): void {
    this.#layers[layer].push(...parts);
  }
}

interface Note {
  readonly index: number;
  readonly paragraphs: readonly { readonly text: string; readonly bold: boolean; readonly lines: number }[];
  readonly ink: Role;
  /** The same in full, if that is not what the paragraphs say. */
  readonly title?: string;
}

function keyOf({ kind, name }: Lifeline): string {
  return `${kind} ${name}`;
}

/** How many locks a holder already has when it takes another one: their bars stand beside each other. */
function heldBefore(holds: readonly Hold[], hold: Hold): number {
  const isAfter = (one: Hold['from'], other: Hold['from']) =>
    one.step > other.step || (one.step === other.step && one.message > other.message);
  return holds.filter(
    ({ holder, from, to }) =>
      holder === hold.holder && isAfter(hold.from, from) && (to === undefined || isAfter(to, hold.from)),
  ).length;
}

function finalText({ kind, name }: Lifeline, { actors, channels }: SystemState): string {
  if (kind === 'actor') return stateText(actors[name]?.value);
  const count = channels[name]?.length ?? 0;
  return count === 0 ? 'empty' : `${count} queued`;
}

/** Indices of the messages to draw, and where some are left out, how many as a negative number. */
function shownMessages(messages: readonly unknown[]): number[] {
  const hidden = messages.length - MESSAGES_HEAD - MESSAGES_TAIL;
  const indices = [...messages.keys()];
  return hidden > 1 ? [...indices.slice(0, MESSAGES_HEAD), -hidden, ...indices.slice(-MESSAGES_TAIL)] : indices;
}

/** The message's type stands out from its payload. */
function labelLines(label: string, room: number): Run[][] {
  const type = label.split('(', 1)[0]!.length;
  let at = 0;
  return wrap(label, room, LABEL, LABEL_LINES).map((row): Run[] => {
    const split = Math.max(0, Math.min(row.length, type - at));
    at += row.length;
    const runs: Run[] = [{ text: row.slice(0, split) }, { text: row.slice(split), ink: 'faint' }];
    return runs.filter((run) => run.text !== '');
  });
}

/** What of a stretch is not covered. */
function gaps(covered: readonly Box[], top: number, bottom: number): Box[] {
  const free: Box[] = [];
  let from = top;
  for (const box of [...covered].sort((one, other) => one.top - other.top)) {
    if (box.bottom <= from) continue;
    if (box.top >= bottom) break;
    if (box.top > from) free.push({ top: from, bottom: box.top });
    from = box.bottom;
  }
  return from < bottom ? [...free, { top: from, bottom }] : free;
}

// --- arrows ---

interface Look {
  readonly ink: Role;
  readonly textInk?: Role;
  readonly head: 'filled' | 'open' | 'cross' | 'stop';
  readonly dash?: string;
  readonly width?: number;
  /** What the picture also says in words. */
  readonly tags: readonly string[];
  readonly legend?: LegendKey;
}

function lookOf(message: SequenceMessage, { step }: SequenceStep, leaving: boolean): Look {
  const { fate, answer } = message;
  const tags: string[] = [];
  switch (fate) {
    case 'lost':
      return { ink: 'alarm', head: 'cross', dash: '5 3', tags: ['lost'], legend: 'lost' };
    case 'dropped':
      return { ink: 'alarm', head: 'cross', tags: [`dropped: ${message.channel} is full`], legend: 'lost' };
    case 'ignored':
      return { ink: 'line', head: 'stop', tags: ['ignored'], legend: 'refused' };
    case 'refused':
      return { ink: 'alarm', textInk: 'alarm', head: 'stop', tags: ['not taken'], legend: 'refused' };
    case 'blocked':
      return { ink: 'overtaking', head: 'stop', tags: [`waits: ${message.channel} is full`], legend: 'refused' };
    case 'merged':
      return { ink: 'channel', head: 'open', tags: ['there already'], legend: 'queued' };
    case 'queued':
      return { ink: 'channel', head: 'open', tags, legend: 'queued' };
    case 'taken':
      break;
    default:
      return fate satisfies never;
  }
  if (step.kind === 'duplicate' && leaving) tags.push('a copy stays');
  const overtaking = overtakingText(message);
  if (overtaking !== undefined) {
    return {
      ink: 'overtaking',
      head: leaving ? 'open' : 'filled',
      width: 2.2,
      tags: [...tags, overtaking],
      legend: 'overtaking',
    };
  }
  if (answer === 'automatic') {
    const tag = [...tags, 'automatic answer'];
    return { ink: 'automatic', head: 'open', dash: '6 2 1.5 2', width: 1.8, tags: tag, legend: 'automatic' };
  }
  if (answer === 'plain') return { ink: 'line', head: 'open', dash: '4 3', tags, legend: 'answer' };
  return leaving ? { ink: 'channel', head: 'open', tags, legend: 'queued' } : { ink: 'line', head: 'filled', tags };
}

/** Who sent what leaves a channel, and when. */
function originOf({ sender, sentIn }: SequenceMessage): string[] {
  if (sender === undefined) return [];
  return [sentIn === undefined ? `from ${sender}` : `from ${sender}, step ${sentIn + 1}`];
}

function arrow(x1: number, y: number, x2: number, _y2: number, look: Look): string {
  const direction = x2 > x1 ? 1 : -1;
  // A lost message does not arrive.
  const end = look.head === 'cross' ? x1 + (x2 - x1) * 0.72 : look.head === 'stop' ? x2 - direction * 9 : x2;
  const stem = look.head === 'filled' ? end - direction * 6 : end;
  return (
    line(x1, y, stem, y, look.ink, { 'stroke-dasharray': look.dash, 'stroke-width': look.width ?? 1.2 }) +
    headOf(end, y, direction, look)
  );
}

function selfArrow(x: number, y: number, look: Look): string {
  const path = element('path', {
    d: `M ${x} ${y - 9} H ${x + 26} V ${y} H ${x + (look.head === 'filled' ? 6 : 1)}`,
    fill: 'none',
    stroke: INK[look.ink],
    'stroke-dasharray': look.dash,
    'stroke-width': look.width ?? 1.2,
  });
  return path + headOf(x, y, -1, look);
}

function headOf(x: number, y: number, direction: number, { head, ink }: Look): string {
  const back = x - direction * 8;
  switch (head) {
    case 'filled':
      return element('path', { d: points([x, y], [back, y - 4], [back, y + 4], 'z'), fill: INK[ink] });
    case 'open':
      return element('path', {
        d: points([back, y - 4], [x, y], [back, y + 4]),
        fill: 'none',
        stroke: INK[ink],
        'stroke-width': 1.3,
      });
    case 'cross':
      return element('path', {
        d: `${points([x - 5, y - 5], [x + 5, y + 5])} ${points([x - 5, y + 5], [x + 5, y - 5])}`,
        fill: 'none',
        stroke: INK[ink],
        'stroke-width': 2.2,
      });
    case 'stop': {
      const centre = x + direction * 4.5;
      const disc = element('circle', {
        cx: centre,
        cy: y,
        r: 4.5,
        fill: INK.background,
        stroke: INK[ink],
        'stroke-width': 1.6,
      });
      return disc + line(centre - 3, y + 3, centre + 3, y - 3, ink, { 'stroke-width': 1.6 });
    }
    default:
      return head satisfies never;
  }
}

function points(...places: readonly (readonly [x: number, y: number] | 'z')[]): string {
  return places
    .map((place, at) => (place === 'z' ? 'Z' : `${at === 0 ? 'M' : 'L'} ${rounded(place[0])} ${rounded(place[1])}`))
    .join(' ');
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function line(x1: number, y1: number, x2: number, y2: number, ink: Role, more: Attributes = {}): string {
  return element('line', { x1, y1, x2, y2, stroke: INK[ink], ...more });
}

// --- the legend ---

type LegendKey =
  | 'queued'
  | 'channel'
  | 'answer'
  | 'automatic'
  | 'overtaking'
  | 'lost'
  | 'refused'
  | 'held'
  | 'ghost'
  | 'race';

const LEGEND: readonly { readonly key: LegendKey; readonly words: string }[] = [
  { key: 'channel', words: 'a channel, and what is in it' },
  { key: 'queued', words: 'into or out of a channel' },
  { key: 'answer', words: 'an answer within the step' },
  { key: 'automatic', words: 'an automatic answer, in place of another' },
  { key: 'overtaking', words: 'overtakes an earlier message' },
  { key: 'lost', words: 'lost or dropped' },
  { key: 'refused', words: 'not taken' },
  { key: 'held', words: 'a lock is held' },
  { key: 'ghost', words: 'a monitor, which only watches' },
  { key: 'race', words: 'the order of these steps decides' },
];

const SAMPLES: Readonly<Partial<Record<LegendKey, Look>>> = {
  queued: { ink: 'channel', head: 'open', tags: [] },
  answer: { ink: 'line', head: 'open', dash: '4 3', tags: [] },
  automatic: { ink: 'automatic', head: 'open', dash: '6 2 1.5 2', width: 1.8, tags: [] },
  overtaking: { ink: 'overtaking', head: 'open', width: 2.2, tags: [] },
  lost: { ink: 'alarm', head: 'cross', tags: [] },
  refused: { ink: 'alarm', head: 'stop', tags: [] },
};

function legendSample(key: LegendKey, x: number, y: number): string {
  const look = SAMPLES[key];
  if (look) return arrow(x, y, x + 32, y, look);
  const box = { x: x + 4, y: y - 5, width: 24, height: 10 };
  if (key === 'held') return element('rect', { ...box, fill: INK.held, stroke: INK.heldText, 'stroke-width': 0.5 });
  if (key === 'channel') return element('rect', { ...box, rx: 5, fill: INK.channelBox, stroke: INK.channel });
  if (key === 'race') return element('rect', { ...box, fill: INK.raceBox, stroke: INK.race });
  return element('rect', { ...box, fill: 'none', stroke: INK.ghost, 'stroke-dasharray': '3 3' });
}
