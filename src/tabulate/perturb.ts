/**
 * Runs a function in a world whose clock and random source differ from the real ones, and tells whether it drew a random
 * number.
 *
 * A machine step that gives another result in here depends on something that is not in its state, and cannot be tabulated.
 * Running a step twice in the real world would miss a clock: both runs fall into the same millisecond. A random number
 * may by chance lead to the same result twice, so drawing one is found out by itself.
 */
const DAY_MS = 86_400_000;

export function inPerturbedWorld<T>(run: () => T): { result: T; drew: boolean } {
  const real = {
    Date: globalThis.Date,
    random: Math.random,
    now: performance.now,
  };
  let drew = false;
  class ShiftedDate extends real.Date {
    constructor(...parts: unknown[]) {
      if (parts.length === 0) super(real.Date.now() + DAY_MS);
      else super(...(parts as [number]));
    }
    static override now(): number {
      return real.Date.now() + DAY_MS;
    }
  }
  globalThis.Date = ShiftedDate as DateConstructor;
  Math.random = () => {
    drew = true;
    return (real.random.call(Math) + 0.5) % 1;
  };
  performance.now = () => real.now.call(performance) + DAY_MS;
  try {
    return { result: run(), drew };
  } finally {
    globalThis.Date = real.Date;
    Math.random = real.random;
    performance.now = real.now;
  }
}
