/** The naive twin and the fast engine behind one face, for the tests that hold them to the same semantics. */
import { check } from '../src/explore/check.ts';
import { ModelError } from '../src/system/errors.ts';
import type { System } from '../src/system/system.ts';
import { checkNaively } from './naive-checker.ts';

export interface Outcome {
  verdict: string;
  property: string | undefined;
  states: number;
  steps: number;
  depth: number;
  /** Steps to the violation or the model error, the failing step included. */
  length: number | undefined;
  /** The code of a model error. */
  code: string | undefined;
}

export interface Engine {
  name: string;
  run(
    system: System,
    options?: { maxStates?: number; symmetry?: boolean; properties?: readonly string[] },
  ): Promise<Outcome>;
}

export const naiveTwin: Engine = {
  name: 'naive twin',
  async run(system, options) {
    const { verdict, property, states, steps, depth, trace, errorCode } = checkNaively(system, options);
    return { verdict, property, states, steps, depth, length: trace?.length, code: errorCode };
  },
};

export const fastEngine: Engine = {
  name: 'fast engine',
  async run(system, options) {
    try {
      const { verdict, property, states, steps, depth, path, error } = await check(system, options);
      const kind = system.properties.find(({ name }) => name === property)?.kind;
      // The twin says whether there is a run that violates a property of progress, but tells none.
      const isTold =
        path?.cycleStart === undefined &&
        path?.stops === undefined &&
        kind !== 'eventually' &&
        kind !== 'leadsTo' &&
        kind !== 'infinitelyOften';
      const length = isTold ? path?.steps.length : undefined;
      return { verdict, property, states, steps, depth, length, code: error?.code };
    } catch (error) {
      // A definition that cannot be tabulated at all.
      if (!(error instanceof ModelError)) throw error;
      const none = { property: undefined, states: 0, steps: 0, depth: 0, length: undefined };
      return { ...none, verdict: 'model-error', code: error.code };
    }
  },
};
