/** The thread of the command line, and the composition root: the one place that puts the catalogue and the commands together. */
import { runCommand } from '../src/cli/command.ts';

await runCommand({
  catalogue: async () => (await import('../machines/races/index.ts')).catalogue,
  showcase: 'pri-overflow',
});
