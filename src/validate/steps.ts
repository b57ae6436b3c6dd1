/**
 * Is a log of steps a run of the model: is each step possible where the steps before it have led?
 *
 * A step is known by what it is (see `LoggedStep`), as JSON keeps it, so there is nothing to search: what two steps of one state
 * have in common to the last letter, they are.
 */
import { ModelError } from '../system/errors.ts';
import { failingStep, findStep, initialStates, type Path, type PathStep, possibleSteps } from '../tabulate/path.ts';
import { canonicalKey } from '../tabulate/plain.ts';
import { DELIVER, DUPLICATE, LOSE, type Tables } from '../tabulate/tables.ts';
import { START, Walker } from '../tabulate/walker.ts';
import { labelOf, stepLabel } from '../trace/trace.ts';
import type { EventsOptions } from './events.ts';
import { asLogged, type Log, type LoggedStep } from './log.ts';

export type StepsLog = Extract<Log, { kind: 'steps' }>;

export interface StepsFindings {
  readonly verdict: 'valid' | 'invalid' | 'unknown';
  readonly bound: 'interrupted' | null;
  /** How many steps are possible, from the first one on: all of them, if it is valid. */
  readonly explained: number;
  /** The run that they are. */
  readonly path: Path;
  /** The last step breaks off with this. */
  readonly error: ModelError | undefined;
  readonly stuck: {
    readonly line: number;
    readonly got: string;
    readonly step: LoggedStep;
    readonly possible: readonly string[];
  } | null;
}

const SLICE = 2000;

type Watched = Pick<EventsOptions, 'signal' | 'onProgress'>;

/**
 * Of several ways to start, a log may have begun with any: where none fits, it is told how far the one came that came farthest.
 *
 * @throws ModelError when a step fails that is not the log's last
 */
export async function validateSteps(
  tables: Tables,
  log: Pick<StepsLog, 'records'>,
  options: Watched = {},
): Promise<StepsFindings> {
  const walker = new Walker(tables);
  const keys = new StepKeys(tables);
  let best: StepsFindings | undefined;
  let failure: unknown;
  for (const initial of initialStates(walker)) {
    try {
      const found = await validateFrom(initial, walker, keys, log, options);
      if (found.verdict !== 'invalid') return found;
      if (!best || found.explained > best.explained) best = found;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return best!;
}

async function validateFrom(
  initial: Int32Array,
  walker: Walker,
  keys: StepKeys,
  { records }: Pick<StepsLog, 'records'>,
  { signal, onProgress }: Watched,
): Promise<StepsFindings> {
  const { tables } = walker;
  const steps: PathStep[] = [];
  const result = (end: Partial<StepsFindings>): StepsFindings => ({
    ...{ verdict: 'valid', bound: null, explained: steps.length, error: undefined, stuck: null },
    path: { initial, steps, failed: end.error !== undefined },
    ...end,
  });
  for (const [at, { line, step }] of records.entries()) {
    if (at % SLICE === SLICE - 1) {
      onProgress?.({ explained: steps.length, states: steps.length });
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) return result({ verdict: 'unknown', bound: 'interrupted' });
    }
    const from = steps.at(-1)?.state ?? initial;
    const wanted = keys.ofLogged(step);
    try {
      const found = findStep(walker, from, (candidate) => keys.ofCandidate(candidate) === wanted);
      if (found) {
        steps.push(found);
        continue;
      }
    } catch (error) {
      const failing = error instanceof ModelError ? failingStep(walker, from) : undefined;
      const isLast = at === records.length - 1;
      if (!failing || !isLast || keys.of(failing.message, failing.kind, failing.channelSlot, failing.place) !== wanted)
        throw error;
      steps.push(failing);
      return result({ error: error as ModelError, explained: steps.length });
    }
    const possible = possibleSteps(walker, from).map((other) => stepLabel(tables, other));
    return result({ verdict: 'invalid', stuck: { line, got: loggedText(step), step, possible } });
  }
  return result({});
}

/** A step of a log as people say it. */
function loggedText(step: LoggedStep): string {
  const { channel, timer } = step;
  return labelOf({
    ...step,
    ...{ timer: timer ?? '', channel: channel ?? 'no channel' },
    ...{ index: 0, messages: [], changes: [], footprint: { reads: [], writes: [] } },
  });
}

const KINDS = { [DELIVER]: 'deliver', [DUPLICATE]: 'duplicate', [LOSE]: 'lose', [START]: 'start' } as const;

/** What steps are, as numbers that are equal for equal steps. */
class StepKeys {
  readonly #tables: Tables;
  readonly #numbers = new Map<string, number>();
  readonly #cache = new Map<number, number>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  ofLogged({ kind, actor, event, timer, channel, place }: LoggedStep): number {
    return this.#number({ kind, actor, event, timer, channel, place });
  }

  /** Of the step that a walker has just run. */
  ofCandidate({
    message,
    kind,
    channelSlot,
    place,
  }: Pick<Walker, 'message' | 'kind' | 'channelSlot' | 'place'>): number {
    if (place > 0) return this.of(message, KINDS[kind as keyof typeof KINDS], channelSlot, place);
    const key = (message * 4 + kind) * (this.#tables.slotCount + 1) + channelSlot + 1;
    let number = this.#cache.get(key);
    if (number === undefined) {
      number = this.of(message, KINDS[kind as keyof typeof KINDS], channelSlot);
      this.#cache.set(key, number);
    }
    return number;
  }

  of(message: number, kind: PathStep['kind'], channelSlot: number, place?: number): number {
    const { to, event, timer } = this.#tables.messages[message]!;
    const channel = this.#tables.channelAt(channelSlot)?.name;
    const started = timer ? ('timer' as const) : ('choice' as const);
    const what = { kind: kind === 'start' ? started : kind, actor: this.#tables.nameOf(to), event };
    return this.#number({ ...what, timer: timer?.id, channel, place });
  }

  #number(step: Record<string, unknown>): number {
    const key = canonicalKey(asLogged(step), 'step');
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(key, number);
    }
    return number;
  }
}
