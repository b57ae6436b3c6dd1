/**
 * What a search asks of each state and each step that it sees: which property it violates, and which it witnesses.
 */
import type { EventObject } from 'xstate';
import type { MessagePattern, SystemView } from '../system/property.ts';
import { selectsSurely } from '../tabulate/answers.ts';
import { DecisionTrees } from '../tabulate/decision-trees.ts';
import { Predicate } from '../tabulate/predicate.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { Halves } from './halves.ts';
import { type Budget, GrowingBytes } from './memory.ts';
import { leafOfPair } from './successors.ts';
import type { Symmetry } from './symmetry.ts';

interface Check extends Question {
  readonly isMonitor: boolean;
  readonly violated: (state: Int32Array) => boolean;
}

/** The `always` properties and the monitors, in the order of their declaration. */
export class Checks {
  readonly #checks: Check[] = [];
  /** Those that are not settled. */
  #open: readonly Check[] = this.#checks;

  /** @param symmetry when given, a check is violated in a state that has an image which violates it */
  constructor(tables: Tables, symmetry?: Symmetry) {
    let monitorSlot = tables.actorCount;
    for (const property of tables.system.properties) {
      if (property.kind === 'always' && symmetry) {
        const { evaluate, reads, readsIn } = symmetry.anyImage(property.name, (view) => !property.holds(view));
        this.#checks.push({ name: property.name, isMonitor: false, violated: evaluate, reads, readsIn });
      } else if (property.kind === 'always') {
        const predicate = new Predicate(property.name, tables, property.holds);
        const violated = (state: Int32Array) => !predicate.evaluate(state);
        const readsIn = (state: Int32Array) => predicate.readsIn(state);
        this.#checks.push({ name: property.name, isMonitor: false, violated, reads: predicate.reads, readsIn });
      } else if (property.kind === 'monitor') {
        const slot = monitorSlot++;
        const { locals } = tables.actors[slot]!;
        const isViolated = (state: Int32Array) => locals[state[slot]!]!.snapshot.hasTag('violation');
        const slots = symmetry?.orbitOf(slot) ?? [slot];
        const violated =
          slots.length === 1
            ? isViolated
            : (state: Int32Array) =>
                slots.some((other) => tables.actors[other]!.locals[state[other]!]!.snapshot.hasTag('violation'));
        this.#checks.push({ name: property.name, isMonitor: true, violated, reads: new Set(slots) });
      }
    }
  }

  get length(): number {
    return this.#checks.length;
  }

  nameOf(check: number): string {
    return this.#checks[check]!.name;
  }

  get questions(): readonly Question[] {
    return this.#open;
  }

  /** From now on no state violates this one: that some do is known. */
  settle(check: number): void {
    const settled = this.#checks[check]!;
    this.#open = this.#open.filter((other) => other !== settled);
    this.#checks[check] = { ...settled, violated: () => false };
  }

  violates(state: Int32Array, property: string): boolean {
    return this.#checks.some(({ name, violated }) => name === property && violated(state));
  }

  /** The slots that each `always` property has looked at so far. */
  get readsOfPredicates(): ReadonlySet<number>[] {
    return this.#checks.filter(({ isMonitor }) => !isMonitor).map(({ reads }) => reads);
  }

  isViolated(check: number, state: Int32Array): boolean {
    return this.#checks[check]!.violated(state);
  }

  /** The first check that a state violates, -1 when it violates none. */
  firstViolatedIn(state: Int32Array): number {
    return this.#checks.findIndex(({ violated }) => violated(state));
  }

  /** The first property that a state violates. */
  violatedIn(state: Int32Array): string | undefined {
    return this.#checks[this.firstViolatedIn(state)]?.name;
  }
}

/** What a `Judge` knows, for other threads to read. */
export interface JudgeTables {
  /** By side and number of a half: 1 when all properties that look at nothing else hold. */
  readonly fine: readonly [Uint8Array, Uint8Array];
  /** Trees over halves, as in `Moves`, and the cells of those that look at both halves. */
  readonly pool: Int32Array;
  readonly crossing: readonly number[];
  readonly values: readonly [Int32Array, Int32Array];
  readonly widths: readonly [number, number];
}

/** Larger trees grow no more: what they do not know is asked about every state. */
const TREE_WORDS_MAX = 2 ** 24;

/** The only leaf of a judge's trees: what is violated is asked again. */
const FINE = 0;

/** Whether it is known, without asking any property, that a pair of halves violates none and witnesses none that is open. */
export function isFine({ fine, pool, crossing, values, widths }: JudgeTables, first: number, second: number): boolean {
  const [firsts, seconds] = fine;
  if (firsts[first] !== 1 || seconds[second] !== 1) return false;
  const [firstValues, secondValues] = values;
  const [firstWidth, secondWidth] = widths;
  for (let i = 0; i < crossing.length; i++) {
    const leaf = leafOfPair(pool, crossing[i]!, firstValues, first * firstWidth, secondValues, second * secondWidth);
    if (leaf !== FINE) return false;
  }
  return true;
}

