/** A worker thread of `simulate`: some runs of one system. */
import { dealtRuns, type Failure } from '../src/cli/dealt-simulation.ts';
import type { DealtRuns, RunsMade } from '../src/cli/simulators.ts';
import { catalogue, studies } from './catalogue.ts';

export default async function simulate(asked: DealtRuns): Promise<RunsMade | Failure> {
  return await dealtRuns(asked, { catalogue, studies });
}
