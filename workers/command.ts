/** The thread of the command line, and the composition root: the one place that puts the catalogue and the commands together. */
import { runCommand } from '../src/cli/command.ts';
import { checkImportedXState } from '../src/system/xstate.ts';

await runCommand({
  catalogue: async (name) => {
    // Its files could not even be loaded.
    checkImportedXState();
    const named = name === undefined ? undefined : await (await import('../machines/races/by-name.ts')).scenarioNamed(name);
    if (named) return [named];
    return (await import('../machines/races/index.ts')).catalogue;
  },
  showcase: 'pri-overflow',
});