/** The place of the first of the columns `from` to `to` of a row about which properties have to be asked, else `to`. */
export function firstToAsk(tables: JudgeTables, row: number, columns: Int32Array, from: number, to: number): number {
  const { fine, crossing } = tables;
  const [rows, fineColumns] = fine;
  if (rows[row] !== 1) return from;
  let at = from;
  if (crossing.length === 0) while (at < to && fineColumns[columns[at]!] === 1) at++;
  else while (at < to && isFine(tables, row, columns[at]!)) at++;
  return at;
}

/** A question about every new state: an `always`, a monitor, or a `reachable` that is open. */
interface Question {
  readonly name: string;
  /** The slots that it has looked at in any state so far. */
  readonly reads: ReadonlySet<number>;
  readonly readsIn?: ((state: Int32Array) => readonly number[]) | undefined;
}

/**
 * Judges the new states of a search by their halves: a property that looks at one half is evaluated once for each half, and
 * those that look at both once for each combination of what they look at.
 */
export class Judge {
  readonly #checks: Checks;
  readonly #witnesses: Witnesses;
  readonly #halves: Halves;
  readonly #state: Int32Array;
  readonly #fine: readonly [GrowingBytes, GrowingBytes];
  readonly #trees = new DecisionTrees();
  /** By name of a question: its tree. One that does not tell what it looks at has an empty one, and is asked about every state. */
  readonly #cells = new Map<string, number>();
  /** Those that look at both halves; and when these were found, how many slots all had looked at, and how many they were. */
  #crossing: readonly Question[] = [];
  #readsSeen = 0;
  #asked = 0;
  #tables: JudgeTables;

  constructor(checks: Checks, witnesses: Witnesses, halves: Halves, budget: Budget) {
    this.#checks = checks;
    this.#witnesses = witnesses;
    this.#halves = halves;
    this.#state = new Int32Array(halves.sideOf.length);
    this.#fine = [new GrowingBytes(1024, budget), new GrowingBytes(1024, budget)];
    this.#tables = this.share();
  }

