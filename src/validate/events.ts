/**
 * Is a log of observed events a behaviour of the model: is there a run whose observed messages are the log, one for one?
 *
 * The search goes through *configurations*: a state, how far the log has come, and which real names stand for what. A step that
 * shows nothing leaves the log where it is; one that shows something has to show what comes next in it, message by message. All
 * that is met is remembered as a whole, so the answer is exact: `valid` comes with a run, `invalid` means that everything was
 * tried. The more promising ones go first, which makes for a quick `valid`; nothing is lost by it.
 *
 * Runs that violate nothing are tried first. So when the run that is found violates something, every run that shows this log
 * does (`everyRun`), and the log is evidence of it.
 *
 * A recording may stop at any moment, so a log may end within a step, if it must; the rest of that step was not recorded.
 */
import type { Vocabulary } from '../system/scenario.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { findStep, forEachStep, initialStates, type Path, type PathStep } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { SafetyProperties } from '../trace/safety.ts';
import { AT_FIRST, Bindings, CONTRADICTION } from './bindings.ts';
import { Configurations } from './configurations.ts';
import { type Log, LogError } from './log.ts';
import { type Order, orderOfFile, orderWithSkew } from './order.ts';
import { Turns } from './turns.ts';
import { type EventType, Observer, type Shown, unknownWord } from './vocabulary.ts';
import { bindingWith, type Wanted, wantedOf } from './wanted.ts';
import { type Alternative, reasonFor, shownText, wantedText } from './words.ts';

export type EventsLog = Extract<Log, { kind: 'events' }>;

export interface EventsOptions {
  /** What the scenario says of observed events; the log's header adds to it. */
  readonly vocabulary?: Vocabulary;
  /** Give up beyond so many configurations. */
  readonly maxStates: number;
  /** By how many microseconds the clocks of two CPUs may differ; left out, the order of the file is taken as it is. */
  readonly skew?: number;
  /** Stops the search soon, with `unknown`. */
  readonly signal?: AbortSignal;
  /** Called at each turn of the event loop: after some hundred configurations, or some thousand steps. */
  readonly onProgress?: (progress: ValidationProgress) => void;
}

export interface ValidationProgress {
  /** Lines of the log, from the first one on, that some run explains so far. */
  readonly explained: number;
  /** Configurations that were looked at; for a log of steps, steps. */
  readonly states: number;
}

/** A real name and what it stands for in the run. */
export interface BoundName {
  /** What kind of thing: `page`. */
  readonly thing: string;
  /** The name that it is a name within; null for most. */
  readonly per: string | null;
  readonly name: string;
  /** Its name in the model: `page0`. */
  readonly model: string;
}

/** Where a log leaves the model. */
export interface Stuck {
  /** The line of the file. */
  readonly line: number;
  /** What it says. */
  readonly got: string;
  /** What the model could have shown instead, in all its runs that begin as the log does. */
  readonly possible: readonly string[];
  readonly reason: string;
}

export interface EventsFindings {
  readonly verdict: 'valid' | 'invalid' | 'unknown';
  readonly bound: 'states' | 'interrupted' | null;
  /** How many events some run shows, from the first one on: all of them, if it is valid. */
  readonly explained: number;
  /** The run that shows them. */
  readonly path: Path;
  /** The number of states, each with its place in the log and its names, that were looked at. */
  readonly states: number;
  readonly names: readonly BoundName[];
  /** Every run that shows the log violates something; false when the run violates nothing, or the search did not come to its end. */
  readonly everyRun: boolean;
  /** The log ends before the last step of the run has shown all that it shows. */
  readonly endsWithinStep: boolean;
  readonly stuck: Stuck | null;
}

const SLICE = 500;

/**
 * @throws LogError when the log does not fit its vocabulary
 * @throws ModelError when a step of the model fails, on whatever run
 */
export async function validateEvents(tables: Tables, log: EventsLog, options: EventsOptions): Promise<EventsFindings> {
  const search = new EventSearch(tables, log, options);
  while (!search.run(SLICE)) {
    options.onProgress?.(search.progress);
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted) return search.findings('interrupted');
  }
  return search.findings(null);
}

/** A run that shows the whole log: a configuration, and a step from it that goes on beyond the log's end. */
interface Candidate {
  readonly configuration: number;
  readonly beyond?: number;
  readonly binding: number;
}

const ALTERNATIVES_MAX = 100;

