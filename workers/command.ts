/** The thread of the command line, and the composition root: the one place that puts the catalogue and the commands together. */
import { catalogue } from '../machines/scenarios/index.ts';
import { runCommand } from '../src/cli/command.ts';

await runCommand({ catalogue, showcase: 'pri-overflow' });
