/** Rigs serve other races than those that they came from: B-81, found on VT-d, on the path of AMD. */
import { expect, test } from 'vitest';
import { groupsOfTwo } from '../../../machines/hardware/pcie/pasid-function.ts';
import { pasidThreadDrains } from '../../../machines/kernel/amd/pasid-drains.ts';
import { pasidThreadV70 } from '../../../machines/kernel/amd/pasid-v7.0.ts';
import { iopfCoreV70 } from '../../../machines/kernel/io-pgfault/v7.0.ts';
import { iopfCoreRefusesGroups } from '../../../machines/kernel/io-pgfault/v7.0-refuses-groups.ts';
import { noSecondAnswer } from '../../../machines/monitors/pasid-groups.ts';
import { amdPageRequests } from '../../../machines/rigs/amd-page-requests.ts';
import { assemble } from '../../../machines/rigs/assemble.ts';
import { check } from '../../../src/explore/check.ts';
import { defineSystem } from '../../../src/system/system.ts';

const cores = { 'each request': iopfCoreV70, 'the last one': iopfCoreRefusesGroups };
const drivers = { 'waits for nothing': pasidThreadV70, drains: pasidThreadDrains };

test.each([
  ['each request', 'waits for nothing', 'violated'],
  ['the last one', 'waits for nothing', 'holds'],
  // What is in the log is handled while there is a handle.
  ['each request', 'drains', 'holds'],
] as const)('of a group without a handle %s is answered, and unbind %s: %s', async (answered, unbind, verdict) => {
  const rig = assemble(
    amdPageRequests({
      posts: groupsOfTwo(1, 'pasid1'),
      entries: 2,
      core: cores[answered],
      driver: drivers[unbind],
    }),
  );
  // A PASID may be stopped in the middle of a group.
  const system = defineSystem({ ...rig.parts, deadlock: 'ignore', properties: () => [noSecondAnswer('log')] });
  expect(await check(system)).toMatchObject({ verdict });
});
