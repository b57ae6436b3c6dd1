/** Which sibling states of a machine are alike but for the number in their names, and what they become. */
import { type GraphState, type GraphTransition, isWithin, type MachineGraph, ROOT } from './machine-graph.ts';
import type { Marks } from './marks.ts';
import { freeName, oneRun, unnumbered } from './number-runs.ts';

const FAMILY_MIN = 3;

export interface Family {
  /** What stands for them: `page3 … page40`, or `page*` where there are gaps. */
  readonly name: string;
  /** Their paths. */
  readonly members: readonly string[];
}

/** One step of the way from the machine to a state: the family, and which of its members. */
export interface Membership {
  readonly family: Family;
  readonly index: number;
}

/** What a state becomes, and the members of families that it lies in, the outermost first. */
export interface Place {
  readonly path: string;
  readonly memberships: readonly Membership[];
}

/** Invariant: states that become one have the same shape, and the same transitions but for their number. */
export class Families {
  readonly #graph: MachineGraph;
  readonly #marks: Marks;
  readonly #states: ReadonlyMap<string, GraphState>;
  readonly #bySource = new Map<string, GraphTransition[]>();
  readonly #places = new Map<string, Place>();

  constructor(graph: MachineGraph, marks: Marks) {
    this.#graph = graph;
    this.#marks = marks;
    this.#states = new Map(graph.states.map((state) => [state.path, state]));
    for (const transition of graph.transitions) {
      const known = this.#bySource.get(transition.source);
      if (known) known.push(transition);
      else this.#bySource.set(transition.source, [transition]);
    }
    this.#places.set(ROOT, { path: ROOT, memberships: [] });
    this.#visit(ROOT);
  }

  placeOf(path: string): Place {
    return this.#places.get(path)!;
  }

  #visit(parent: string): void {
    const { children } = this.#states.get(parent)!;
    const { path: outer, memberships } = this.placeOf(parent);
    const names = new Set(children.map((child) => this.#states.get(child)!.name));
    const within = (name: string) => (outer === ROOT ? name : `${outer}.${name}`);
    for (const members of this.#alikeIn(parent)) {
      const [first, ...others] = members as [string, ...string[]];
      if (others.length === 0) {
        const key = parent === ROOT ? first : first.slice(parent.length + 1);
        this.#places.set(first, { path: within(starred(key, memberships)), memberships });
        this.#visit(first);
        continue;
      }
      const keys = members.map((member) => this.#states.get(member)!.name);
      const name = freeName(oneRun(keys) ?? unnumbered(keys[0]!), names);
      const family: Family = { name: starred(name, memberships), members };
      const place = (index: number): Place => ({
        path: within(family.name),
        memberships: [...memberships, { family, index }],
      });
      this.#places.set(first, place(0));
      this.#visit(first);
      const shape = this.#inside(first);
      for (const [at, member] of others.entries()) {
        this.#places.set(member, place(at + 1));
        // What lies inside is alike, state for state.
        for (const [position, { path }] of this.#inside(member).entries()) {
          const model = this.placeOf(shape[position]!.path);
          const deeper = model.memberships.slice(memberships.length + 1);
          this.#places.set(path, { path: model.path, memberships: [...place(at + 1).memberships, ...deeper] });
        }
      }
    }
  }

  /** The children of a state: those that are alike together, the others alone. */
  #alikeIn(parent: string): string[][] {
    const { children, initial } = this.#states.get(parent)!;
    const groups = new Map<string, string[]>();
    for (const child of children) {
      const isInitial = initial !== null && isWithin(initial.target, child);
      const key = isInitial || !/\d/.test(this.#states.get(child)!.name) ? child : this.#signature(child, parent);
      const group = groups.get(key);
      if (group) group.push(child);
      else groups.set(key, [child]);
    }
    return [...groups.values()].flatMap((group) =>
      group.length >= FAMILY_MIN ? [group] : group.map((child) => [child]),
    );
  }

  #inside(path: string): GraphState[] {
    return this.#graph.states.filter((state) => state.path !== path && isWithin(state.path, path));
  }

  /** All that a picture shows of a state, with its own number replaced. */
  #signature(member: string, parent: string): string {
    const top = this.#states.get(member)!;
    const own = new Set(numbersIn(top.name));
    const star = (text: string) => withStars(text, own);
    const stars = (texts: readonly string[]) => texts.map(star);
    const from = parent === ROOT ? 0 : parent.length + 1;
    const place = (path: string) => {
      if (isWithin(path, member)) return `.${star(path.slice(member.length))}`;
      // Another of its kind is as good as the next.
      return isWithin(path, parent) && path !== ROOT ? `/${unnumbered(path.slice(from))}` : `#${path}`;
    };
    const parts = [top, ...this.#inside(member)].map((state) => [
      place(state.path),
      state.kind,
      state.initial && [place(state.initial.target), stars(state.initial.actions)],
      [state.history, state.historyDefault.map(place), state.description && star(state.description)],
      [stars(state.entry), stars(state.exit), stars(state.tags), state.output && star(state.output)],
      state.invokes.map(({ name, src, id, systemId }) => [name, src, id, systemId].map((text) => text && star(text))),
      this.#marks.states.get(state.path),
      (this.#bySource.get(state.path) ?? []).map(({ event, guard, actions, targets, reenter, forbidden, of, id }) => [
        [star(event), guard && star(guard), stars(actions), targets.map(place)],
        [reenter, forbidden, of, this.#marks.transitions.get(id)],
      ]),
    ]);
    return JSON.stringify([unnumbered(top.name), parts]);
  }
}

export function numbersIn(text: string): string[] {
  return text.match(/\d+/g) ?? [];
}

/** A text with `*` for each of the numbers in it. */
export function withStars(text: string, numbers: ReadonlySet<string>): string {
  return text.replaceAll(/\d+/g, (number) => (numbers.has(number) ? '*' : number));
}

/** A text with `*` for what tells the members of a family apart. */
export function starred(text: string, memberships: readonly Membership[]): string {
  const numbers = memberships.flatMap(({ family, index }) => numbersIn(keyOf(family.members[index]!)));
  return withStars(text, new Set(numbers));
}

/** The last key of a path; a dot in a key is written `\.`. */
export function keyOf(path: string): string {
  return path.split(/(?<!\\)\./).at(-1)!;
}
