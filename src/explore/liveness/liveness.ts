/**
 * Properties of progress, decided on the graph that a finished search leaves behind: `eventually`, `leadsTo`, `infinitelyOften`
 * and the `hot` states of monitors.
 *
 * Each is violated by a fair run that stays in a *region* for ever, or ends in it: the states that do not satisfy the goal, or in
 * which the monitor is hot. What differs is where runs come into the region. So each is a search for fair components
 * (`fair-components.ts`) of one region, and the run that is told is a lasso into one of them (`lasso.ts`). Sound and complete:
 * of a finite graph every run without an end stays in one component from some point on, and a component has a fair cycle or not.
 *
 * The properties are decided in the order of their declaration, and the first that is violated ends it; where all violations are asked
 * for, each is decided that the search has not found violated.
 *
 * A search that was cut short leaves a part of the graph behind. Runs within what it has expanded are runs of the whole, so a
 * violation found there is one; that there is none means nothing.
 */
import { ModelError } from '../../system/errors.ts';
import type { Property } from '../../system/property.ts';
import { checkFairTypes, FairEntities } from '../../tabulate/fairness.ts';
import type { Path } from '../../tabulate/path.ts';
import { Predicate } from '../../tabulate/predicate.ts';
import type { Tables } from '../../tabulate/tables.ts';
import type { Search } from '../search.ts';
import { FairComponents, type Region } from './fair-components.ts';
import { Graph } from './graph.ts';
import { pathOf, type Stems, shortestLasso, shortestWay, stemsFromStart } from './lasso.ts';

/** The path is a lasso, or leads to where a run may end. */
export interface ProgressViolation {
  readonly property: string;
  readonly path: Path;
  readonly deadEnd: boolean;
}

/** The region of a property, and how runs come into it. */
interface Obligation {
  readonly property: string;
  readonly region: Region;
  readonly stems: Stems;
}

export class Liveness {
  /** In the order of declaration; one at most, unless all are asked for. */
  readonly violations: ProgressViolation[] = [];
  /** A property cannot be evaluated in the last state of the path. */
  error: { readonly error: ModelError; readonly path: Path } | undefined;
  /** Memory of the search and this together, at the most so far. */
  bytesMax: number;

  readonly #search: Search;
  readonly #tables: Tables;
  readonly #properties: readonly Property[];
  readonly #state: Int32Array;
  #decided = 0;
  #graph: Graph | undefined;
  #components: FairComponents | undefined;
  /** The state that a predicate is being asked about. */
  #at = -1;

