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
import { UsageError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { DecisionTrees } from '../tabulate/decision-trees.ts';
import type { Ints } from '../tabulate/ints.ts';
import { describe } from '../tabulate/stepper.ts';
import { Clocks, IS_TIMER, MESSAGE, PERFORMER, TRAIT } from './clocks.ts';
import { type Costs, NONE } from './costs.ts';
import type { Draws } from './draws.ts';
import { type GaugedThings, kindsAsColumns } from './gauged.ts';
import type { Watch } from './judge.ts';
import { LiftedLists } from './lifted-lists.ts';
import { LiftedOutcomes } from './lifted-outcomes.ts';
import { type Kinds, kindsOf } from './lifted-state.ts';
import { LiftedTemplate } from './lifted-template.ts';
import type { Measures } from './measures.ts';
import { Situation } from './situation.ts';
import type { Starters } from './starters.ts';
import { ARM, DELTA, EXTRAS, HAS_STRANGERS, THINGS, TIMED_STEP } from './step-words.ts';
import type { Changes, Steps } from './steps.ts';
import type { Delay, LinkedChannel, Transit } from './transits.ts';
import { Watchers } from './watchers.ts';

export class LiftedSteps implements Steps {
  readonly clocks = new Clocks();
  readonly starterCount: number;
  readonly judgedCount: number;
  readonly gauged: GaugedThings;
  readonly channels: readonly LinkedChannel[];
  readonly drawers: readonly (readonly [number, number])[];
  readonly template: LiftedTemplate;
  /** Trees are written once, and stay small. */
  readonly isLoose = false;
  readonly canBeWalked = false;
  readonly #kinds: Kinds;
  readonly #situation: Situation;
  readonly #watchers: Watchers;
  readonly #trees = new DecisionTrees();
  readonly #lists: LiftedLists;
  readonly #outcomes: LiftedOutcomes;
  readonly #start: Int32Array;

  /** @param measures asked when steps are seen for the first time @throws ModelError `not-liftable` as `LiftedTemplate` does */
  constructor(system: System, population: number, costs: Costs, draws: Draws, measures: () => Measures) {
    const template = new LiftedTemplate(system, costs);
    const kinds = kindsOf(template.template, population);
    const situation = new Situation(kinds, draws);
    const { clocks } = this;
    this.template = template;
    this.starterCount = kinds.starterCount;
    this.judgedCount = kinds.singleCount;
    this.#kinds = kinds;
    this.#situation = situation;
    situation.messageThings = (form) => template.forms.messages[form]!.things;
    const armed = template.start(kinds, situation.members);
    this.#watchers = new Watchers(kinds.starterCount, kinds.slotCount);
    this.#lists = new LiftedLists({ template, situation, trees: this.#trees, clocks, costs, measures });
    this.#outcomes = new LiftedOutcomes(this.#trees.pool, situation);
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
    this.gauged = kindsAsColumns(kinds, situation.members);
    this.#start = Int32Array.from(
      armed.flatMap(({ kind, form, delay }) => {
        const { base, members } = kinds.all[kind]!;
        return Array.from({ length: members }, (_, at) => {
          return [ARM, this.#outcomes.timerOf(base + at, form), delay, base + at];
        }).flat();
      }),
    );
  }

  get changes(): Changes {
    return this.#outcomes.changes;
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

  columnOf(slot: number): number {
    return this.#situation.kindOf(slot).kind;
  }

  valueOf(slot: number): number {
    const { kind, base } = this.#situation.kindOf(slot);
    return this.#situation.members[kind]!.numbers[slot - base]!;
  }

  numberOf(starter: number): number {
    return this.#situation.numberOf(starter);
  }

  listOf(starter: number): number {
    const found = this.#walk(starter);
    return found >= 0 ? found : this.#lists.grow(starter);
  }

  watch(starter: number): void {
    this.#watchers.set(starter, this.#situation.slots, this.#situation.slotCount);
  }

  /** Comes across the things of a starter's situation. @returns its list; -1 where it is not known */
  #walk(starter: number): number {
    const situation = this.#situation;
    const { data } = this.#trees.pool;
    let reference = data[this.#lists.cells[situation.begin(starter)]!]!;
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
    if (words[clock + TRAIT] === IS_TIMER)
      words[clock + MESSAGE] = this.#outcomes.timerOf(starter, words[clock + MESSAGE]!);
    return clock;
  }

  instanceOf(things: number): number {
    const { data } = this.pool;
    const count = data[things]!;
    if (count === 1) return this.#situation.things[data[things + 1]!]! + 1;
    return -1 - this.#outcomes.namedTogether(things + 1, count);
  }

  alert(slot: number, kind: number, starters: Starters): void {
    this.#watchers.alert(slot, starters);
    const member = slot - this.#situation.bases[kind]!;
    for (const base of this.#lists.siblings[kind]!) starters.lookAt(base + member);
  }

  carryOut(starter: number, list: number, step: number): void {
    const { data } = this.pool;
    if ((data[list + 1]! & HAS_STRANGERS) !== 0) this.#walk(starter);
    else this.#situation.begin(starter);
    this.#outcomes.carryOut(data[step + DELTA]!, data[step + EXTRAS]!);
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
}
