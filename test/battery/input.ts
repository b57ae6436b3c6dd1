/**
 * Feeds the command line with bad input of every kind, and looks at how each run ends.
 *
 *   npm run battery:input -- [--seed 1] [--count 5000] [--only flags|data|module|process] [--case 17]
 *
 * Most cases run within processes that run many; those that crash or do not end are told apart by running them alone. Ends with
 * status 1 when a case failed, and says how to repeat it.
 */
import { parseArgs } from 'node:util';
import { runBattery } from './input/battery.ts';
import { KINDS, type Kind } from './input/case.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '5000' },
    only: { type: 'string' },
    case: { type: 'string' },
  },
});
if (values.only !== undefined && !KINDS.includes(values.only as Kind)) {
  console.error(`--only ${values.only}: expected ${KINDS.join(', ')}`);
  process.exit(3);
}
const seed = Number(values.seed);
const first = values.case === undefined ? 0 : Number(values.case);
const count = values.case === undefined ? Number(values.count) : 1;
const begun = performance.now();
console.log(`seed ${seed}, ${count} cases`);
const { failed, statuses, kinds, commands } = await runBattery({
  seed,
  first,
  count,
  only: values.only as Kind | undefined,
  log: (text) => console.log(text),
  verbose: values.case !== undefined,
});
const list = (counts: ReadonlyMap<unknown, number>) =>
  [...counts].map(([name, count]) => `${name}: ${count}`).join(', ');
console.log(`\nby status: ${list(statuses)}\nby kind: ${list(kinds)}\nby command: ${list(commands)}`);
console.log(`${count} cases, ${failed} failed, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
process.exit(failed > 0 ? 1 : 0);
