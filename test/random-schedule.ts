import type { System } from '../src/system/system.ts';
import { forEachStep, type PathStep } from '../src/tabulate/path.ts';
import { Tables } from '../src/tabulate/tables.ts';
import { Walker } from '../src/tabulate/walker.ts';

/** A schedule that goes wherever `draw` says, up to a dead end or a model error. */
export function randomSchedule(system: System, length: number, draw: (below: number) => number): string {
  const walker = new Walker(new Tables(system));
  walker.start();
  let state: Int32Array = walker.current.slice();
  const schedule: number[] = [];
  while (schedule.length < length) {
    const steps: PathStep[] = [];
    try {
      forEachStep(walker, state, (step) => steps.push({ ...step, state: step.state.slice() }));
    } catch {
      // The step after these fails.
      schedule.push(draw(steps.length + 1));
      break;
    }
    if (steps.length === 0) break;
    const step = steps[draw(steps.length)]!;
    schedule.push(step.index);
    state = step.state;
  }
  return schedule.join('/');
}
