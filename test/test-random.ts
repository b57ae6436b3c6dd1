/** `npm run test:random`: the tests, or those that are named, with a new seed; says how to repeat it. */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';

const seed = String(randomInt(2 ** 31));
const names = process.argv.slice(2);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [vitest, 'run', ...names], {
  stdio: 'inherit',
  env: { ...process.env, FAULTLINE_SEED: seed },
});
console.log(`to repeat it: FAULTLINE_SEED=${seed} npx vitest run ${names.join(' ')}`.trimEnd());
process.exitCode = status ?? 1;
