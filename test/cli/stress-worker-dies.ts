/** A thread of a stress run that dies when it has asked a few questions, in the middle of a step, for `stress.test.ts`. */
import { LineFiller } from '../../src/stress/line.ts';
import type { ThreadJob } from '../../src/stress/run-shape.ts';
import { UnitRunner } from '../../src/stress/unit-runner.ts';

class ShortLivedFiller extends LineFiller {
  #left = 150;

  override reaction(state: number, message: number, places: number): number {
    if (--this.#left === 0) throw new Error('out of luck');
    return super.reaction(state, message, places);
  }
}

export default function run([job]: readonly ThreadJob[]): void {
  new UnitRunner(job!, new ShortLivedFiller(job!.line)).run();
}
