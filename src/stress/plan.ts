/** What a stress run consists of: how many units, what is watched, and where everything stands in memory. */
import { ModelError } from '../system/errors.ts';
import type { SystemView } from '../system/property.ts';
import type { StressDefinition } from '../system/scenario.ts';
import type { System } from '../system/system.ts';
import { truthOf } from '../tabulate/answers.ts';
import { sharedInts } from '../tabulate/ints.ts';
import { Random } from '../tabulate/random.ts';
import { type Layout, layOut, writeStart } from './layout.ts';
import { LiftedTables, type Watching } from './lifted-tables.ts';
import { LOG_WORDS } from './outcomes.ts';
import type { WatchedPredicate } from './predicate-trees.ts';
import { DURATION_BUCKETS } from './records.ts';
import { SAMPLE_VALUES } from './run-shape.ts';
import { Runtime } from './runtime.ts';
import { Things } from './things.ts';

export interface PlanOptions {
  readonly units: number;
  /** Things of the population of each unit. */
  readonly population: number;
  /** Steps of an episode, those of its end among them. */
  readonly episode?: number;
  /** What part of their usual size the tables have, a power of two: many small runs, one after the other, start sooner. */
  readonly room?: number;
}

/** Steps of an episode; the more, the longer a run that is found, and the rarer the start. */
const EPISODE = 6144;
/** Of these, what is kept for the end, in which everything in flight has to come to rest. */
const DRAIN_SHARE = 0.5;
/** `always` properties are told apart by the bits of a word. */
const ALWAYS_MAX = 31;
const MEMORY_MAX = 2 ** 31;

export class Plan {
  readonly system: System;
  readonly definition: StressDefinition;
  readonly units: number;
  readonly episode: number;
  readonly drainMax: number;
  readonly tables: LiftedTables;
  readonly layout: Layout;
  readonly predicates: readonly WatchedPredicate[];
  readonly firstSampled: number;
  readonly counters: Watching['counters'];
  /** The first counter that a `happens` property is not. */
  readonly firstOwnCounter: number;
  readonly latencies: Watching['latencies'];
  readonly balances: readonly { readonly name: string; readonly left: number[]; readonly right: number[] }[];
  readonly memory: Int32Array;
  readonly log: Int32Array;

  /** @throws ModelError when the system cannot be scaled */
  constructor(system: System, definition: StressDefinition, options: PlanOptions) {
    this.system = system;
    this.definition = definition;
    this.units = options.units;
    this.episode = options.episode ?? EPISODE;
    this.drainMax = Math.floor(this.episode * DRAIN_SHARE);
    this.predicates = predicatesOf(system, definition);
    this.firstSampled = this.predicates.filter(({ isAlways }) => isAlways).length;
    if (this.firstSampled > ALWAYS_MAX) {
      throw new ModelError(
        'too-large',
        `a stress run can watch ${ALWAYS_MAX} \`always\` properties, got ${this.firstSampled}`,
      );
    }
    const happens = system.properties.flatMap((property) =>
      property.kind === 'happens' ? [{ name: property.name, pattern: property.message }] : [],
    );
    const own = Object.entries(definition.counters ?? {}).map(([name, pattern]) => ({ name, pattern }));
    this.firstOwnCounter = happens.length;
    this.counters = [...happens, ...own];
    this.balances = (definition.balances ?? []).map(({ name, left, right }) => ({
      name,
      left: this.#numbersOf(left, own),
      right: this.#numbersOf(right, own),
    }));
    this.latencies = Object.entries(definition.latencies ?? {}).map(([name, latency]) => ({ name, ...latency }));
    const hasPopulation = system.population.length > 0;
    const population = hasPopulation ? options.population : 0;
    if (hasPopulation && population < 1) {
      throw new ModelError(
        'bad-definition',
        'a unit has nothing of the population',
        'ask for at least one page a unit',
      );
    }
    this.tables = new LiftedTables(system, {
      population,
      predicates: this.predicates,
      counters: this.counters,
      latencies: this.latencies,
      pressure: definition.pressure ?? [],
      room: options.room,
    });
    this.layout = layOut(this.tables.drafts, { population, episode: this.episode, counters: this.counters.length });
    const bytes = 4 * this.units * (this.layout.unitWords + this.episode * LOG_WORDS);
    if (4 * this.units * Math.max(this.layout.unitWords, this.episode * LOG_WORDS) > MEMORY_MAX) {
      throw new ModelError(
        'too-large',
        `the run needs ${Math.ceil(bytes / 2 ** 20)} MiB, and a shared memory holds ${MEMORY_MAX / 2 ** 20}`,
        'ask for fewer devices or pages',
      );
    }
    this.memory = sharedInts(this.units * this.layout.unitWords);
    this.log = sharedInts(this.units * this.episode * LOG_WORDS);
    this.#start();
    this.#judgeStart();
  }

