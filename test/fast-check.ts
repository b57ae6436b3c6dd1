/** fast-check, with the seed of all tests; what fails is printed with it. */
import fc from 'fast-check';
import { SEED } from './seed.ts';

fc.configureGlobal({ seed: SEED });

export default fc;
