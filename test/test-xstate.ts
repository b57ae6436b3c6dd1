/** `npm run test:xstate -- 5.31.0`: the packed package on another version of XState, which npm installs; the oldest is the default. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { XSTATE_RANGE } from '../src/system/xstate.ts';

const [oldest] = /\d[\d.]*/.exec(XSTATE_RANGE)!;
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/cli/tarball.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, FAULTLINE_XSTATE: process.argv[2] ?? oldest },
});
process.exitCode = status ?? 1;
