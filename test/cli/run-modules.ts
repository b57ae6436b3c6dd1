/** A process that runs commands one after the other and, unlike a test, can load users' modules; `harness.ts` starts it. */
import { run } from './in-process.ts';

export interface Task {
  readonly args: readonly string[];
  readonly cwd: string;
}

process.on('message', async ({ args, cwd }: Task) => {
  process.chdir(cwd);
  process.send!(await run(args));
});

// A module may have left something running.
process.on('disconnect', () => process.exit());