/**
 * How early it is the turn of a configuration's run: before all others, as a twin of others (see `turns.ts`), or, since it violates
 * something, after all those that do not.
 */
const FIRST = 0;
const TWIN = 1;
const VIOLATING = 2;
type Rank = typeof FIRST | typeof TWIN | typeof VIOLATING;

class EventSearch {
  readonly #tables: Tables;
  readonly #walker: Walker;
  /** Goes on from where the other one is. */
  readonly #walkerAhead: Walker;
  readonly #safety: SafetyProperties;
  readonly #observer: Observer;
  readonly #bindings: Bindings;
  readonly #turns: Turns;
  readonly #wanted: readonly Wanted[];
  readonly #order: Order;
  readonly #maxStates: number;
  readonly #known: Configurations;
  /** By rank. */
  readonly #waiting: readonly [Waiting, Waiting, Waiting];
  /** The first runs found, by how much is to be said against them. */
  #found: Candidate | undefined;
  #withinStep: Candidate | undefined;
  #deadEnd: Candidate | undefined;
  #violatingWithinStep: Candidate | undefined;
  #foundIsClean = false;
  #isFull = false;

  /** The farthest that a run has come, where that was, and what could have been shown there. */
  #farthest = 0;
  #farthestAt: Candidate = { configuration: 0, binding: AT_FIRST };
  #farthestCut = 0;
  readonly #alternatives = new Map<string, Alternative>();

