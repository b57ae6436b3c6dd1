/** The composition root: the one place that puts the catalogue and the commands together. */
import type { Catalogue, Studies } from '../src/cli/environment.ts';
import { checkImportedXState } from '../src/system/xstate.ts';

export const catalogue: Catalogue = async (name) => {
  // Its files could not even be loaded.
  checkImportedXState();
  if (name !== undefined) {
    const { scenarioNamed } = await import('../machines/races/by-name.ts');
    const scenario = await scenarioNamed(name);
    if (scenario) return [scenario];
  }
  return (await import('../machines/races/index.ts')).catalogue;
};

export const studies = async (): Promise<Studies> => {
  checkImportedXState();
  const { studyNamed, studyNames } = await import('../machines/studies/by-name.ts');
  return { names: studyNames, named: studyNamed };
};
