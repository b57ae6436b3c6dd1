/** A process that runs commands one after the other and, unlike a test, can load users' modules; `harness.ts` starts it. */
import { createRequire } from 'node:module';
import { run } from './in-process.ts';

export interface Task {
  readonly args: readonly string[];
  readonly cwd: string;
}

const { version } = createRequire(import.meta.url)('faultline/package.json') as { version: string };

process.on('message', async ({ args, cwd }: Task) => {
  process.chdir(cwd);
  process.send!(await run(args, { version }));
});

// A module may have left something running.
process.on('disconnect', () => process.exit());
