/**
 * One search by Faultline in a process of its own, for `peers.ts`:
 * `node --import tsx test/bench/peers/faultline.ts <scenario> <variant> <parameters as JSON> <workers>`.
 * Prints one line of JSON.
 */
import { catalogue } from '../../../machines/scenarios/index.ts';
import { type CheckResult, check } from '../../../src/explore/check.ts';
import type { System } from '../../../src/system/system.ts';

const [name, variant, parameters, workers] = process.argv.slice(2);
const scenario = catalogue.find((candidate) => candidate.name === name);
if (!scenario) throw new Error(`the catalogue has no ${name}`);
const system = scenario.build(scenario.parameters.parse(JSON.parse(parameters!)), variant!);
const result = await search(system, Number(workers));
const { verdict, property, states, steps, depth, seconds, bytesPerState, path } = result;
process.stdout.write(
  `${JSON.stringify({ verdict, property, states, steps, depth, seconds, bytesPerState, traceLength: path?.steps.length })}\n`,
);

/** The one place that knows how to search with several workers. */
function search(target: System, count: number): Promise<CheckResult> {
  if (count !== 1) throw new Error(`got ${count} workers, but this Faultline searches with one`);
  return check(target, { symmetry: false });
}
