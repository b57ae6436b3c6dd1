/**
 * What is measured along a run: means over time of what actors and channels are, numbers of messages, and times between two messages.
 *
 * What a step adds is worked out once, when the step is seen for the first time, as a list of operations; a run only carries them out.
 */
import { checkMessageType, checkName, typesTaken } from '../system/check-names.ts';
import { didYouMean, type ModelError } from '../system/errors.ts';
import { selects } from '../system/property.ts';
import { bad, described } from '../system/shapes.ts';
import type { MeasureDefinition, Seen } from '../system/timing.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { StepRecord } from '../tabulate/walker.ts';
import { checkMeasures, isNamedBy } from './check-timing.ts';
import type { GaugedThings } from './gauged.ts';
import { OPERATION_WORDS } from './step-words.ts';
import { Fifo, Samples, TimeWeighted } from './time-weighted.ts';

export interface GaugeReading {
  readonly mean: number;
  readonly max: number;
}
export interface CounterReading {
  readonly count: number;
  /** Per unit of time. */
  readonly rate: number;
}
export interface TimeReading {
  readonly count: number;
  readonly mean: number;
  readonly deviation: number;
  readonly max: number;
  /** Half of them are not above it; 99 of 100. Within half a percent. */
  readonly median: number;
  readonly p99: number;
  /** The value that each of `QUANTILE_SHARES` is not above. */
  readonly quantiles: readonly number[];
}

export interface Readings {
  readonly gauges: Readonly<Record<string, GaugeReading>>;
  readonly counters: Readonly<Record<string, CounterReading>>;
  readonly times: Readonly<Record<string, TimeReading>>;
}

/** Shares of all times, for a curve. */
export const QUANTILE_SHARES = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999] as const;

/** Operations: `[which, index, key]`. */
const COUNT = 0;
const BEGIN = 1;
const END = 2;
const TAKE_BACK = 3;

interface Gauge {
  readonly at: number;
  readonly members: number;
  /** By value of the column; nothing where it was not asked yet. */
  readonly values: number[];
  ask(value: number): number;
}

export class Measures {
  /** By column: whether some gauge looks at it. */
  readonly isGauged: Uint8Array;
  readonly #tables: Tables;
  readonly #definition: Required<MeasureDefinition>;
  readonly #gaugesOf = new Map<number, Gauge[]>();
  readonly #gauges: TimeWeighted[] = [];
  readonly #counts: Float64Array;
  readonly #keys = new Map<string, number>();
  readonly #begun: Map<number, Fifo>[];
  readonly #samples: Samples[];
  #from = 0;

  /** @throws ModelError `bad-definition` for a name that does not exist */
  constructor(tables: Tables, gauged: GaugedThings, definition: MeasureDefinition) {
    checkMeasures(definition);
    const { gauges = {}, counters = {}, times = {} } = definition;
    this.#tables = tables;
    this.#definition = { gauges, counters, times };
    this.isGauged = new Uint8Array(gauged.columnCount);
    for (const [name, seen] of Object.entries(counters)) this.#check(seen, `counter "${name}"`, gauged);
    for (const [name, { from, to, unless }] of Object.entries(times)) {
      if (unless) this.#check(unless, `time "${name}": unless`, gauged);
      this.#check(from, `time "${name}": from`, gauged);
      this.#check(to, `time "${name}": to`, gauged);
    }
    for (const [name, gauge] of Object.entries(gauges)) this.#addGauge(name, gauge, gauged);
    this.#counts = new Float64Array(Object.keys(counters).length);
    this.#begun = Object.keys(times).map(() => new Map());
    this.#samples = Object.keys(times).map(() => new Samples());
  }

