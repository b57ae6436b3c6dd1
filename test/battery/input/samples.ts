/** Data files as Faultline and its neighbours write them, and two modules: what the cases of the battery damage, or name. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { priOverflow } from '../../../machines/races/B-09-pri-overflow.ts';
import { racingUnmap } from '../../../machines/races/B-62-racing-unmap.ts';
import type { Scenario } from '../../../src/system/scenario.ts';
import { LIGHTS } from '../../cli/harness.ts';
import { CATALOGUE, run } from '../../cli/in-process.ts';
import type { Samples } from './data-files.ts';

export const CHECKPOINTED = ['--variant', 'all-states', '--set', 'philosophers=7', '--workers', '1'];
export const BATTERY_CATALOGUE: readonly Scenario[] = [...CATALOGUE, racingUnmap, priOverflow];

const SCENARIO = `
import { actor, defineScenario, defineSystem } from 'faultline';
import { createMachine } from 'xstate';
const machine = createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: { on: { GO: 'a' } } } });
export default defineScenario({
  name: 'own', title: 'A scenario of one\\'s own', group: 'textbook', sources: [], parameters: {},
  variants: { fixed: { title: 'fixed', expected: { verdict: 'holds' } } },
  build: () => defineSystem({ actors: { a: actor(machine, { choices: [{ type: 'GO' }] }) } }),
});
`;
const LABELS = ['producer.PRODUCE', 'producer.PRODUCE'];
const SPIN = `Starting properties with pid 1
${LABELS.map((label) => `      faultline: ${label}\n`).join('')}spin: model.pml:70, Error: assertion violated
spin: trail ends after 3 steps
#processes: 2
`;
const RUMUR = `The following is the error trace for the error:

\tinvariant "1 x" failed

Startstate 1 fired.
----------

${LABELS.map((label) => `Rule ${label} fired.\n----------\n\n`).join('')}
`;
const TRAIL = '-4:-4:-4\n1:0:1\n2:0:2\n3:1:3\n';

/** @param folder an empty one, where the command line may write. The process works there afterwards. */
export async function makeSamples(folder: string): Promise<Samples> {
  process.chdir(folder);
  const texts = {
    'system.ts': LIGHTS,
    'scenario.mjs': SCENARIO,
    'spin.txt': SPIN,
    'rumur.txt': RUMUR,
    'model.pml.trail': TRAIL,
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  mkdirSync('saved');
  const commands = [
    ['bounded-fifo', '--variant', 'unordered', '--trace-out', 'trace.json'],
    ['./system.ts', '--trace-out', 'own-trace.json'],
    ['bounded-fifo', '--variant', 'fixed', '--coverage-out', 'coverage.json'],
    [
      'dining-philosophers',
      ...CHECKPOINTED,
      '--max-states',
      '500',
      '--checkpoint',
      'saved',
      '--checkpoint-every',
      '1e-9',
    ],
  ];
  for (const command of commands) {
    const { status, stderr } = await run(['check', ...command], { catalogue: BATTERY_CATALOGUE });
    if (status === null || status > 2) throw new Error(`no sample by check ${command.join(' ')}: ${stderr}`);
  }
  const kept = { 'log.jsonl': 'racing-unmap-steps.jsonl', 'observed.jsonl': 'pri-overflow.jsonl' };
  const logs = Object.entries(kept).map(
    ([name, sample]) => [name, fileURLToPath(new URL(`../../../docs/samples/${sample}`, import.meta.url))] as const,
  );
  for (const [name, path] of logs) writeFileSync(name, readFileSync(path));
  const names = [
    ...Object.keys(texts),
    ...Object.keys(kept),
    'trace.json',
    'own-trace.json',
    'coverage.json',
    'saved/search.checkpoint',
  ];
  return Object.fromEntries(names.map((name) => [name, readFileSync(name)]));
}
