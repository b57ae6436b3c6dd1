/** Writes what a starter may do in a situation that has not been seen before: see `lifted-steps.ts` for the words. */
import { inverse } from '../stress/things.ts';
import type { DecisionTrees } from '../tabulate/decision-trees.ts';
import type { Clocks } from './clocks.ts';
import type { Costs } from './costs.ts';
import type { LiftedTemplate } from './lifted-template.ts';
import type { LiftedStep, Placed, Seen } from './lifted-words.ts';
import type { Measures } from './measures.ts';
import { READS_MAX, type Read, ROOM_MAX, type Situation } from './situation.ts';
import { ARM, HAS_STRANGERS, HAS_THINGS, LEAVE, OPERATION_WORDS, SEND, THINGS } from './step-words.ts';

/** Words of an effect. */
const EFFECT = 5;

export interface ListOptions {
  readonly template: LiftedTemplate;
  readonly situation: Situation;
  readonly trees: DecisionTrees;
  readonly clocks: Clocks;
  readonly costs: Costs;
  /** Asked when steps are seen for the first time. */
  readonly measures: () => Measures;
}

export class LiftedLists {
  /** By kind: the first slots of the families whose members have ever looked at the member of their own thing. */
  readonly siblings: readonly number[][];
  /** By kind: the cell of its tree. */
  readonly cells: Int32Array;
  readonly #options: ListOptions;
  /** Of keys of measures: the numbers of their forms. */
  readonly #keys = new Map<string, number>();

  constructor(options: ListOptions) {
    const { all } = options.situation.kinds;
    this.#options = options;
    this.siblings = all.map(() => []);
    this.cells = Int32Array.from(all, () => options.trees.cell());
  }

  /** Adds what a starter may do to the tree of its kind. @returns where its list stands */
  grow(starter: number): number {
    const situation = this.#options.situation;
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
        const draws = this.#options.template.drawsOf(seen[0]!, situation.thingCount);
        reads.push(...draws.map((draw): Read => ({ what: 'draw', kind: draw, place: 0 })));
        if (draws.length > 0) continue;
      }
      const steps = this.#options.template.stepsOf(seen, situation.thingCount);
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
    const situation = this.#options.situation;
    const { things, thingCount } = situation;
    const placeOf = (thing: number) => things.subarray(0, thingCount).indexOf(thing);
    if (read.what === 'draw') return { read, place: seen };
    const { isFamily } = this.#options.situation.kinds.all[read.kind]!;
    if (read.what === 'actor') {
      const { numbers, forms, things: named } = situation.members[read.kind]!;
      const member = isFamily ? things[read.place]! : 0;
      const id = numbers[member]!;
      const places = named.slice(0, forms[id]!.things).map((of) => placeOf(of[member]!));
      return { read, form: { id, places } };
    }
    const { length, room, form } = situation.queues[read.kind]!;
    const count = length === 0 ? 0 : this.#options.template.forms.messages[form]!.things;
    const places = Array.from({ length: count }, (_, at) => placeOf(situation.queues[read.kind]!.thing(at)));
    return {
      read,
      queue: { length, room: Math.min(room, ROOM_MAX), head: length === 0 ? undefined : { id: form, places } },
    };
  }

  #keep(kind: number, reads: readonly Read[], values: readonly number[], steps: readonly LiftedStep[]): number {
    const { isFamily } = this.#options.situation.kinds.all[kind]!;
    const isOwn = (places: readonly number[]) => isFamily && places.every((place) => place === 0);
    const words = steps.map((step) => {
      const { places } = step.message;
      const things = places.length === 0 || isOwn(places) ? 0 : this.#add([places.length, ...places]);
      const timed = this.#options.clocks.timedOf({ starter: kind, ...step.timed });
      const taken = step.records.filter((record) => record.kind === 'taken').length;
      return [timed, taken + step.sights, this.#deltaOf(step), this.#extrasOf(step), things];
    });
    const things = words.some((step) => step[THINGS] !== 0) ? HAS_THINGS : 0;
    const strangers = this.#options.situation.thingCount > (isFamily ? 1 : 0) ? HAS_STRANGERS : 0;
    const list = this.#add([steps.length, things | strangers, ...words.flat()]);
    for (const read of reads.slice(1)) {
      const siblings = this.siblings[read.kind] ?? [];
      const isSibling =
        isFamily && read.what === 'actor' && read.place === 0 && this.#options.situation.isFamily[read.kind] === 1;
      const { base } = this.#options.situation.kinds.all[kind]!;
      if (isSibling && !siblings.includes(base)) siblings.push(base);
    }
    const codes = reads.map((read) => this.#options.situation.codeOf(read));
    if (!this.#options.trees.grow(this.cells[kind]!, codes, values, list)) {
      throw new Error('a step looked at other things than before in the same situation');
    }
    return list;
  }

  #add(words: readonly number[]): number {
    const at = this.#options.trees.pool.length;
    for (const word of words) this.#options.trees.pool.push(word);
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
    const isTimed = (kind: number) => this.#options.costs.links.has(this.#options.situation.kinds.all[kind]!.name);
    const passive = arms.find(
      ({ kind }) => this.#options.situation.kinds.all[kind]!.base >= this.#options.situation.kinds.starterCount,
    );
    if (passive)
      throw new Error(
        `"${this.#options.situation.kinds.all[passive.kind]!.name}" arms a timer, which its machine does not say`,
      );
    const effects = [
      ...(leaves !== undefined && isTimed(leaves) ? [LEAVE, 0, 0, leaves, 0] : []),
      ...arms.flatMap(({ kind, place, form, delay }) => [ARM, form, delay, kind, place]),
      ...pushes.flatMap(({ kind, transit }) => (transit === undefined ? [] : [SEND, 0, transit, kind, 0])),
    ];
    const keys: Placed[] = [];
    const { things } = this.#options.template.template;
    const operations = this.#options.measures().operationsOf(records, (key) => {
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
    return this.#add([effects.length / EFFECT, ...effects, counted.length, ...counted.flat()]);
  }
}
