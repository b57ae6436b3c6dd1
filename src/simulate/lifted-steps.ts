/**
 * The steps of a system with a population: what alike starters may do stands in one tree, with the names of things as parameters, so that
 * the tables are as large for millions of things as for a few. A thing that nothing goes on with costs a byte for each of its actors,
 * and no time.
 *
 * It gives the run, bit for bit, that `TimedSteps` gives for the same system with as many actors: the same steps, in the same order, at the
 * same times, from the same random numbers.
 *
 * A list is `[n, flags, n x step]` as in `TimedSteps`. What it says of actors it says by places in the starter's situation
 * (`situation.ts`):
 *
 * | word of a step | |
 * |---|---|
 * | timed step | one for all alike starters; the message is a form, the performer a kind |
 * | delta | where `[n, n x (kind, place, form, m, m x place), l, l x (channel, form + 1 or 0, m, m x place)]` stands; 0 takes the oldest message out |
 * | extras | where `[n, n x (effect, one, two, kind, place), m, m x (operation, measure, key, l, l x place)]` stands; 0: nothing |
 * | things | where `[n, n x place]` stands, what its message names; 0: nothing, or the starter itself alone |
 */
import { inverse } from '../stress/things.ts';
import { UsageError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { DecisionTrees } from '../tabulate/decision-trees.ts';
import type { Ints } from '../tabulate/ints.ts';
import { describe } from '../tabulate/stepper.ts';
import { Clocks, IS_TIMER, MESSAGE, PERFORMER, TRAIT } from './clocks.ts';
import { type Costs, NONE } from './costs.ts';
import type { Draws } from './draws.ts';
import type { GaugedThings } from './gauged.ts';
import type { Watch } from './judge.ts';
import { type Kinds, kindsOf } from './lifted-state.ts';
import { type LiftedStep, LiftedTemplate, type Placed, type Seen } from './lifted-template.ts';
import type { Measures } from './measures.ts';
import { READS_MAX, type Read, ROOM_MAX, Situation } from './situation.ts';
import type { Starters } from './starters.ts';
import {
  ARM,
  DELTA,
  EFFECT_WORDS,
  EXTRAS,
  HAS_STRANGERS,
  HAS_THINGS,
  LEAVE,
  OPERATION_WORDS,
  SEND,
  THINGS,
  TIMED_STEP,
} from './step-words.ts';
import { Changes, type Steps } from './steps.ts';
import type { Delay, LinkedChannel, Transit } from './transits.ts';
import { Watchers } from './watchers.ts';

export class LiftedSteps implements Steps {
  readonly clocks = new Clocks();
  readonly changes = new Changes();
  readonly starterCount: number;
  readonly judgedCount: number;
  readonly gauged: GaugedThings;
  readonly channels: readonly LinkedChannel[];
  readonly drawers: readonly (readonly [number, number])[];
  readonly template: LiftedTemplate;
  /** Trees are written once, and stay small. */
  readonly isLoose = false;
  readonly #kinds: Kinds;
  readonly #costs: Costs;
  readonly #measures: () => Measures;
  readonly #situation: Situation;
  readonly #watchers: Watchers;
  /** By kind: the first slots of the families whose members have ever looked at the member of their own thing. */
  readonly #siblings: readonly number[][];
  readonly #trees = new DecisionTrees();
  /** By kind. */
  readonly #cells: Int32Array;
  readonly #start: Int32Array;
  /** Numbers of timers of starters, of things that are named together, and of keys of measures. */
  readonly #timers = new Map<number, number>();
  readonly #together = new Map<string, number>();
  readonly #keys = new Map<string, number>();
  #effects = new Int32Array(64 * EFFECT_WORDS);
  #operations = new Float64Array(64 * OPERATION_WORDS);

  /** @param measures asked when steps are seen for the first time @throws ModelError `not-liftable` as `LiftedTemplate` does */
  constructor(system: System, population: number, costs: Costs, draws: Draws, measures: () => Measures) {
    const template = new LiftedTemplate(system, costs);
    const kinds = kindsOf(template.template, population);
    const situation = new Situation(kinds, draws);
    this.template = template;
    this.#kinds = kinds;
    this.#costs = costs;
    this.#measures = measures;
    this.#situation = situation;
    situation.messageThings = (form) => template.forms.messages[form]!.things;
    const start = template.start(kinds, situation.members);
    this.starterCount = kinds.starterCount;
    this.judgedCount = kinds.singleCount;
    this.#siblings = kinds.all.map(() => []);
    this.#watchers = new Watchers(kinds.starterCount, kinds.slotCount);
    this.#cells = Int32Array.from(kinds.all, () => this.#trees.cell());
    this.channels = kinds.all.flatMap(({ name, base, channel }) =>
      channel ? [{ name, slot: base, isFifo: true }] : [],
    );
    this.drawers = kinds.all.flatMap(({ owner, base, members }) => {
      if (!owner || owner.isMonitor) return [];
      const draws = costs.drawsOf(owner.names[0]!, system.actors[owner.names[0]!]!.choices);
      return Array.from({ length: draws.length === 0 ? 0 : members }, (_, member) =>
        draws.map((draw) => [base + member, draw] as const),
      ).flat();
    });
    this.gauged = this.#gaugedThings();
    this.#start = Int32Array.from(
      start.flatMap(({ kind, form, delay }) => {
        const { base, members } = kinds.all[kind]!;
        return Array.from({ length: members }, (_, at) => [
          ARM,
          this.#timerOf(base + at, form),
          delay,
          base + at,
        ]).flat();
      }),
    );
  }

  #gaugedThings(): GaugedThings {
    const { all } = this.#kinds;
    const { members } = this.#situation;
    return {
      columnCount: all.length,
      actors: all.flatMap(({ owner, kind, members: count }) =>
        owner && !owner.isMonitor
          ? [
              {
                names: owner.names,
                column: kind,
                members: count,
                snapshotOf: (value: number) => members[kind]!.forms[value]!.local.snapshot,
              },
            ]
          : [],
      ),
      channels: new Map(
        all.flatMap(({ name, kind, channel }) =>
          channel ? [[name, [{ column: kind, lengthOf: (value: number) => value }]]] : [],
        ),
      ),
    };
  }

  get pool(): Ints {
    return this.#trees.pool;
  }

  get delays(): readonly Delay[] {
    return this.template.stepCosts.delays;
  }

  get transits(): readonly Transit[] {
    return this.template.stepCosts.transits;
  }

  /** Of the state: what grows with the number of things. */
  get bytes(): number {
    return this.#situation.members.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  start(): Int32Array {
    this.#situation.start();
    this.#watchers.start();
    return this.#start;
  }

  startsAtOnce(starter: number): boolean {
    const { owner } = this.#situation.kindOf(starter);
    return !owner || this.template.template.system.actors[owner.names[0]!]!.choices.length > 0;
  }

  numberOf(starter: number): number {
    const { base, number } = this.#situation.kindOf(starter);
    return starter - base + number;
  }

  listOf(starter: number): number {
    const found = this.#walk(starter);
    return found >= 0 ? found : this.#grow(starter);
  }

  watch(starter: number): void {
    this.#watchers.set(starter, this.#situation.slots, this.#situation.slotCount);
  }

  /** Comes across the things of a starter's situation. @returns its list; -1 where it is not known */
  #walk(starter: number): number {
    const situation = this.#situation;
    const { data } = this.#trees.pool;
    let reference = data[this.#cells[situation.begin(starter)]!]!;
    while (reference > 0) {
      const seen = situation.read(data[reference]!);
      reference = seen < data[reference + 1]! ? data[reference + 2 + seen]! : 0;
    }
    return -1 - reference;
  }

  begin(starter: number, step: number): number {
    const { data } = this.pool;
    const things = data[step + THINGS]!;
    const instance = things === 0 ? 0 : this.instanceOf(things);
    const clock = this.clocks.begin(starter, data[step + TIMED_STEP]!, instance, step);
    const { words } = this.clocks;
    const kind = words[clock + PERFORMER]!;
    if (kind !== NONE) {
      const { bases, isFamily, things: known } = this.#situation;
      const member = isFamily[kind] === 0 ? 0 : known[things === 0 ? 0 : data[things + 1]!]!;
      words[clock + PERFORMER] = bases[kind]! + member;
    }
    if (words[clock + TRAIT] === IS_TIMER) words[clock + MESSAGE] = this.#timerOf(starter, words[clock + MESSAGE]!);
    return clock;
  }

  instanceOf(things: number): number {
    const { data } = this.pool;
    const count = data[things]!;
    if (count === 1) return this.#situation.things[data[things + 1]!]! + 1;
    return -1 - this.#namedTogether(things + 1, count);
  }

  /** A number for several things in an order. */
  #namedTogether(from: number, count: number): number {
    const { data } = this.pool;
    let key = '';
    for (let at = from; at < from + count; at++) key += `${this.#situation.things[data[at]!]!} `;
    const known = this.#together.get(key) ?? this.#together.size;
    this.#together.set(key, known);
    return known;
  }

  #timerOf(starter: number, form: number): number {
    const key = starter * 2 ** 20 + form;
    const known = this.#timers.get(key) ?? this.#timers.size;
    this.#timers.set(key, known);
    return known;
  }

  alert(slot: number, kind: number, starters: Starters): void {
    this.#watchers.alert(slot, starters);
    const member = slot - this.#situation.bases[kind]!;
    for (const base of this.#siblings[kind]!) starters.lookAt(base + member);
  }

  carryOut(starter: number, list: number, step: number): void {
    const { data } = this.pool;
    if ((data[list + 1]! & HAS_STRANGERS) !== 0) this.#walk(starter);
    else this.#situation.begin(starter);
    this.#resolveExtras(data, data[step + EXTRAS]!);
    this.#change(data, data[step + DELTA]!);
  }

  #change(data: Int32Array, delta: number): void {
    const { changes } = this;
    const { things, members, queues, bases, isFamily } = this.#situation;
    let word = delta;
    const actors = data[word++]!;
    changes.count = 0;
    changes.reserve(actors);
    for (let left = actors; left > 0; left--) {
      const kind = data[word++]!;
      const place = data[word++]!;
      const member = isFamily[kind] === 0 ? 0 : things[place]!;
      const form = data[word++]!;
      const of = members[kind]!;
      const at = changes.count++;
      changes.slots[at] = bases[kind]! + member;
      changes.columns[at] = kind;
      changes.before[at] = of.numbers[member]!;
      changes.after[at] = form;
      of.numbers[member] = form;
      const named = data[word++]!;
      for (let thing = 0; thing < named; thing++) of.things[thing]![member] = things[data[word++]!]!;
    }
    for (let left = data[word++]!; left > 0; left--) {
      const kind = data[word++]!;
      const form = data[word++]! - 1;
      const queue = queues[kind]!;
      const before = queue.length;
      const named = data[word++]!;
      if (form < 0) queue.shift();
      else {
        const to = queue.push(form);
        for (let thing = 0; thing < named; thing++) queue.words[to + thing] = things[data[word++]!]!;
      }
      const at = changes.count++;
      changes.reserve(changes.count);
      changes.slots[at] = bases[kind]!;
      changes.columns[at] = kind;
      changes.before[at] = before;
      changes.after[at] = queue.length;
    }
  }

  #resolveExtras(data: Int32Array, extras: number): void {
    const { changes } = this;
    changes.effectCount = 0;
    changes.operationCount = 0;
    if (extras === 0) return;
    const { things, bases, isFamily } = this.#situation;
    let word = extras;
    const effects = data[word++]!;
    if (effects * EFFECT_WORDS > this.#effects.length) this.#effects = new Int32Array(2 * effects * EFFECT_WORDS);
    for (let at = 0; at < effects * EFFECT_WORDS; at += EFFECT_WORDS) {
      const [effect, one, two] = [data[word]!, data[word + 1]!, data[word + 2]!];
      const kind = data[word + 3]!;
      const slot = bases[kind]! + (isFamily[kind] === 0 ? 0 : things[data[word + 4]!]!);
      word += 5;
      this.#effects[at] = effect;
      this.#effects[at + 1] = effect === ARM ? this.#timerOf(slot, one) : slot;
      this.#effects[at + 2] = two;
      this.#effects[at + 3] = effect === ARM ? slot : 0;
    }
    const operations = data[word++]!;
    if (operations * OPERATION_WORDS > this.#operations.length) {
      this.#operations = new Float64Array(2 * operations * OPERATION_WORDS);
    }
    for (let at = 0; at < operations * OPERATION_WORDS; at += OPERATION_WORDS) {
      this.#operations[at] = data[word++]!;
      this.#operations[at + 1] = data[word++]!;
      const key = data[word++]!;
      const named = data[word++]!;
      this.#operations[at + 2] = named === 0 ? key : this.#keyWith(key, word, named);
      word += named;
    }
    changes.effects = this.#effects;
    changes.effectsAt = 0;
    changes.effectCount = effects;
    changes.operations = this.#operations;
    changes.operationsAt = 0;
    changes.operationCount = operations;
  }

  /** The number of a key that names things. */
  #keyWith(key: number, from: number, named: number): number {
    const { data } = this.pool;
    const things = named === 1 ? this.#situation.things[data[from]!]! : this.#namedTogether(from, named);
    return (things + 1) * 2 ** 16 + key;
  }

  compact(): void {}

  valueAtStart(): number {
    return 0;
  }

  digest(): number {
    throw new UsageError(
      'a run of a population keeps no log',
      'simulate a system with few things, without `population`',
    );
  }

  watches(): Watch[] {
    return this.#kinds.all.flatMap(({ owner, kind, base }) => {
      if (!owner?.isMonitor) return [];
      const { forms, numbers } = this.#situation.members[kind]!;
      const isViolated = () => forms[numbers[0]!]!.local.snapshot.hasTag('violation');
      return [{ property: owner.name, isViolated, reads: new Set([base]) }];
    });
  }

  restless(): string | undefined {
    const { template } = this.template;
    if (template.system.deadlock === 'ignore') return undefined;
    for (const { owner, kind } of this.#kinds.all) {
      if (!owner || owner.isMonitor) continue;
      const { forms, numbers } = this.#situation.members[kind]!;
      const isResting = forms.map(({ local }) => template.isAtRest(owner, local.snapshot));
      const member = numbers.findIndex((form) => !isResting[form]);
      if (member < 0) continue;
      return `actor "${owner.name.replace('#', String(member))}" is not at rest (${describe(forms[numbers[member]!]!.local)})`;
    }
    const channel = this.#kinds.all.find(({ kind }) => this.#situation.queues[kind]!.length > 0);
    return (
      channel &&
      `channel "${channel.name}" holds ${this.#situation.queues[channel.kind]!.length} messages that nobody takes`
    );
  }

  // --- what is seen for the first time ---

  #grow(starter: number): number {
    const situation = this.#situation;
    const { kind, channel } = situation.kindOf(starter);
    const reads: Read[] = [{ what: channel ? 'head' : 'actor', kind, place: 0 }];
    for (let isFirst = true; ; isFirst = false) {
      situation.begin(starter);
      const values: number[] = [];
      const seen = reads.map((read): Seen => {
        values.push(situation.read(situation.codeOf(read)));
        return this.#seen(read, values.at(-1)!);
      });
      if (isFirst && !channel) {
        const draws = this.template.drawsOf(seen[0]!, situation.thingCount);
        reads.push(...draws.map((draw): Read => ({ what: 'draw', kind: draw, place: 0 })));
        if (draws.length > 0) continue;
      }
      const steps = this.template.stepsOf(seen, situation.thingCount);
      if ('what' in steps) {
        reads.push(steps);
        if (reads.length > READS_MAX) throw new Error(`a starter looks at more than ${READS_MAX} actors and channels`);
        continue;
      }
      return this.#keep(kind, reads, values, steps);
    }
  }

  /** What was read last, by places. */
  #seen(read: Read, seen: number): Seen {
    const situation = this.#situation;
    const { things, thingCount } = situation;
    const placeOf = (thing: number) => things.subarray(0, thingCount).indexOf(thing);
    if (read.what === 'draw') return { read, place: seen };
    const { isFamily } = this.#kinds.all[read.kind]!;
    if (read.what === 'actor') {
      const { numbers, forms, things: named } = situation.members[read.kind]!;
      const member = isFamily ? things[read.place]! : 0;
      const id = numbers[member]!;
      const places = named.slice(0, forms[id]!.things).map((of) => placeOf(of[member]!));
      return { read, form: { id, places } };
    }
    const { length, room, form } = situation.queues[read.kind]!;
    const count = length === 0 ? 0 : this.template.forms.messages[form]!.things;
    const places = Array.from({ length: count }, (_, at) => placeOf(situation.queues[read.kind]!.thing(at)));
    return {
      read,
      queue: { length, room: Math.min(room, ROOM_MAX), head: length === 0 ? undefined : { id: form, places } },
    };
  }

  #keep(kind: number, reads: readonly Read[], values: readonly number[], steps: readonly LiftedStep[]): number {
    const { isFamily } = this.#kinds.all[kind]!;
    const isOwn = (places: readonly number[]) => isFamily && places.every((place) => place === 0);
    const words = steps.map((step) => {
      const { places } = step.message;
      const things = places.length === 0 || isOwn(places) ? 0 : this.#add([places.length, ...places]);
      const timed = this.clocks.timedOf({ starter: kind, ...step.timed });
      const taken = step.records.filter((record) => record.kind === 'taken').length;
      return [timed, taken + step.sights, this.#deltaOf(step), this.#extrasOf(step), things];
    });
    const things = words.some((step) => step[THINGS] !== 0) ? HAS_THINGS : 0;
    const strangers = this.#situation.thingCount > (isFamily ? 1 : 0) ? HAS_STRANGERS : 0;
    const list = this.#add([steps.length, things | strangers, ...words.flat()]);
    for (const read of reads.slice(1)) {
      const siblings = this.#siblings[read.kind] ?? [];
      const isSibling = isFamily && read.what === 'actor' && read.place === 0 && this.#situation.isFamily[read.kind] === 1;
      const { base } = this.#kinds.all[kind]!;
      if (isSibling && !siblings.includes(base)) siblings.push(base);
    }
    const codes = reads.map((read) => this.#situation.codeOf(read));
    if (!this.#trees.grow(this.#cells[kind]!, codes, values, list)) {
      throw new Error('a step looked at other things than before in the same situation');
    }
    return list;
  }

  #add(words: readonly number[]): number {
    const at = this.pool.length;
    for (const word of words) this.pool.push(word);
    return at;
  }

  #deltaOf({ actors, leaves, pushes }: LiftedStep): number {
    const placed = ({ id, places }: Placed, first = id) => [first, places.length, ...places];
    return this.#add([
      actors.length,
      ...actors.flatMap(({ kind, place, form }) => [kind, place, ...placed(form)]),
      pushes.length + (leaves === undefined ? 0 : 1),
      ...(leaves === undefined ? [] : [leaves, 0, 0]),
      ...pushes.flatMap(({ kind, message }) => [kind, ...placed(message, message.id + 1)]),
    ]);
  }

  #extrasOf({ records, leaves, arms, pushes }: LiftedStep): number {
    const isTimed = (kind: number) => this.#costs.links.has(this.#kinds.all[kind]!.name);
    const passive = arms.find(({ kind }) => this.#kinds.all[kind]!.base >= this.starterCount);
    if (passive)
      throw new Error(`"${this.#kinds.all[passive.kind]!.name}" arms a timer, which its machine does not say`);
    const effects = [
      ...(leaves !== undefined && isTimed(leaves) ? [LEAVE, 0, 0, leaves, 0] : []),
      ...arms.flatMap(({ kind, place, form, delay }) => [ARM, form, delay, kind, place]),
      ...pushes.flatMap(({ kind, transit }) => (transit === undefined ? [] : [SEND, 0, transit, kind, 0])),
    ];
    const keys: Placed[] = [];
    const { things } = this.template.template;
    const operations = this.#measures().operationsOf(records, (key) => {
      const places = things.namedIn(key);
      const form = things.rename(key, inverse(places));
      const id = this.#keys.get(form) ?? this.#keys.size;
      this.#keys.set(form, id);
      return keys.push({ id, places }) - 1;
    });
    if (effects.length + operations.length === 0) return 0;
    const counted = Array.from({ length: operations.length / OPERATION_WORDS }, (_, at) => {
      const [which, measure, key] = operations.slice(at * OPERATION_WORDS) as [number, number, number];
      const { id, places } = keys[key] ?? { id: 0, places: [] };
      return [which, measure, id, places.length, ...places];
    });
    return this.#add([effects.length / 5, ...effects, counted.length, ...counted.flat()]);
  }
}
