/**
 * A breadth-first search in a page, with and without symmetry, over the tables: what `Search` does, with a `Map` for a store, so
 * that the reduction can be judged by itself.
 */
import { expect } from 'vitest';
import { concretePath } from '../../src/explore/symmetric-path.ts';
import { Symmetry } from '../../src/explore/symmetry.ts';
import { ModelError } from '../../src/system/errors.ts';
import type { MessagePattern } from '../../src/system/property.ts';
import type { System } from '../../src/system/system.ts';
import { deadEndProperties } from '../../src/tabulate/dead-end.ts';
import { failingStep, findStep, type Path } from '../../src/tabulate/path.ts';
import { Predicate } from '../../src/tabulate/predicate.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';

export interface Explored {
  readonly verdict: 'holds' | 'violated' | 'unknown' | 'model-error';
  readonly property?: string;
  readonly code?: string;
  readonly error?: string;
  /** To the violation or the error, in the system itself. */
  readonly path?: Path;
  readonly states: number;
  readonly steps: number;
  readonly depth: number;
  readonly seconds: number;
  readonly tables: Tables;
  readonly symmetry: Symmetry | undefined;
  readonly vectors: readonly Int32Array[];
}

interface Check {
  readonly name: string;
  /** In this very state. */
  readonly here: (state: Int32Array) => boolean;
  /** In some image of the state. */
  readonly anywhere: (state: Int32Array) => boolean;
}

export function explore(system: System, options: { symmetry: boolean; maxStates?: number }): Explored {
  const started = performance.now();
  const tables = new Tables(system);
  const symmetry = options.symmetry ? new Symmetry(tables) : undefined;
  const walker = new Walker(tables);
  const { checks, witnesses, awaited } = questions(tables, symmetry);
  const unwitnessed = new Set([...witnesses.keys(), ...awaited.keys()]);
  const vectors: Int32Array[] = [];
  const parents: number[] = [];
  const levels: number[] = [];
  const known = new Set<string>();
  /** The messages that were looked at: they never witness more than they did. */
  const witnessing = new Set<number>();
  let steps = 0;

  const result = (verdict: Explored['verdict'], more: Partial<Explored> = {}): Explored => {
    const seconds = (performance.now() - started) / 1000;
    return {
      verdict,
      states: vectors.length,
      steps,
      depth: levels.at(-1) ?? 0,
      seconds,
      tables,
      symmetry,
      vectors,
      ...more,
    };
  };
  const pathTo = (state: number, isEnd?: (state: Int32Array) => boolean): Path | undefined => {
    if (!symmetry) return undefined;
    const representatives: Int32Array[] = [];
    for (let at = state; at >= 0; at = parents[at]!) representatives.unshift(vectors[at]!);
    return concretePath(symmetry, new Walker(tables), representatives, isEnd);
  };
  const witnessMessages = (anyImage: boolean) => {
    for (const message of walker.watched) {
      if (anyImage && witnessing.has(message)) continue;
      if (anyImage) witnessing.add(message);
      const { to, event } = tables.messages[message]!;
      const alike = anyImage && symmetry ? symmetry.imagesOfMessage(message) : [{ to: tables.actors[to]!.name, event }];
      for (const [name, pattern] of awaited) {
        if (alike.some((image) => matches(pattern, image))) unwitnessed.delete(name);
      }
    }
  };
  /** Adds a state; the property that it or one of its images violates, or undefined. */
  const add = (state: Int32Array, parent: number): { check: Check; state: number } | undefined => {
    const vector = Int32Array.from(state);
    symmetry?.canonicalise(vector);
    const key = vector.join();
    if (known.has(key)) return undefined;
    known.add(key);
    vectors.push(vector);
    parents.push(parent);
    levels.push(parent < 0 ? 0 : levels[parent]! + 1);
    for (const [name, holds] of witnesses) if (unwitnessed.has(name) && holds(vector)) unwitnessed.delete(name);
    const check = checks.find(({ anywhere }) => anywhere(vector));
    return check && { check, state: vectors.length - 1 };
  };
  const violation = ({ check, state }: { check: Check; state: number }) => {
    const path = pathTo(state, check.here);
    return result('violated', { property: check.name, ...(path && { path }) });
  };

  let at = -1;
  try {
    tables.onMessage = (message) => {
      tables.messageWatch.data[message] = 1;
    };
    for (let message = 0; message < tables.messages.length; message++) tables.onMessage(message);
    walker.start();
    witnessMessages(false);
    symmetry?.requireInvariant([walker.current]);
    const found = add(walker.current, -1);
    if (found) return violation(found);
    for (at = 0; at < vectors.length; at++) {
      walker.begin();
      walker.current.set(vectors[at]!);
      let enabled = 0;
      while (walker.next()) {
        enabled++;
        witnessMessages(true);
        const found = add(walker.current, at);
        if (found) return violation(found);
        if (vectors.length > (options.maxStates ?? Number.POSITIVE_INFINITY)) return result('unknown');
      }
      steps += enabled;
      const [property] = enabled === 0 ? deadEndProperties(tables, vectors[at]!) : [];
      if (property === undefined) continue;
      const path = pathTo(at, (state) => deadEndProperties(tables, state)[0] === property);
      return result('violated', { property, ...(path && { path }) });
    }
    symmetry?.settle();
  } catch (error) {
    walker.abort();
    const failed = failure(error);
    if (failed.code === 'not-symmetric' || at < 0) return result('model-error', failed);
    try {
      const path = pathTo(at);
      const failing = path && failingStep(new Walker(tables), path.steps.at(-1)?.state ?? path.initial);
      if (!failing) return result('model-error', failed);
      return result('model-error', { ...failed, path: { ...path, steps: [...path.steps, failing], failed: true } });
    } catch (other) {
      // Looking for the path tries steps that the search had not come to.
      return result('model-error', failure(other));
    }
  }
  const missing = system.properties.find(({ name }) => unwitnessed.has(name));
  return missing ? result('violated', { property: missing.name }) : result('holds');
}

