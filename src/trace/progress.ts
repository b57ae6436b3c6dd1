/**
 * Which properties of progress a single run violates: one that ends, one that stops, or one that goes round a cycle for ever. It is read off the
 * run itself, state by state, so it is independent of how the run was found.
 */
import type { Property } from '../system/property.ts';
import { type CycleStep, type StepStart, unfairTo } from '../tabulate/fairness.ts';
import { type Path, type PossibleStep, possibleSteps } from '../tabulate/path.ts';
import { Predicate } from '../tabulate/predicate.ts';
import { DELIVER, DUPLICATE, LOSE, type Tables } from '../tabulate/tables.ts';
import { START, Walker } from '../tabulate/walker.ts';

/** The properties of progress that a run violates; that it is fair, or that nothing can follow its end, is another question. */
export function violatedProgress(tables: Tables, path: Path): string[] {
  const states = statesAlong(path);
  const { cycleStart = states.length - 1 } = path;
  const violates = (property: Property): boolean => {
    const test = (holds: (view: never) => boolean) => {
      const predicate = new Predicate(property.name, tables, holds as ConstructorParameters<typeof Predicate>[2]);
      return (state: Int32Array) => predicate.evaluate(state);
    };
    switch (property.kind) {
      case 'eventually':
        return !states.some(test(property.goal));
      case 'leadsTo': {
        const isGoal = test(property.goal);
        const isTrigger = test(property.trigger);
        // What triggers it within the cycle does so in each round, and the whole round comes after it.
        return states.some(
          (state, at) => isTrigger(state) && !states.slice(Math.min(at, cycleStart)).some((later) => isGoal(later)),
        );
      }
      case 'infinitelyOften':
        return !states.slice(cycleStart).some(test(property.goal));
      case 'monitor': {
        const { slot, locals } = tables.actors.find(
          (actor, at) => at >= tables.actorCount && actor.name === property.name,
        )!;
        return states.slice(cycleStart).every((state) => locals[state[slot]!]!.snapshot.hasTag('hot'));
      }
      default:
        return false;
    }
  };
  return tables.system.properties.filter(violates).map(({ name }) => name);
}

/** What a run that goes round a cycle, or stops, leaves out for ever although fairness is asked for it. */
export function unfairnessOf(tables: Tables, path: Path): string[] {
  const { steps, cycleStart, stops } = path;
  if (stops) return unfairTo(tables, [{ enabled: stops.map(startOf) }]);
  if (cycleStart === undefined) return [];
  const walker = new Walker(tables);
  const states = statesAlong(path);
  const cycle = steps.slice(cycleStart).map((taken, at): CycleStep => {
    const enabled = possibleSteps(walker, states[cycleStart + at]!);
    return { taken: startOf(taken), enabled: enabled.map(startOf) };
  });
  return unfairTo(tables, cycle);
}

/** The initial state first. */
function statesAlong({ initial, steps }: Path): Int32Array[] {
  return [initial, ...steps.map(({ state }) => state)];
}

const KINDS = { deliver: DELIVER, duplicate: DUPLICATE, lose: LOSE, start: START };

export function startOf({ kind, message, channelSlot }: PossibleStep): StepStart {
  return { kind: KINDS[kind], message, channelSlot };
}
