/** What a process owes to the next one when it has unbound from a device. */
import { expect, test } from 'vitest';
import { nobodyAnswers } from '../../machines/races/B-02-nobody-answers.ts';
import { check } from '../../src/explore/check.ts';
import { extendSystem } from '../../src/system/system.ts';

test.each(['fixed', 'queue-first', 'driver-answers'] as const)(
  'nobody-answers %s: who is through with unbinding has given the PASID back',
  async (variant) => {
    const system = extendSystem(nobodyAnswers.build({}, variant), {
      properties: ({ always, reachable }) => [
        always('the PASID is free', (view) => !view.get('user0').matches('over') || view.get('pasid').matches('free')),
        reachable('the process has unbound', (view) => view.get('user0').matches('over')),
      ],
    });
    expect(await check(system)).toMatchObject({ verdict: 'holds' });
  },
);
