/** Says before and after the tests from which seed they draw. */
import { SEED } from './seed.ts';

const text = `drawn from FAULTLINE_SEED=${SEED}`;

export function setup(): void {
  console.log(`\n what is random in these tests is ${text}`);
}

export function teardown(): void {
  console.log(` what was random in these tests was ${text}\n`);
}
