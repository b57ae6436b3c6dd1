/** The thread of the command line, and the composition root: the one place that puts the catalogue and the commands together. */
import { runCommand } from '../src/cli/command.ts';
import { checkImportedXState } from '../src/system/xstate.ts';

await runCommand({
  catalogue: async (name) => {
    // Its files could not even be loaded.
    checkImportedXState();
    if (name !== undefined) {
      const { scenarioNamed } = await import('../machines/races/by-name.ts');
      const scenario = await scenarioNamed(name);
      if (scenario) return [scenario];
    }
    return (await import('../machines/races/index.ts')).catalogue;
  },
  showcase: 'pri-overflow',
});
