/** The steps that a slot may start in a state, also those that a refusal or a full channel disables, and where these end. */
import { ModelError } from '../system/errors.ts';
import type { StepRecord, Walker } from '../tabulate/walker.ts';

export interface Attempt {
  readonly records: readonly StepRecord[];
  readonly error?: ModelError;
}

/** In the order of the steps; one that breaks off with an error is the last. */
export function attemptsOf(walker: Walker, state: Int32Array, slot: number): Attempt[] {
  const records: StepRecord[] = [];
  let error: ModelError | undefined;
  walker.begin([slot]);
  walker.current.set(state);
  walker.record = records;
  try {
    while (walker.next());
  } catch (thrown) {
    walker.abort();
    if (!(thrown instanceof ModelError)) throw thrown;
    error = thrown;
  } finally {
    walker.record = undefined;
    walker.begin();
  }
  // Only what starts a step comes from nobody.
  const starts = records.flatMap(({ from }, at) => (from === undefined ? [at] : []));
  return starts.map((start, at) => ({
    records: records.slice(start, starts[at + 1]),
    ...(error && at === starts.length - 1 && { error }),
  }));
}