  /** @param search one that has come to its end without a finding, or was cut short; it cannot go on after this */
  constructor(search: Search) {
    this.#search = search;
    this.#tables = search.tables;
    this.#properties = search.tables.system.properties.filter(
      (property) => asksForProgress(property) && !search.violations?.has(property.name),
    );
    this.#state = new Int32Array(search.tables.slotCount);
    this.bytesMax = search.bytes;
  }

  /** Whether a property is decided as far as the graph goes: it holds there, or it is violated. */
  isDecided(property: string): boolean {
    return this.#properties.findIndex(({ name }) => name === property) < this.#decided;
  }

  /** States that are still to be looked at, at most. */
  get waiting(): number {
    const rounds = this.#properties.length - this.#decided;
    return Math.max(0, rounds * this.#search.states - (this.#components?.visited ?? 0));
  }

  /** The graph, once there is one: other threads may link its states between two turns. */
  get graph(): Graph | undefined {
    return this.#graph;
  }

  /** Yields now and then, so that its caller can stop it. @throws StoreFull, ModelError `bad-definition` */
  *run(): Generator<void, void> {
    // In what is not searched a timer may be armed whose name looks like a mistake so far.
    if (this.#search.done) checkFairTypes(this.#tables);
    const { budget } = this.#search;
    const graph = new Graph(this.#search, new FairEntities(this.#tables));
    this.#graph = graph;
    yield* graph.prepare();
    const components = new FairComponents(graph, budget);
    this.#components = components;
    try {
      for (const property of this.#properties) {
        yield;
        const { region, stems } = this.#obligationOf(property);
        const contains = (state: number) => graph.isExpanded(state) && region.contains(state);
        yield* components.search(this.#search.done ? region : { ...region, contains });
        this.#noteBytes();
        this.#decided++;
        if (components.found === 0) continue;
        const lasso = yield* shortestLasso(graph, components, stems, budget);
        this.#noteBytes();
        const path = pathOf(graph, this.#tables, lasso);
        const deadEnd = path.cycleStart === undefined && path.stops === undefined;
        this.violations.push({ property: property.name, path, deadEnd });
        if (!this.#search.violations) return;
      }
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      if (this.#at < 0) {
        // A step that fails, of a state whose steps a thread was about to look at when the search was stopped.
        if (!this.#search.done) return;
        throw error;
      }
      const stem = yield* shortestWay(graph, this.#at, components.scratch, budget);
      const { stops: _, ...path } = pathOf(graph, this.#tables, { stem, cycle: [] });
      this.error = { error, path };
    }
  }

  #noteBytes(): void {
    this.bytesMax = Math.max(this.bytesMax, this.#search.bytes);
  }

  #obligationOf(property: Property): Obligation {
    const { name } = property;
    const { initials } = this.#graph!;
    switch (property.kind) {
      case 'eventually': {
        const contains = this.#not(name, property.goal);
        return {
          property: name,
          region: { contains, isRoot: (state) => initials.includes(state) },
          stems: stemsFromStart(initials, contains),
        };
      }
      case 'leadsTo': {
        const contains = this.#not(name, property.goal);
        const triggered = this.#test(name, property.trigger);
        const isRoot = (state: number) => triggered(state) && contains(state);
        return { property: name, region: { contains, isRoot }, stems: this.#stemsFrom(isRoot, contains) };
      }
      case 'infinitelyOften': {
        const contains = this.#not(name, property.goal);
        return {
          property: name,
          region: { contains, isRoot: () => true },
          stems: stemsFromStart(initials, () => true),
        };
      }
      case 'monitor': {
        const contains = this.#isHot(name);
        return {
          property: name,
          region: { contains, isRoot: () => true },
          stems: stemsFromStart(initials, () => true),
        };
      }
      default:
        throw new Error(`${property.kind} is no property of progress`);
    }
  }

  #test(name: string, test: (view: never) => boolean): (state: number) => boolean {
    const predicate = new Predicate(name, this.#tables, test as ConstructorParameters<typeof Predicate>[2]);
    return (state) => {
      this.#at = state;
      this.#graph!.load(state, this.#state);
      const value = predicate.evaluate(this.#state);
      this.#at = -1;
      return value;
    };
  }

  #not(name: string, goal: (view: never) => boolean): (state: number) => boolean {
    const test = this.#test(name, goal);
    return (state) => !test(state);
  }

  #isHot(name: string): (state: number) => boolean {
    const { slot, locals } = this.#tables.actors.find(
      (actor, at) => at >= this.#tables.actorCount && actor.name === name,
    )!;
    const isHot = locals.map(({ snapshot }) => snapshot.hasTag('hot'));
    return (state) => {
      this.#graph!.load(state, this.#state);
      return isHot[this.#state[slot]!]!;
    };
  }

  /** Stems through states that a search has met level by level; where it has not, they are as good as any. */
  #stemsFrom(isRoot: (state: number) => boolean, mayPass: (state: number) => boolean): Stems {
    const search = this.#search;
    const graph = this.#graph!;
    const { levelCount } = search;
    return {
      mayPass,
      *sourcesAt(depth) {
        if (depth >= levelCount) return;
        for (const { row, columns } of search.statesOf(depth)) {
          for (const column of columns) {
            const state = graph.numberOf(row, column);
            if (isRoot(state)) yield state;
          }
        }
      },
      isSource: (state, depth) => depth < levelCount && isRoot(state) && graph.isIn(search.statesOf(depth), state),
      lastDepth: levelCount - 1,
    };
  }
}

/** Whether a property speaks of what happens in the end, so that cycles have to be looked at. */
export function asksForProgress(property: Property): boolean {
  switch (property.kind) {
    case 'eventually':
    case 'leadsTo':
    case 'infinitelyOften':
      return true;
    case 'monitor':
      return mayBeHot(property.machine.root);
    default:
      return false;
  }
}

interface Tagged {
  readonly tags: readonly string[];
  readonly states: Readonly<Record<string, Tagged>>;
}

function mayBeHot({ tags, states }: Tagged): boolean {
  return tags.includes('hot') || Object.values(states).some(mayBeHot);
}
