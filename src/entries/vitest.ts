/**
 * `faultline/vitest`: matchers for tests. `import 'faultline/vitest'` in a setup file, or in the test, is all it takes (docs/testing.md).
 */
import { expect } from 'vitest';
import type { CheckOptions } from '../explore/check.ts';
import { type StatePredicate, toHold, toReach, toViolate, type WithinOptions } from '../vitest/matchers.ts';
import type { Outcome } from '../vitest/subject.ts';

export type { StatePredicate, WithinOptions } from '../vitest/matchers.ts';

/** To be awaited, each of them. */
export interface FaultlineMatchers {
  /**
   * The whole space of the system is searched, and nothing is violated. A search that a bound or a signal stops is no pass. There is no
   * `.not.toHold()`: say what is violated, by `toViolate`.
   */
  toHold(options?: CheckOptions): Promise<void>;
  /**
   * The property of that name is violated, by a shortest trace of at most `within` steps. `.not`: it holds, or its shortest trace is longer.
   */
  toViolate(property: string, options?: WithinOptions): Promise<void>;
  /**
   * Some state is as the `reachable` property of that name says, or as the predicate does, after at most `within` steps; or the message of
   * a `happens` property is taken. `.not`: the whole space was searched, and there is none.
   */
  toReach(goal: string | StatePredicate, options?: WithinOptions): Promise<void>;
}

declare module 'vitest' {
  // vitest's own has a type parameter, which a declaration that is merged has to repeat.
  interface Matchers<T> extends FaultlineMatchers {}
}

expect.extend({
  async toHold(received: unknown, options?: CheckOptions) {
    return await hinted(() => toHold(this.isNot, received, options));
  },
  async toViolate(received: unknown, property: string, options?: WithinOptions) {
    return await hinted(() => toViolate(this.isNot, received, property, options));
  },
  async toReach(received: unknown, goal: string | StatePredicate, options?: WithinOptions) {
    return await hinted(() => toReach(this.isNot, received, goal, options));
  },
});

/** Of an error vitest shows the message alone; what to do is in our hints. */
async function hinted(match: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await match();
  } catch (error) {
    const hint = error instanceof Error && 'hint' in error ? String(error.hint) : '';
    if (hint === '') throw error;
    throw new Error(`${(error as Error).message}\n${hint}`, { cause: error });
  }
}
