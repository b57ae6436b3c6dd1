/** All mutants, by folder. */
import type { Mutant } from '../mutant.ts';
import { explain } from './explain.ts';
import { explore } from './explore.ts';
import { machine } from './machine.ts';
import { named } from './named.ts';
import { simulate } from './simulate.ts';
import { stress } from './stress.ts';
import { system } from './system.ts';
import { tabulate } from './tabulate.ts';
import { trace } from './trace.ts';
import { validate } from './validate.ts';

export const mutants: readonly Mutant[] = [
  ...named,
  ...system,
  ...explore,
  ...machine,
  ...tabulate,
  ...stress,
  ...simulate,
  ...explain,
  ...trace,
  ...validate,
];