  #check({ to, type }: Seen, where: string, { actors: alike }: GaugedThings): void {
    const { actors, channels } = this.#tables.system;
    if (to !== undefined) checkName(to, new Set([...Object.keys(actors), ...Object.keys(channels)]), where);
    if (to !== undefined && alike.some(({ names }) => names.length > 1 && names.includes(to)))
      throw onlySome(where, to);
    checkMessageType(type, [...typesTaken(this.#tables.system, Object.keys(actors)), 'xstate.*'], where);
  }

  #addGauge(name: string, gauge: Required<MeasureDefinition>['gauges'][string], gauged: GaugedThings): void {
    const at = this.#gauges.push(new TimeWeighted()) - 1;
    const add = (column: number, members: number, ask: (value: number) => number) => {
      this.isGauged[column] = 1;
      this.#gaugesOf.set(column, [...(this.#gaugesOf.get(column) ?? []), { at, members, values: [], ask }]);
    };
    const { actors, channels } = gauged;
    if ('channel' in gauge) {
      checkName(gauge.channel, new Set(channels.keys()), `gauge "${name}"`, 'channel');
      for (const { column, lengthOf } of channels.get(gauge.channel)!) add(column, 1, lengthOf);
      return;
    }
    const isMeant = (actor: string) => isNamedBy(gauge.actors, actor);
    const named = actors.filter(({ names }) => names.some(isMeant));
    if (named.length === 0) {
      throw bad(
        `gauge "${name}" names the actor "${gauge.actors}", which does not exist`,
        didYouMean(
          gauge.actors,
          actors.flatMap(({ names }) => names),
        ),
      );
    }
    for (const { names, column, members, snapshotOf } of named) {
      if (!names.every(isMeant)) throw onlySome(`gauge "${name}"`, gauge.actors);
      add(column, members, (value) => {
        const read: unknown = gauge.value(snapshotOf(value));
        if (typeof read === 'number' && Number.isFinite(read)) return read;
        throw bad(`gauge "${name}" gives ${described(read)}, expected a number`);
      });
    }
  }

  /** What a step adds, as operations. @param numberOf stands for a key in them */
  operationsOf(
    records: readonly StepRecord[],
    numberOf: (key: string) => number = (key) => this.#keyOf(key),
  ): number[] {
    const operations: number[] = [];
    const { counters, times } = this.#definition;
    for (const { kind, message } of records) {
      const { to, event } = this.#tables.messages[message]!;
      const name = this.#tables.nameOf(to);
      const isSeen = (seen: Seen) => (seen.fate ?? 'taken') === kind && selects(seen, name, event);
      Object.values(counters).forEach((seen, at) => {
        if (isSeen(seen)) operations.push(COUNT, at, 0);
      });
      Object.values(times).forEach(({ from, to: end, unless, key }, at) => {
        const number = () => numberOf(key ? key(event) : '');
        // A message that is both ends what was before it begins anew.
        if (isSeen(end)) operations.push(END, at, number());
        if (unless && isSeen(unless)) operations.push(TAKE_BACK, at, number());
        if (isSeen(from)) operations.push(BEGIN, at, number());
      });
    }
    return operations;
  }

  #keyOf(text: string): number {
    const known = this.#keys.get(text) ?? this.#keys.size;
    this.#keys.set(text, known);
    return known;
  }

  /** @param readingOf a column: what it is in the initial state */
  start(readingOf: (column: number) => number): void {
    for (const gauge of this.#gauges) {
      gauge.value = 0;
      gauge.restart(0);
    }
    for (const [column, gauges] of this.#gaugesOf) {
      for (const gauge of gauges) {
        const reading = this.#gauges[gauge.at]!;
        reading.set(reading.value + gauge.members * valueAt(gauge, readingOf(column)), 0);
      }
    }
    for (const begun of this.#begun) begun.clear();
    this.restart(0);
  }

  /** The warm-up is over: what has begun in it is not counted. */
  restart(now: number): void {
    this.#from = now;
    for (const gauge of this.#gauges) gauge.restart(now);
    this.#counts.fill(0);
    for (const samples of this.#samples) samples.restart();
  }

  /** What has a column that is gauged has changed. */
  move(column: number, before: number, after: number, now: number): void {
    for (const gauge of this.#gaugesOf.get(column)!) {
      const reading = this.#gauges[gauge.at]!;
      reading.set(reading.value + valueAt(gauge, after) - valueAt(gauge, before), now);
    }
  }

  /** @param at where `count` operations stand in `data` */
  apply(data: Int32Array | Float64Array, at: number, count: number, now: number): void {
    for (let left = count, word = at; left > 0; left--, word += OPERATION_WORDS) {
      const index = data[word + 1]!;
      if (data[word] === COUNT) {
        this.#counts[index]!++;
        continue;
      }
      const begun = this.#begun[index]!;
      const key = data[word + 2]!;
      if (data[word] === BEGIN) {
        const times = begun.get(key) ?? new Fifo();
        begun.set(key, times);
        times.push(now);
      } else if (data[word] === TAKE_BACK) begun.get(key)?.pop();
      else {
        const waiting = begun.get(key);
        const from = waiting?.shift();
        // There may be as many keys as things.
        if (waiting?.length === 0) begun.delete(key);
        if (from !== undefined && from >= this.#from) this.#samples[index]!.add(now - from);
      }
    }
  }

  read(now: number): Readings {
    const { gauges, counters, times } = this.#definition;
    const byName = <T>(names: object, read: (at: number) => T) =>
      Object.fromEntries(Object.keys(names).map((name, at) => [name, read(at)]));
    return {
      gauges: byName(gauges, (at) => ({ mean: this.#gauges[at]!.mean(now), max: this.#gauges[at]!.max })),
      counters: byName(counters, (at) => {
        const count = this.#counts[at]!;
        return { count, rate: now > this.#from ? count / (now - this.#from) : 0 };
      }),
      times: byName(times, (at) => {
        const samples = this.#samples[at]!;
        const { count, mean, deviation, max } = samples;
        const quantiles = QUANTILE_SHARES.map((share) => samples.quantile(share));
        return { count, mean, deviation, max, median: samples.quantile(0.5), p99: samples.quantile(0.99), quantiles };
      }),
    };
  }
}

function valueAt(gauge: Gauge, value: number): number {
  gauge.values[value] ??= gauge.ask(value);
  return gauge.values[value];
}

/** Where alike actors share what they are. */
export function onlySome(what: string, pattern: string): ModelError {
  return bad(
    `${what} names "${pattern}", which is some of the things of the population and not all of them`,
    'they are alike: name all, as "page*"',
  );
}