function failure(error: unknown): { code: string; error: string } {
  if (!(error instanceof ModelError)) throw error;
  return { code: error.code, error: error.message };
}

function questions(tables: Tables, symmetry: Symmetry | undefined) {
  const checks: Check[] = [];
  const witnesses = new Map<string, (state: Int32Array) => boolean>();
  const awaited = new Map<string, MessagePattern>();
  let slot = tables.actorCount;
  for (const property of tables.system.properties) {
    const { name } = property;
    const asked = (test: (view: never) => boolean) => {
      const here = new Predicate(name, tables, test as never);
      const anywhere = symmetry?.anyImage(name, test as never) ?? here;
      return {
        here: (state: Int32Array) => here.evaluate(state),
        anywhere: (state: Int32Array) => anywhere.evaluate(state),
      };
    };
    if (property.kind === 'always') checks.push({ name, ...asked((view) => !property.holds(view)) });
    else if (property.kind === 'reachable') witnesses.set(name, asked((view) => property.witness(view)).anywhere);
    else if (property.kind === 'happens') awaited.set(name, property.message);
    else {
      const mine = slot++;
      const isViolated = (state: Int32Array, at: number) =>
        tables.actors[at]!.locals[state[at]!]!.snapshot.hasTag('violation');
      const all = symmetry?.orbitOf(mine) ?? [mine];
      checks.push({
        name,
        here: (state) => isViolated(state, mine),
        anywhere: (state) => all.some((other) => isViolated(state, other)),
      });
    }
  }
  return { checks, witnesses, awaited };
}

function matches(pattern: MessagePattern, { to, event }: { to: string; event: { type: string } }): boolean {
  if (pattern.type !== event.type || (pattern.to !== undefined && pattern.to !== to)) return false;
  return pattern.where?.(event as never) ?? true;
}

/** Every step of a path is the one of its index among the enabled steps of the state before it. */
export function expectRealPath({ tables }: Pick<Explored, 'tables'>, { initial, steps, failed }: Path): void {
  const walker = new Walker(tables);
  let at = initial;
  for (const step of failed ? steps.slice(0, -1) : steps) {
    expect(findStep(walker, at, ({ index }) => index === step.index)?.state).toEqual(step.state);
    at = step.state;
  }
}

/** What a full search would count: the sizes of all orbits, and the enabled steps of their states. */
export function statesInOrbits({ symmetry, vectors, tables }: Explored): { states: number; steps: number } {
  const walker = new Walker(tables);
  let [states, steps] = [0, 0];
  for (const vector of vectors) {
    const images = Array.from({ length: symmetry!.size }, (_, element) => symmetry!.image(element, vector).join());
    const size = new Set(images).size;
    states += size;
    walker.begin();
    walker.current.set(vector);
    while (walker.next()) steps += size;
    walker.begin();
  }
  return { states, steps };
}
