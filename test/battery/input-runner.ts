/** A process that runs cases of the battery of bad input, one after the other; `battery/input.ts` watches it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { caseOf, type Kind } from './input/case.ts';
import { reportOn } from './input/report.ts';
import { type How, type Outcome, outcomeOf } from './input/run-case.ts';
import { makeSamples } from './input/samples.ts';

/** One case. */
export interface Task extends How {
  readonly seed: number;
  readonly index: number;
  readonly only?: Kind | undefined;
}

export interface Done extends Outcome {
  /** For people. */
  readonly report: string;
  readonly index: number;
  readonly kind: Kind;
  readonly command: string;
  /** Something was thrown that nothing could catch: a process of its own has to show what comes of it. */
  readonly isDisturbed: boolean;
}

const folder = mkdtempSync(join(tmpdir(), 'faultline-samples-'));
const samples = await makeSamples(folder);
rmSync(folder, { recursive: true });
process.chdir(tmpdir());

let isDisturbed = false;
for (const name of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(name, () => {
    isDisturbed = true;
  });
}

process.on('message', async ({ seed, index, only, ...how }: Task) => {
  isDisturbed = false;
  const one = caseOf(seed, index, samples, only);
  const { kind, command } = one;
  let outcome: Outcome;
  try {
    outcome = await outcomeOf(one, how);
    await new Promise((resolve) => setImmediate(resolve));
  } catch (error) {
    const ran = { status: null, stdout: '', stderr: '' };
    outcome = { ran, complaints: [`the battery itself failed: ${error instanceof Error ? error.stack : error}`] };
  }
  const report = reportOn(one, outcome, only);
  process.send!({ ...outcome, report, index, kind, command, isDisturbed } satisfies Done);
});
process.on('disconnect', () => process.exit());
process.send!('ready');