  #numbersOf(names: readonly string[], own: readonly { readonly name: string }[]): number[] {
    return names.map((name) => {
      const at = own.findIndex((counter) => counter.name === name);
      if (at < 0) throw new ModelError('bad-definition', `a balance names the counter "${name}", which does not exist`);
      return this.firstOwnCounter + at;
    });
  }

  /** Writes the initial state of the first unit and copies it. */
  #start(): void {
    const { memory, layout } = this;
    writeStart(memory, layout, this.tables.initial);
    for (let unit = 1; unit < this.units; unit++) memory.copyWithin(unit * layout.unitWords, 0, layout.unitWords);
  }

  /** Every predicate is asked once, so that what it reads is known from the beginning. */
  #judgeStart(): void {
    const runtime = this.runtime(new Random(0));
    runtime.unit.enter(0);
    this.predicates.forEach(({ name, isFamily, isAlways }, predicate) => {
      const value = runtime.sample(predicate, isFamily ? 0 : -1, 0);
      if (isAlways && value === 0) {
        throw new ModelError('bad-definition', `"${name}" is violated at the start`, '`faultline check` says how');
      }
    });
  }

  /** A way to run steps in this thread; `other`: on other units than those of the run. */
  runtime(random: Random, other: Partial<Pick<Plan, 'memory' | 'log' | 'layout' | 'episode'>> = {}): Runtime {
    return new Runtime({
      ...this,
      ...other,
      buffers: this.tables.buffers,
      initial: this.tables.initial,
      seen: new Float64Array(this.counters.length),
      durations: new Float64Array(Math.max(1, this.latencies.length) * DURATION_BUCKETS),
      filler: this.tables,
      random,
    });
  }

  get sampleWords(): number {
    return Math.max(1, this.predicates.length - this.firstSampled) * SAMPLE_VALUES;
  }

  get bytes(): number {
    return this.memory.byteLength + this.log.byteLength;
  }
}

/** Those of families once; `always` first. What is about all things of the population cannot be sampled and is left out. */
function predicatesOf(system: System, definition: StressDefinition): WatchedPredicate[] {
  const always = new Map<string, WatchedPredicate>();
  const sampled = new Map<string, WatchedPredicate>();
  const things = new Things(system.population);
  const add = (
    into: Map<string, WatchedPredicate>,
    name: string,
    isAlways: boolean,
    test: (view: SystemView) => number,
  ) => {
    const rank = system.properties.findIndex((property) => property.name === name);
    const family = things.withoutNames(name);
    // Of a family the first member's is kept: it is the one of thing 0.
    if (!into.has(family)) into.set(family, { name: family, isFamily: family !== name, isAlways, rank, value: test });
  };
  for (const property of system.properties) {
    const { name } = property;
    const asker = `property "${name}"`;
    if (property.kind === 'always') add(always, name, true, (view) => Number(truthOf(asker, property.holds(view))));
    if (property.kind === 'reachable')
      add(sampled, name, false, (view) => Number(truthOf(asker, property.witness(view))));
  }
  for (const [name, gauge] of Object.entries(definition.gauges ?? {})) add(sampled, name, false, gauge);
  return [...always.values(), ...sampled.values()];
}
