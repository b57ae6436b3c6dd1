/** A few of the systems of `npm run battery:oracle`, so that it stays alive, and every search with it. */
import { expect, test } from 'vitest';
import { SEED } from '../seed.ts';
import { runOracle } from './oracle/run.ts';

test(`no search contradicts the oracle on 40 random systems, FAULTLINE_SEED=${SEED}`, {
  timeout: 300_000,
}, async () => {
  const { kinds, contradiction } = await runOracle({ seed: SEED, count: 40 });
  expect(contradiction).toBeUndefined();
  // That something was compared, whatever the seed.
  expect(kinds.get('holds')).toBeGreaterThan(0);
  expect(kinds.get('with symmetry used')).toBeGreaterThan(0);
  expect([...kinds.keys()].filter((kind) => kind.startsWith('violated')).length).toBeGreaterThan(1);
});
