/**
 * Makes a log short: leaves out steps, first all but the last ones and then chunk by chunk (delta debugging), as long as what is
 * left, run by one thread from the initial state, still ends in the same finding. Steps that are not possible any more are skipped.
 */
import { sharedInts } from '../tabulate/ints.ts';
import { Random } from '../tabulate/random.ts';
import { type Layout, layOut, SEQUENCE, writeStart } from './layout.ts';
import { CLOSED, DEAD_END, DELIVERY, DISABLED, DONE, FOUND, LOG_WORDS, NONE } from './outcomes.ts';
import type { Plan } from './plan.ts';
import { type LoggedStep, readLog } from './records.ts';
import type { Runtime } from './runtime.ts';
import { HOT } from './shared-tables.ts';
import type { StressFinding } from './stress.ts';

/** Steps that may be run to shorten a log: a few seconds. */
const WORK_MAX = 6_000_000;

/** Things beside those of the log: a choice may want some that are not in use. */
const SPARE_THINGS = 4;

/** @returns the steps that are left; all of them when the finding cannot be had again by one thread, which is our mistake */
export function shortenLog(plan: Plan, finding: StressFinding): LoggedStep[] {
  const steps = [...finding.log];
  const again = new Rerun(plan, steps);
  const wanted = finding.kind === 'dead-end' ? DEAD_END : again.findingOf(steps);
  if (wanted === undefined || finding.kind === 'not-quiet' || finding.kind === 'unbalanced') {
    return shortened(again, steps, (left) => again.runToEnd(left, finding))?.all ?? steps;
  }
  let best = steps;
  for (let length = 8; length < steps.length; length *= 2) {
    const left = again.run(steps.slice(-length), wanted);
    if (!left) continue;
    best = left;
    break;
  }
  const attempt = (some: readonly LoggedStep[]) => {
    const left = again.run(some, wanted);
    return left && { kept: left, all: left };
  };
  return shortened(again, best, attempt)?.all ?? steps;
}

/** A run that ends in what is wanted: the steps of the log that are left of it, and with them those that were added at its end. */
interface Shortened {
  readonly kept: LoggedStep[];
  readonly all: LoggedStep[];
}

function shortened(
  again: Rerun,
  steps: readonly LoggedStep[],
  attempt: (steps: readonly LoggedStep[]) => Shortened | undefined,
): Shortened | undefined {
  let best = attempt(steps);
  for (let chunk = Math.ceil((best?.kept.length ?? 0) / 2); best && chunk >= 1; ) {
    let hasShrunk = false;
    for (let from = 0; from < best.kept.length && again.work < WORK_MAX; ) {
      const left = attempt([...best.kept.slice(0, from), ...best.kept.slice(from + chunk)]);
      if (left && left.kept.length < best.kept.length) {
        best = left;
        hasShrunk = true;
      } else from += chunk;
    }
    if (!hasShrunk || chunk > 1) chunk = chunk === 1 ? 0 : Math.ceil(chunk / 2);
  }
  return best;
}

/** Things in the order of their first use are numbered from 0, so that a small system has room for them. */
export function renumbered(steps: readonly LoggedStep[]): { readonly steps: LoggedStep[]; readonly things: number } {
  const numbers = new Map<number, number>();
  const numberOf = (thing: number) => {
    if (!numbers.has(thing)) numbers.set(thing, numbers.size);
    return numbers.get(thing)!;
  };
  const renamed = steps.map((step) => ({ ...step, things: step.things.map(numberOf) }));
  return { steps: renamed, things: numbers.size };
}

/** One unit, with as many things as a log names, that is run again and again. */
class Rerun {
  /** Steps that were tried. */
  work = 0;
  readonly #layout: Layout;
  readonly #memory: Int32Array;
  readonly #start: Int32Array;
  readonly #runtime: Runtime;
  readonly #plan: Plan;
  readonly #log: Int32Array;
  readonly #numbers: ReadonlyMap<number, number>;
  /** By its number here: its number in the log; those to spare have others. */
  readonly #originals: readonly number[];

  constructor(plan: Plan, steps: readonly LoggedStep[]) {
    this.#plan = plan;
    this.#numbers = new Map([...new Set(steps.flatMap(({ things }) => things))].map((thing, at) => [thing, at]));
    const population = plan.layout.population === 0 ? 0 : this.#numbers.size + SPARE_THINGS;
    const spare = 1 + Math.max(-1, ...this.#numbers.keys());
    this.#originals = [...this.#numbers.keys(), ...Array.from({ length: SPARE_THINGS }, (_, at) => spare + at)];
    const episode = steps.length + plan.drainMax + 1;
    this.#layout = layOut(plan.tables.drafts, { population, episode, counters: plan.counters.length });
    this.#memory = sharedInts(this.#layout.unitWords);
    writeStart(this.#memory, this.#layout, plan.tables.initial);
    this.#start = this.#memory.slice();
    this.#log = sharedInts(episode * LOG_WORDS);
    this.#runtime = plan.runtime(new Random(0), {
      memory: this.#memory,
      log: this.#log,
      layout: this.#layout,
      episode,
    });
    this.#runtime.unit.enter(0);
  }