  /** As `firstToAsk`. */
  firstToAsk(row: number, columns: Int32Array, from: number, to: number): number {
    return firstToAsk(this.#tables, row, columns, from, to);
  }

  /** The first check that a state violates, -1 when it violates none; witnesses hear of the state if it may be one. */
  violatedIn(row: number, column: number): number {
    if (isFine(this.#tables, row, column)) return -1;
    this.#halves.load(0, row, this.#state);
    this.#halves.load(1, column, this.#state);
    const violated = this.#checks.firstViolatedIn(this.#state);
    this.#witnesses.seeState(this.#state);
    if (violated >= 0) return violated;
    this.#refresh();
    this.#grow();
    const [rows, columns] = this.#fine;
    rows.reserve(row + 1);
    columns.reserve(column + 1);
    rows.data[row] = 1;
    columns.data[column] = 1;
    this.#tables = this.share();
    return -1;
  }

  share(): JudgeTables {
    const { sides } = this.#halves;
    return {
      fine: [this.#fine[0].data, this.#fine[1].data],
      pool: this.#trees.pool.data,
      crossing: this.#crossing.map(({ name }) => this.#cellOf(name)),
      values: [sides[0].set.tuples.data, sides[1].set.tuples.data],
      widths: [sides[0].set.words, sides[1].set.words],
    };
  }

  release(): void {
    for (const bytes of this.#fine) bytes.release();
  }

  #cellOf(name: string): number {
    const cell = this.#cells.get(name) ?? this.#trees.cell();
    this.#cells.set(name, cell);
    return cell;
  }

  /** One that had looked at one half only depended on it alone as far as it went; from now on it may be another matter. */
  #refresh(): void {
    const questions: readonly Question[] = [...this.#checks.questions, ...this.#witnesses.open];
    // As long as they are as many, none has gone, and what they have looked at has not become less.
    const seen = questions.reduce((sum, { reads }) => sum + reads.size, 0);
    if (seen === this.#readsSeen && questions.length === this.#asked) return;
    this.#readsSeen = seen;
    this.#asked = questions.length;
    const { sideOf } = this.#halves;
    this.#crossing = questions.filter(({ reads }) => new Set(Array.from(reads, (slot) => sideOf[slot]!)).size > 1);
  }

  /** Notes of those that look at both halves that there is nothing to be said of the state at hand. */
  #grow(): void {
    if (this.#trees.pool.length > TREE_WORDS_MAX) return;
    const { sideOf, placeOf } = this.#halves;
    for (const { name, readsIn } of this.#crossing) {
      if (!readsIn) continue;
      const reads = readsIn(this.#state);
      const places = reads.map((slot) => placeOf[slot]! * 2 + sideOf[slot]!);
      const values = reads.map((slot) => this.#state[slot]!);
      if (!this.#trees.grow(this.#cellOf(name), places, values, FINE)) {
        throw new Error(`property "${name}" looked at other slots than before in the same situation`);
      }
    }
  }
}

/** The `reachable` and `happens` properties that nothing has witnessed yet. There is one of these per `Tables`. */
export class Witnesses {
  readonly unwitnessed = new Set<string>();
  readonly #tables: Tables;
  readonly #symmetry: Symmetry | undefined;
  #predicates: (Question & { evaluate(state: Int32Array): boolean })[] = [];
  #awaited: { property: string; pattern: MessagePattern; messages: number[] }[] = [];
  /** Whether a message stands for its images as well. */
  #forImages = false;

  /** @param symmetry when given, what an image of a state witnesses is witnessed */
  constructor(tables: Tables, symmetry?: Symmetry) {
    this.#tables = tables;
    this.#symmetry = symmetry;
    for (const property of tables.system.properties) {
      if (property.kind === 'reachable') {
        const { name, witness } = property;
        this.#predicates.push(
          symmetry ? { name, ...symmetry.anyImage(name, witness) } : askedOf(name, tables, witness),
        );
      } else if (property.kind === 'happens') {
        this.#awaited.push({ property: property.name, pattern: property.message, messages: [] });
      } else continue;
      this.unwitnessed.add(property.name);
    }
    tables.onMessage = (message) => this.#watch(message);
    for (let message = 0; message < tables.messages.length; message++) this.#watch(message);
  }

  /**
   * From now on a message witnesses what its images would: the messages of a step do, those of the start, which is no step
   * of any state, do not.
   */
  seeImages(): void {
    if (!this.#symmetry) return;
    this.#forImages = true;
    for (let message = 0; message < this.#tables.messages.length; message++) this.#watch(message);
  }

  /** Takes the `happens` properties that are not among these any more for witnessed; states tell the `reachable` ones anew. */
  resume(unwitnessed: readonly string[]): void {
    for (const { property, messages } of this.#awaited) {
      if (unwitnessed.includes(property)) continue;
      this.unwitnessed.delete(property);
      for (const message of messages) this.#tables.messageWatch.data[message]!--;
    }
    this.#awaited = this.#awaited.filter(({ property }) => this.unwitnessed.has(property));
  }

  /** The `reachable` properties that `seeState` still looks for. */
  get open(): readonly Question[] {
    return this.#predicates;
  }

  seeState(state: Int32Array): void {
    if (this.#predicates.length === 0) return;
    const left = this.#predicates.filter((predicate) => {
      if (!predicate.evaluate(state)) return true;
      this.unwitnessed.delete(predicate.name);
      return false;
    });
    if (left.length < this.#predicates.length) this.#predicates = left;
  }

  /** The messages of a step that some property waits for, as the walker lists them. */
  seeMessages(watched: readonly number[]): void {
    const { messageWatch } = this.#tables;
    for (const message of watched) {
      for (const awaited of this.#awaited) {
        if (!awaited.messages.includes(message)) continue;
        this.unwitnessed.delete(awaited.property);
        for (const matching of awaited.messages) messageWatch.data[matching]!--;
        this.#awaited = this.#awaited.filter((other) => other !== awaited);
      }
    }
  }

  /** Marks a new message for the properties that it would witness. */
  #watch(message: number): void {
    const { to, event } = this.#tables.messages[message]!;
    if (to >= this.#tables.actorCount) return;
    for (const { property, pattern, messages } of this.#awaited) {
      if (pattern.type !== event.type || messages.includes(message)) continue;
      const alike =
        this.#forImages && this.#symmetry
          ? this.#symmetry.imagesOfMessage(message)
          : [{ to: this.#tables.actors[to]!.name, event }];
      if (!alike.some(({ to, event }) => this.#selects(property, pattern, to, event))) continue;
      messages.push(message);
      this.#tables.messageWatch.data[message]!++;
    }
  }

  #selects(property: string, pattern: MessagePattern, to: string, event: EventObject): boolean {
    const asker = `property "${property}"`;
    const ask = () => selectsSurely(asker, pattern, to, event);
    const answer = ask();
    if (pattern.where) {
      const about = () => `${asker} (message ${event.type} to "${to}")`;
      this.#tables.review.remember(`${asker} ${event.type}`, () => ({
        about,
        ask: () => String(ask()),
        answer: String(answer),
      }));
    }
    return answer;
  }
}

function askedOf(name: string, tables: Tables, test: (view: SystemView) => boolean) {
  const predicate = new Predicate(name, tables, test);
  return {
    name,
    reads: predicate.reads,
    readsIn: (state: Int32Array) => predicate.readsIn(state),
    evaluate: (state: Int32Array) => predicate.evaluate(state),
  };
}
