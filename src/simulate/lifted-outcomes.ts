/** Carries out steps whose lists speak of places in a situation: what that is for the things that are in these places. */
import type { Ints } from '../tabulate/ints.ts';
import type { Situation } from './situation.ts';
import { ARM, EFFECT_WORDS, OPERATION_WORDS } from './step-words.ts';
import { Changes } from './steps.ts';

export class LiftedOutcomes {
  readonly changes = new Changes();
  readonly #pool: Ints;
  readonly #situation: Situation;
  /** Numbers of timers of starters, and of things that are named together. */
  readonly #timers = new Map<number, number>();
  readonly #together = new Map<string, number>();
  #effects = new Int32Array(64 * EFFECT_WORDS);
  #operations = new Float64Array(64 * OPERATION_WORDS);

  /** @param pool in which the lists stand */
  constructor(pool: Ints, situation: Situation) {
    this.#pool = pool;
    this.#situation = situation;
  }

  /** @param delta @param extras as in the words of a step, whose situation is there */
  carryOut(delta: number, extras: number): void {
    this.#resolveExtras(extras);
    this.#change(delta);
  }

  /** What a timer of a starter is armed as. */
  timerOf(starter: number, form: number): number {
    const key = starter * 2 ** 20 + form;
    const known = this.#timers.get(key) ?? this.#timers.size;
    this.#timers.set(key, known);
    return known;
  }

  /** A number for several things in an order. */
  namedTogether(from: number, count: number): number {
    const { data } = this.#pool;
    let key = '';
    for (let at = from; at < from + count; at++) key += `${this.#situation.things[data[at]!]!} `;
    const known = this.#together.get(key) ?? this.#together.size;
    this.#together.set(key, known);
    return known;
  }

  #change(delta: number): void {
    const { data } = this.#pool;
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

  #resolveExtras(extras: number): void {
    const { data } = this.#pool;
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
      this.#effects[at + 1] = effect === ARM ? this.timerOf(slot, one) : slot;
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
    const { data } = this.#pool;
    const things = named === 1 ? this.#situation.things[data[from]!]! : this.namedTogether(from, named);
    return (things + 1) * 2 ** 16 + key;
  }
}
