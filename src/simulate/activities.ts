/**
 * What is pending: for each enabled step a clock that runs, or waits for something. After the state has changed, `lookAround` drops the
 * activities of steps that are not enabled any more and begins those of new ones.
 */
import {
  COST,
  DRAW,
  ENTRY,
  HELD,
  INSTANCE,
  IS_DRAWN,
  IS_TIMER,
  IS_WEIGHTED,
  MESSAGE,
  NEXT,
  PREVIOUS,
  SEEN,
  STARTER,
  TIMED,
  TRAIT,
} from './clocks.ts';
import { type Costs, NEVER, NONE } from './costs.ts';
import type { Draws } from './draws.ts';
import { Lines } from './lines.ts';
import { CAN_START, FIRST, FORCED, LIST, STARTER_BITS, Starters, TO_LOOK } from './starters.ts';
import { HAS_THINGS, LIST_WORDS, STEP_WORDS, THINGS, TIMED_STEP } from './step-words.ts';
import type { Steps } from './steps.ts';
import { Weights } from './weights.ts';
import { grown, Work } from './work.ts';

export class Activities {
  readonly work: Work;
  readonly lines: Lines;
  readonly draws: Draws;
  readonly #steps: Steps;
  readonly #weights: Weights;
  /** So far, as many looks. */
  #looks = 0;
  readonly #starters: Starters;
  /** By message: when a timer is due. */
  #due = new Float64Array(64);
  /** By place in a list that is compared: its clock, -1 where it has none. */
  #found = new Int32Array(64);

  constructor(costs: Costs, draws: Draws, steps: Steps) {
    this.#steps = steps;
    this.work = new Work(costs, steps);
    this.lines = new Lines(steps.channels, costs.links);
    this.draws = draws;
    this.#starters = new Starters(steps.starterCount);
    this.#weights = new Weights(costs, draws, steps, this.#starters);
  }

