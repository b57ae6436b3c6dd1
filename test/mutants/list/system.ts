/** Mistakes in what a system is. */
import { type Mutant, mutantsOf } from '../mutant.ts';

const XSTATE = ['test/system/xstate.test.ts'];

export const system: readonly Mutant[] = [
  ...mutantsOf('src/system/xstate.ts', XSTATE, {
    'versions that lose timers are good': ['major === 5 && minor >= 31', 'major === 5'],
    'the next major version is good': ['major === 5 && minor >= 31', 'major > 5 || minor >= 31'],
    'newer versions than those that were tried are refused': ['minor >= 31', 'minor >= 31 && minor <= 33'],
    'every machine is of our own copy': [
      'isExported(made, imported) ? importedCopy() : loadedCopy(made)',
      'importedCopy()',
    ],
    'machines run on our copy, whoever made them': [
      'return found && { xstate, ...found };',
      'return found && { xstate: imported, ...found };',
    ],
    'machines of version 4 are none': [' || makerOf(value) !== undefined', ''],
    'two copies of one version are one': ['copy.folder === first.copy.folder', 'copy.version === first.copy.version'],
    'monitors may be of another copy': ['of properties) if (machine)', 'of properties.slice(0, 0)) if (machine)'],
  }),
];
