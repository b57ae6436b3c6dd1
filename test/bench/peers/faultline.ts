/**
 * One search by Faultline in a process of its own, for `peers.ts`:
 * `node --import tsx test/bench/peers/faultline.ts <scenario> <variant> <parameters as JSON> <workers> [reduced]`.
 * Prints one line of JSON.
 */
import { catalogue } from '../../../machines/races/index.ts';
import { type CheckResult, check } from '../../../src/explore/check.ts';
import { Threads } from '../../../src/explore/threads.ts';
import type { System } from '../../../src/system/system.ts';

const [name, variant, parameters, workers, reduced] = process.argv.slice(2);
const scenario = catalogue.find((candidate) => candidate.name === name);
if (!scenario) throw new Error(`the catalogue has no ${name}`);
const system = scenario.build(scenario.parameters.parse(JSON.parse(parameters!)), variant!);
const result = await search(system, Number(workers));
const { verdict, property, states, steps, depth, seconds, bytesPerState, path } = result;
process.stdout.write(
  `${JSON.stringify({ verdict, property, states, steps, depth, seconds, bytesPerState, traceLength: path?.steps.length })}\n`,
);

/** Without reductions unless they are asked for, so that states and steps can be compared. */
async function search(target: System, count: number): Promise<CheckResult> {
  const threads = count > 1 ? new Threads(count) : undefined;
  try {
    return await check(target, { symmetry: reduced === 'reduced', ...(threads && { threads }) });
  } finally {
    await threads?.close();
  }
}