  /** Nothing is pending yet, and everybody is to be looked at. */
  start(seed: number): void {
    const { clocks, starterCount } = this.#steps;
    this.work.start(seed);
    clocks.reset();
    this.lines.start();
    this.#looks = 0;
    this.draws.start(this.#steps.drawers, this.work.streams);
    this.#starters.start((starter) => this.#steps.startsAtOnce(starter));
    for (let starter = 0; starter < starterCount; starter++) {
      if (this.#starters.canStart(starter)) this.#starters.lookAt(starter);
    }
  }

  /** How many steps of the starters before one are enabled. */
  enabledBefore(starter: number): number {
    const { data } = this.#steps.pool;
    let before = 0;
    for (let slot = 0; slot < starter; slot++) {
      const list = this.listOf(slot);
      if (list !== NONE) before += data[list]!;
    }
    return before;
  }

  /** Where the list of the enabled steps of a starter stands; -1 when it has never had any. */
  listOf(starter: number): number {
    return this.#starters.words[(starter << STARTER_BITS) + LIST]!;
  }

  // --- what a step brings about ---

  /** A slot has another value: all whose steps look at it are to be looked at. */
  changed(slot: number, column: number): void {
    this.work.moved(slot, column);
    if (this.#starters.canStart(slot)) this.#starters.lookAt(slot);
    this.#steps.alert(slot, column, this.#starters);
  }

  /** Takes an activity whose step happens from those of its starter, which is to be looked at: the step may be enabled again. */
  taken(clock: number): void {
    const { words, timed } = this.#steps.clocks;
    const starter = words[clock + STARTER]!;
    if ((words[clock + TRAIT]! & IS_DRAWN) !== 0) {
      this.draws.next(starter, timed.data[words[clock + TIMED]! + DRAW]!, this.work.streams);
    }
    this.#unlink(clock);
    this.#starters.lookAt(starter, TO_LOOK | FORCED);
  }

  /** A timer starts anew, also one that is armed already. @param message as the effect has it @param slot of its actor */
  arm(message: number, delay: number, slot: number): void {
    const [distribution, stream] = this.#steps.delays[delay]!;
    if (message >= this.#due.length) this.#due = grown(this.#due, message + 1);
    this.#due[message] = this.work.now + this.work.streams.draw(distribution, stream);
    this.#starters.lookAt(slot, TO_LOOK | FORCED | CAN_START);
    const { words } = this.#steps.clocks;
    for (
      let clock = this.#starters.words[(slot << STARTER_BITS) + FIRST]!;
      clock !== NONE;
      clock = words[clock + NEXT]!
    ) {
      if (words[clock + TRAIT] !== IS_TIMER || words[clock + MESSAGE] !== message) continue;
      this.#drop(clock);
      return;
    }
  }

  // --- what is enabled ---

  /** After a step: looks at all starters that it may mean something to. */
  lookAround(): void {
    const { starters, count } = this.#starters.toLook();
    for (let at = 0; at < count; at++) {
      const starter = starters[at]!;
      this.#look(starter, this.#starters.take(starter));
    }
    this.#starters.done();
    this.work.putDown();
    if (this.#steps.isLoose) this.#tidy();
  }

  /** The lists of steps are moved together; the activities stay what they are. */
  #tidy(): void {
    this.#steps.compact();
    for (let at = 0; at < this.#starters.words.length; at += 2 ** STARTER_BITS) {
      if (this.#starters.words[at + LIST] === NONE) continue;
      const list = this.#steps.listOf(at >> STARTER_BITS);
      this.#starters.words[at + LIST] = list;
      this.#match(at >> STARTER_BITS, list);
    }
  }

  /** Which steps of a starter are enabled now: others are dropped, and what is new gets its time. */
  #look(starter: number, isForced: boolean): void {
    const at = starter << STARTER_BITS;
    const list = this.#steps.listOf(starter);
    const { data } = this.#steps.pool;
    const starters = this.#starters.words;
    const flags = data[list + 1]!;
    const isSame = list === starters[at + LIST];
    // The same list may be about other things.
    if (!isSame || flags !== 0) this.#steps.watch(starter);
    if (isSame && !isForced && (flags & HAS_THINGS) === 0) return;
    starters[at + LIST] = list;
    if (data[list] === 1) {
      // By far most often there is one step, as before, or one that was not there before.
      const { words, timed } = this.#steps.clocks;
      const step = list + LIST_WORDS;
      const kind = data[step + TIMED_STEP]!;
      if (timed.data[kind + TRAIT]! <= IS_TIMER) {
        const first = starters[at + FIRST]!;
        if (first === NONE) {
          if (timed.data[kind + COST] !== NEVER) this.#enable(starter, step);
          return;
        }
        if (words[first + NEXT] === NONE && this.#isOf(first, step)) {
          words[first + ENTRY] = step;
          return;
        }
      }
    }
    this.#compare(starter, list);
  }

  /** Whether a clock is of a step. */
  #isOf(clock: number, step: number): boolean {
    const { words } = this.#steps.clocks;
    const { data } = this.#steps.pool;
    if (words[clock + TIMED] !== data[step + TIMED_STEP]) return false;
    const things = data[step + THINGS]!;
    return words[clock + INSTANCE] === (things === 0 ? 0 : this.#steps.instanceOf(things));
  }

  /** Finds the clocks of the steps of a list. @returns the number that they have been marked with */
  #match(starter: number, list: number): number {
    const { words } = this.#steps.clocks;
    const count = this.#steps.pool.data[list]!;
    if (count > this.#found.length) this.#found = new Int32Array(2 * count);
    // A number of 32 bits that comes round again after as many looks has been seen nowhere for long.
    this.#looks = (this.#looks + 1) | 0;
    const first = this.#starters.words[(starter << STARTER_BITS) + FIRST]!;
    // What was enabled last is the first of them, so that the next one is mostly the one that is looked for.
    let next = first;
    for (let place = count - 1; place >= 0; place--) {
      const step = list + LIST_WORDS + place * STEP_WORDS;
      const from = next;
      let clock = next;
      while (clock !== NONE && !this.#isOf(clock, step)) {
        clock = words[clock + NEXT]!;
        if (clock === NONE) clock = first;
        if (clock === from) clock = NONE;
      }
      this.#found[place] = clock;
      if (clock === NONE) continue;
      words[clock + SEEN] = this.#looks;
      words[clock + ENTRY] = step;
      next = words[clock + NEXT] === NONE ? first : words[clock + NEXT]!;
    }
    return this.#looks;
  }

  #compare(starter: number, list: number): void {
    const look = this.#match(starter, list);
    const { data } = this.#steps.pool;
    const { words, timed } = this.#steps.clocks;
    const count = data[list]!;
    for (let clock = this.#starters.words[(starter << STARTER_BITS) + FIRST]!; clock !== NONE; ) {
      const next = words[clock + NEXT]!;
      if (words[clock + SEEN] !== look) this.#drop(clock);
      clock = next;
    }
    let hasWeights = false;
    for (let place = 0; place < count; place++) {
      const step = list + LIST_WORDS + place * STEP_WORDS;
      const kind = data[step + TIMED_STEP]!;
      const trait = timed.data[kind + TRAIT]!;
      if ((trait & IS_WEIGHTED) !== 0) hasWeights = true;
      else if (
        this.#found[place] === NONE &&
        timed.data[kind + COST] !== NEVER &&
        this.#weights.isNext(starter, kind)
      ) {
        this.#enable(starter, step);
      }
    }
    if (hasWeights) this.#choose(starter, list);
  }

  /** Of the steps that have weights one is drawn, and kept as long as it is among the same ones. */
  #choose(starter: number, list: number): void {
    const { data } = this.#steps.pool;
    const { data: timed } = this.#steps.clocks.timed;
    let chosen = NONE;
    for (let place = 0; place < data[list]!; place++) {
      const kind = data[list + LIST_WORDS + place * STEP_WORDS + TIMED_STEP]!;
      if ((timed[kind + TRAIT]! & IS_WEIGHTED) !== 0 && this.#found[place] !== NONE) chosen = this.#found[place]!;
    }
    const isAmongOthers = this.#weights.isAmongOthers(starter, list);
    if (chosen !== NONE) {
      if (!isAmongOthers) return;
      this.#drop(chosen);
    }
    const drawn = this.#weights.draw(starter, list, this.work.streams);
    if (drawn !== NONE) this.#enable(starter, drawn);
  }

  /** A step has become possible. */
  #enable(starter: number, step: number): void {
    const clock = this.#steps.begin(starter, step);
    const { words } = this.#steps.clocks;
    const at = (starter << STARTER_BITS) + FIRST;
    const first = this.#starters.words[at]!;
    words[clock + PREVIOUS] = NONE;
    words[clock + NEXT] = first;
    if (first !== NONE) words[first + PREVIOUS] = clock;
    this.#starters.words[at] = clock;
    let from = this.work.now;
    if (words[clock + TRAIT] === IS_TIMER) from = Math.max(from, this.#due[words[clock + MESSAGE]!]!);
    else if (words[clock + HELD]! >= 0) from = Math.max(from, this.lines.readyAt(starter, words[clock + HELD]!));
    this.work.begin(clock, from);
  }

  #drop(clock: number): void {
    this.#unlink(clock);
    this.work.drop(clock);
  }

  #unlink(clock: number): void {
    const { words } = this.#steps.clocks;
    const previous = words[clock + PREVIOUS]!;
    const next = words[clock + NEXT]!;
    if (previous === NONE) this.#starters.words[(words[clock + STARTER]! << STARTER_BITS) + FIRST] = next;
    else words[previous + NEXT] = next;
    if (next !== NONE) words[next + PREVIOUS] = previous;
  }
}