  constructor(tables: Tables, log: EventsLog, options: EventsOptions) {
    this.#tables = tables;
    this.#maxStates = options.maxStates;
    this.#walker = new Walker(tables);
    this.#walkerAhead = new Walker(tables);
    this.#safety = new SafetyProperties(tables);
    this.#observer = new Observer(tables, vocabularyOf(tables, log, options.vocabulary ?? {}));
    const { types } = this.#observer;
    this.#bindings = new Bindings(fixedNames(log, types));
    this.#turns = new Turns(tables.system, this.#bindings);
    this.#wanted = log.records.map((record) => wantedOf(log.file, record, types, this.#bindings));
    this.#order =
      options.skew === undefined ? orderOfFile(log.records.length) : orderWithSkew(log.file, log.records, options.skew);
    this.#known = new Configurations(tables.slotCount);
    const waiting = () => new Waiting(log.records.length);
    this.#waiting = [waiting(), waiting(), waiting()];
    for (const state of initialStates(this.#walker)) {
      this.#meet(state, 0, AT_FIRST, { configuration: -1, step: -1, rank: FIRST });
    }
  }

  /** Looks at so many configurations; true when that was the end of it. */
  run(count: number): boolean {
    for (let left = count; left > 0; left--) {
      if (this.#found || this.#isFull) return true;
      const rank = this.#waiting[FIRST].isEmpty ? TWIN : FIRST;
      const next = this.#waiting[rank].take();
      if (next !== undefined) this.#expand(next, rank);
      else if (!this.#endOfClean()) return true;
    }
    return false;
  }

  get progress(): ValidationProgress {
    return { explained: this.#farthest, states: this.#known.count };
  }

  /** No run without a violation is left: takes the best one that there is, or goes on with those that violate something. */
  #endOfClean(): boolean {
    this.#found ??= this.#withinStep;
    if (this.#found) {
      this.#foundIsClean = true;
      return false;
    }
    this.#found = this.#deadEnd;
    if (this.#found) return false;
    const next = this.#waiting[VIOLATING].take();
    if (next === undefined) {
      this.#found = this.#violatingWithinStep;
      return false;
    }
    this.#expand(next, VIOLATING);
    return true;
  }

  #expand(configuration: number, rank: Rank): void {
    const state = this.#known.stateOf(configuration);
    const cut = this.#known.cutOf(configuration);
    const binding = this.#known.bindingOf(configuration);
    if (this.#order.next(cut).length === 0) {
      const candidate = { configuration, binding };
      if (rank !== VIOLATING && this.#isBadEnd(state)) this.#deadEnd ??= candidate;
      else [this.#found, this.#foundIsClean] = [candidate, rank !== VIOLATING];
      return;
    }
    forEachStep(this.#walker, state, (step) => {
      const shown = this.#observer.shownBy(step);
      this.#follow({ configuration, step, shown }, 0, cut, binding, rank);
    });
  }

  /** Where nothing can follow, the run is over, and may have left something undone. */
  #isBadEnd(state: Int32Array): boolean {
    const canGoOn = findStep(this.#walkerAhead, state, () => true) !== undefined;
    return !canGoOn && deadEndProperties(this.#tables, state).length > 0;
  }

  /** Goes through the log with what a step shows, from its message `at` on. */
  #follow(taking: Taking, at: number, cut: number, binding: number, rank: Rank): void {
    const { configuration, step, shown } = taking;
    if (at > 0) this.#noteFarthest({ configuration, beyond: step.index, binding }, cut);
    if (at === shown.length) {
      this.#meet(step.state, cut, binding, { configuration, step: step.index, rank });
      return;
    }
    const next = this.#order.next(cut);
    if (next.length === 0) {
      // At least its first message is in the log: a configuration at the end of the log takes no step.
      const candidate = { configuration, beyond: step.index, binding };
      const isClean = rank !== VIOLATING && this.#safety.isClean(step.state);
      if (!isClean) this.#violatingWithinStep ??= candidate;
      else if (this.#withinStep === undefined) {
        if (this.#isBadEnd(step.state)) this.#violatingWithinStep ??= candidate;
        else this.#withinStep = candidate;
      }
      return;
    }
    for (const one of shown[at]!) {
      let fits = false;
      for (const { record, cut: beyond } of next) {
        const extended = bindingWith(this.#bindings, binding, this.#wanted[record]!, one);
        if (extended === CONTRADICTION) continue;
        fits = true;
        const isTwin = rank === FIRST && !this.#turns.isKept(one, binding, extended);
        this.#follow(taking, at + 1, beyond, extended, isTwin ? TWIN : rank);
      }
      if (!fits && this.#order.sizeOf(cut) === this.#farthest) this.#noteAlternative({ shown: one, binding });
    }
  }

  #noteFarthest(at: Candidate, cut: number): void {
    const size = this.#order.sizeOf(cut);
    if (size <= this.#farthest) return;
    this.#farthest = size;
    this.#farthestAt = at;
    this.#farthestCut = cut;
    this.#alternatives.clear();
  }

  #noteAlternative(alternative: Alternative): void {
    if (this.#alternatives.size >= ALTERNATIVES_MAX) return;
    const text = shownText(this.#bindings, alternative);
    if (!this.#alternatives.has(text)) this.#alternatives.set(text, alternative);
  }

  #meet(
    state: Int32Array,
    cut: number,
    binding: number,
    from: { configuration: number; step: number; rank: Rank },
  ): void {
    if (this.#known.count >= this.#maxStates) {
      this.#isFull = true;
      return;
    }
    const number = this.#known.add(state, cut, binding, from.configuration, from.step);
    if (number < 0) return;
    const rank = this.#safety.isClean(state) ? from.rank : VIOLATING;
    this.#waiting[rank].add(number, this.#known.depthOf(number), this.#order.sizeOf(cut));
  }

  findings(interrupted: 'interrupted' | null): EventsFindings {
    const isClean = this.#foundIsClean || (!this.#found && this.#withinStep !== undefined);
    const found = this.#found ?? this.#withinStep ?? this.#deadEnd ?? this.#violatingWithinStep;
    const bound = interrupted ?? (this.#isFull ? 'states' : null);
    const verdict = found ? 'valid' : bound ? 'unknown' : 'invalid';
    const { configuration, beyond, binding } = found ?? this.#farthestAt;
    const indices = [...this.#known.stepsTo(configuration), ...(beyond === undefined ? [] : [beyond])];
    const initial = this.#known.stateOf(this.#known.rootOf(configuration));
    return {
      verdict,
      bound: found ? null : bound,
      explained: found ? this.#wanted.length : this.#farthest,
      path: this.#pathOf(initial, indices),
      states: this.#known.count,
      names: this.#bindings.bound(binding).map(({ kind, scope, name, id }) => ({
        ...{ thing: kind, per: scope === '' ? null : scope, name, model: `${kind}${id}` },
      })),
      everyRun: found !== undefined && !isClean && bound === null,
      endsWithinStep: found?.beyond !== undefined,
      stuck: verdict === 'invalid' ? this.#stuck() : null,
    };
  }

  #stuck(): Stuck {
    const wanted = this.#wanted[this.#order.next(this.#farthestCut)[0]!.record]!;
    const alternatives = [...this.#alternatives.values()];
    const { seen: events, things } = this.#observer;
    return {
      line: wanted.record.line,
      got: wantedText(wanted),
      possible: [...this.#alternatives.keys()].sort(),
      reason: reasonFor(this.#bindings, wanted, alternatives, { events, things }),
    };
  }

  #pathOf(initial: Int32Array, indices: readonly number[]): Path {
    const steps: PathStep[] = [];
    for (const index of indices) {
      const from = steps.at(-1)?.state ?? initial;
      steps.push(findStep(this.#walker, from, (candidate) => candidate.index === index)!);
    }
    return { initial, steps, failed: false };
  }
}

/** A step that is followed through the log, and where it starts. */
interface Taking {
  readonly configuration: number;
  readonly step: PathStep;
  readonly shown: readonly (readonly Shown[])[];
}

/** How many steps an event is worth, when it is to be said which run is more promising: about as many as there are to one. */
const STEPS_PER_EVENT = 3;

/**
 * Configurations that wait for their turn: first those that have come far through the log with few steps. Coming far alone is not
 * enough: from the farthest ones there may be no way to the end, but very many states. Among equals chance decides, for the
 * same reason; the same chance in every run.
 */
class Waiting {
  /** By the number of steps, less what the events are worth, from `#least` upwards and with the first index for `#origin`. */
  readonly #queues: number[][] = [];
  readonly #origin: number;
  #least = 0;
  #count = 0;
  #random = 1;

  constructor(events: number) {
    this.#origin = events * STEPS_PER_EVENT;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(configuration: number, steps: number, events: number): void {
    const at = this.#origin + steps - events * STEPS_PER_EVENT;
    while (this.#queues.length <= at) this.#queues.push([]);
    this.#queues[at]!.push(configuration);
    if (this.#count === 0 || at < this.#least) this.#least = at;
    this.#count++;
  }

  take(): number | undefined {
    if (this.#count === 0) return undefined;
    while (this.#queues[this.#least]!.length === 0) this.#least++;
    this.#count--;
    const queue = this.#queues[this.#least]!;
    const last = queue.pop()!;
    const at = this.#below(queue.length + 1);
    if (at === queue.length) return last;
    const taken = queue[at]!;
    queue[at] = last;
    return taken;
  }

  /** A linear congruential generator, by its upper bits. */
  #below(end: number): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#random / 2 ** 32) * end);
  }
}

/** The scenario's words and the log's own, as far as they were recorded. */
function vocabularyOf(tables: Tables, { file, header }: EventsLog, known: Vocabulary): Vocabulary {
  for (const [name, event] of Object.entries(header.vocabulary ?? {})) {
    const [problem, hint] = unknownWord(tables, event) ?? [];
    if (problem !== undefined) throw new LogError(file, 1, `"vocabulary": ${name}: ${problem}`, hint);
  }
  const all = { ...known, ...header.vocabulary };
  const names = Object.keys(all);
  if (names.length === 0) {
    throw new LogError(
      file,
      1,
      'there is no "vocabulary", and the model has none of its own: nobody knows what an event means',
      'say it in the header: "vocabulary":{"fault":{"type":"REPORT","to":"core*","fields":{"page":"request.page"}}}',
    );
  }
  if (!header.observed) return all;
  const unknown = header.observed.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new LogError(file, 1, `"observed": got ${unknown}, expected some of ${names.join(', ')}`);
  }
  return Object.fromEntries(Object.entries(all).filter(([name]) => header.observed!.includes(name)));
}

/** What the header says of names: by kind and real name, what it stands for. */
function fixedNames({ file, header }: EventsLog, types: readonly EventType[]): Record<string, Map<string, string>> {
  const kinds = new Set(types.flatMap(({ members }) => members.flatMap(({ thing }) => thing?.kind ?? [])));
  const fixed: Record<string, Map<string, string>> = {};
  for (const [kind, names] of Object.entries(header.names ?? {})) {
    if (!kinds.has(kind)) {
      throw new LogError(
        file,
        1,
        `"names": got ${kind}, expected one of ${[...kinds].join(', ') || 'nothing: there are no things'}`,
      );
    }
    const ids = Object.entries(names).map(([name, model]): [string, string] => {
      if (model.startsWith(kind) && model.length > kind.length) return [name, model.slice(kind.length)];
      throw new LogError(file, 1, `"names": got ${model} for ${name}, expected a name as ${kind}0`);
    });
    if (new Set(ids.map(([, id]) => id)).size < ids.length) {
      throw new LogError(file, 1, `"names": two names stand for the same ${kind}`, 'each is another thing');
    }
    fixed[kind] = new Map(ids);
  }
  return fixed;
}