  /** What the steps end in; undefined when in nothing. */
  findingOf(steps: readonly LoggedStep[]): number | undefined {
    return this.#run(steps).finding;
  }

  /** The steps that were possible, up to the one that ends in what is wanted; undefined when none does. */
  run(steps: readonly LoggedStep[], wanted: number): LoggedStep[] | undefined {
    const { done, finding } = this.#run(steps);
    if (wanted === DEAD_END) return finding === undefined && this.#isDeadEnd() ? done : undefined;
    return finding === wanted ? done : undefined;
  }

  /** For what shows only when nothing new is begun any more: the same, and then whatever has to come to its end. */
  runToEnd(steps: readonly LoggedStep[], { kind, property }: StressFinding): Shortened | undefined {
    const { done, finding } = this.#run(steps);
    if (finding !== undefined || !this.#drain()) return undefined;
    if (this.#isAtRest() === (kind === 'not-quiet')) return undefined;
    if (kind === 'unbalanced' && this.#isBalanced(property!)) return undefined;
    if (kind === 'violation' && !this.#isWaiting(property!)) return undefined;
    return { kept: done, all: this.#logged() };
  }

  /** False when a property is violated on the way, or when it takes too long. */
  #drain(): boolean {
    const { drainMax } = this.#plan;
    for (let done = -1, steps = 0; done !== 0; steps += done) {
      if (steps > drainMax) return false;
      done = 0;
      for (const [kind, { sort, starts }] of this.#layout.kinds.entries()) {
        const members = !starts ? 0 : sort === 'family' ? this.#layout.population : 1;
        for (let member = 0; member < members; member++) {
          const outcome = this.#drainStep(kind, member, steps);
          if (outcome === FOUND) return false;
          if (outcome === DONE) done++;
        }
      }
      this.work += done;
    }
    return true;
  }

  #drainStep(kind: number, member: number, first: number): number {
    const runtime = this.#runtime;
    const isChannel = this.#layout.kinds[kind]!.sort === 'channel';
    let outcome = NONE;
    for (let tries = 0; tries < 8; tries++) {
      outcome = isChannel
        ? runtime.deliver(kind, first + tries, DELIVERY, 0)
        : runtime.start(kind, member, first + tries, 0, true, 0);
      if (outcome === DONE || outcome === FOUND || outcome === NONE) return outcome;
    }
    return outcome;
  }

  #isBalanced(property: string): boolean {
    const { left, right } = this.#plan.balances.find(({ name }) => name === property)!;
    const { unit } = this.#runtime;
    return unit.sumOf(left) === unit.sumOf(right);
  }

  #isWaiting(monitor: string): boolean {
    const kind = this.#layout.kinds.findIndex(({ name }) => name === monitor);
    return kind >= 0 && (this.#runtime.flags.of(this.#runtime.unit.peek(kind, 0)) & HOT) !== 0;
  }

  /** All steps since the start. */
  #logged(): LoggedStep[] {
    const steps = readLog(this.#log, 0, this.#memory[SEQUENCE]!, this.#plan.tables.buffers.messageThings);
    return steps.map((step) => ({ ...step, things: step.things.map((thing) => this.#originals[thing]!) }));
  }

  #run(steps: readonly LoggedStep[]): { done: LoggedStep[]; finding?: number } {
    this.#memory.set(this.#start);
    this.work += steps.length;
    const done: LoggedStep[] = [];
    for (const step of steps) {
      const outcome = this.#repeat(step);
      if (outcome === DONE || outcome === FOUND) done.push(step);
      if (outcome === FOUND) return { done, finding: this.#runtime.lastFinding };
    }
    return { done };
  }

  #repeat({ how, kind, message, things }: LoggedStep): number {
    const numbers = things.map((thing) => this.#numbers.get(thing)!);
    return this.#runtime.repeat(how, kind, message, numbers, 0);
  }

  #isAtRest(): boolean {
    return this.#runtime.isAtRest(Array.from({ length: this.#layout.population }, (_, member) => member));
  }

  /** Nothing at all can happen, and something is not at rest. */
  #isDeadEnd(): boolean {
    if (this.#isAtRest()) return false;
    const runtime = this.#runtime;
    const before = this.#memory.slice();
    return this.#layout.kinds.every(({ sort, starts }, kind) => {
      if (!starts) return true;
      const members = sort === 'family' ? this.#layout.population : 1;
      for (let member = 0; member < members; member++) {
        for (let pick = 0; pick < 32; pick++) {
          const outcome =
            sort === 'channel'
              ? runtime.deliver(kind, pick, DELIVERY, 0)
              : runtime.start(kind, member, pick, 0, false, 0);
          this.#memory.set(before);
          if (outcome === NONE) break;
          if (outcome !== DISABLED && outcome !== CLOSED) return false;
        }
      }
      return true;
    });
  }
}
