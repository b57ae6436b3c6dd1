/** The owner's side of `decisions.ts`: lets the trees of predicates and gauges grow, by asking them what they read next. */
import { ModelError } from '../system/errors.ts';
import type { Envelope, SystemView } from '../system/property.ts';
import { answerOf, Interruption, type Showing } from '../tabulate/answers.ts';
import type { LocalState } from '../tabulate/stepper.ts';
import { PLACES_PER_KEY, placesIn, ROOT } from './decisions.ts';
import type { Forms } from './forms.ts';
import { type SharedBuffers, SharedMap, type SharedPool, UNWATCHED } from './shared-tables.ts';
import { notLiftable, type Template } from './template.ts';

/** A predicate or gauge to watch; of a family, that of thing 0. */
export interface WatchedPredicate {
  readonly name: string;
  readonly isFamily: boolean;
  readonly isAlways: boolean;
  /** Its place among the system's properties; of a gauge -1. */
  readonly rank: number;
  /** A whole number; of a predicate 1 when it is true. */
  value(view: SystemView): number;
}

export class PredicateTrees {
  /** Sampled predicates that turned out to be about all things of the population. */
  readonly unwatched = new Set<string>();
  readonly #template: Template;
  readonly #forms: Forms;
  readonly #buffers: SharedBuffers;
  readonly #table: SharedMap;
  readonly #pool: SharedPool;
  readonly #predicates: readonly WatchedPredicate[];

  constructor(
    template: Template,
    forms: Forms,
    buffers: SharedBuffers,
    pool: SharedPool,
    predicates: readonly WatchedPredicate[],
  ) {
    this.#template = template;
    this.#forms = forms;
    this.#buffers = buffers;
    this.#table = new SharedMap('values of predicates', buffers.decisions);
    this.#pool = pool;
    this.#predicates = predicates;
  }

  /** How many entries the table has. */
  get count(): number {
    return this.#table.count;
  }

  /** What a predicate says, or what it reads next, after it has read `path`: see `decisions.ts`. */
  grow(predicate: number, path: readonly number[]): number {
    const watched = this.#predicates[predicate]!;
    const { read, node, key } = this.#readSlots(predicate, path);
    let value: number;
    try {
      const asker = `property "${watched.name}"`;
      value = 1 + 2 * answerOf(asker, (showing) => watched.value(this.#viewOf(read, watched, showing, asker)));
    } catch (error) {
      if (error instanceof ReadsNext) {
        const { kind, thing } = error;
        value = 2 * this.#pool.add([kind, thing]);
        const isOwn = watched.isFamily && this.#template.owners[kind]?.isFamily === true && thing === 0;
        if (watched.isAlways) Atomics.or(this.#buffers.predicatesOf, kind, 1 << predicate);
        if (watched.isAlways && !isOwn) Atomics.or(this.#buffers.predicatesElsewhere, kind, 1 << predicate);
      } else {
        // What is only sampled may be about all things; nothing is wrong with that but that it cannot be seen here.
        if (watched.isAlways || !(error instanceof ModelError) || error.code !== 'not-liftable') throw error;
        this.unwatched.add(watched.name);
        value = 1 + 2 * UNWATCHED;
      }
    }
    const known = this.#table.get(node, ...key);
    if (known !== 0) return known;
    this.#table.set(node, ...key, value);
    return value;
  }

  /**
   * What was read on a path from the root of a predicate's tree, by names; the tree grows to the last but one of its nodes.
   *
   * @returns `node` and `key`: where the path ends, the rest of its entry in the table
   */
  #readSlots(predicate: number, path: readonly number[]): { read: ReadSlots; node: number; key: [number, number] } {
    const own = this.#predicates[predicate]!.isFamily ? 1 : 0;
    const read: ReadSlots = { locals: new Map(), channels: new Map(), things: own };
    let node = ROOT;
    let key: [number, number] = [predicate, 0];
    let at = 0;
    const pass = () => {
      let next = this.#table.get(node, ...key);
      if (next === 0) {
        // In the middle of a slot: nothing is read there.
        next = 2 * this.#pool.add([0, 0]);
        this.#table.set(node, ...key, next);
      }
      node = next;
      key = [path[at++]!, path[at++]!];
      return key[0];
    };
    const places = (count: number): number[] => {
      const found = placesIn(key[1], Math.min(count, PLACES_PER_KEY));
      while (found.length < count) {
        pass();
        found.push(...placesIn(key[1], Math.min(count - found.length, PLACES_PER_KEY)));
      }
      read.things = Math.max(read.things, ...found.map((place) => place + 1));
      return found;
    };
    while (at < path.length) {
      const second = pass();
      const [kind, thing] = [this.#pool.words[node >> 1]!, this.#pool.words[(node >> 1) + 1]!];
      if (kind < this.#template.owners.length) {
        const { owner, local, things } = this.#forms.states[second]!;
        const name = owner.names[owner.isFamily ? thing : 0]!;
        read.locals.set(name, this.#forms.imageOf(second, owner, local, places(things)));
        continue;
      }
      const content: Envelope[] = [];
      for (let message = 0; message < second; message++) {
        const { owner, event, things } = this.#forms.messages[pass()]!;
        const moves = places(things);
        content.push({
          to: owner.names[owner.isFamily ? moves[0]! : 0]!,
          event: this.#template.things.rename(event, moves),
        });
      }
      read.channels.set(this.#template.channels[kind - this.#template.owners.length]![0], content);
    }
    return { read, node, key };
  }

  #viewOf(read: ReadSlots, { name: property }: WatchedPredicate, showing: Showing, asker: string): SystemView {
    return {
      get: (name: string) => {
        const local = read.locals.get(name);
        if (local) return showing.snapshot(name, local, asker);
        const place = this.#template.ownerOf.get(name);
        if (!place) throw new ModelError('unknown-actor', `a property reads the actor "${name}", which does not exist`);
        if (place.owner.isFamily && place.thing >= read.things) {
          throw notLiftable(
            `"${property}" looks at ${name}, whatever the state: it is about all things of the population`,
          );
        }
        throw new ReadsNext(place.owner.kind, place.owner.isFamily ? place.thing : 0);
      },
      channel: (name: string) => {
        const content = read.channels.get(name);
        if (content) return showing.data(content, []);
        const at = this.#template.channels.findIndex(([channel]) => channel === name);
        if (at < 0)
          throw new ModelError('unknown-actor', `a property reads the channel "${name}", which does not exist`);
        throw new ReadsNext(this.#template.owners.length + at, 0);
      },
    };
  }
}

interface ReadSlots {
  readonly locals: Map<string, LocalState>;
  readonly channels: Map<string, Envelope[]>;
  /** So many things are known to the predicate. */
  things: number;
}

class ReadsNext extends Interruption {
  readonly kind: number;
  readonly thing: number;

  constructor(kind: number, thing: number) {
    super();
    this.kind = kind;
    this.thing = thing;
  }
}
