/** Mermaid reads our sequence diagrams: it needs a browser's `document` for that, and jsdom's will do. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diningPhilosophers } from '../../machines/textbook/dining-philosophers.ts';
import { toMermaid } from '../../src/trace/mermaid.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import type { ChartMarks } from '../../src/trace/sequence.ts';
import { loadMermaid, unloadMermaid } from '../mermaid-reader.ts';
import { office } from './office.ts';
import { letters, locks } from './post.ts';

let mermaid: Awaited<ReturnType<typeof loadMermaid>>;

beforeAll(async () => {
  mermaid = await loadMermaid();
}, 60_000);

afterAll(unloadMermaid);

const philosophers = diningPhilosophers.build({ philosophers: 3 }, 'left-right');

test.each<[what: string, text: () => string]>([
  ['everything that can happen to a message', () => chart(office(), '0/1/1/4/6/4/3/2')],
  ['a trace that broke off', () => chart(office({ breaks: true }), '3', { error: { message: '50% wrong; <#1>' } })],
  ['no steps', () => chart(office(), '', { property: 'the ink; stays # wet' })],
  ['overtaking', () => chart(letters(), '0/0/4')],
  ['a lock that is held within a step', () => chart(locks(), '0/0')],
  [
    'locks that are held at the end, a dead end, a cycle and a race',
    () =>
      chart(philosophers, '0/0/0', {
        property: 'no deadlock',
        deadEnd: true,
        cycle: { from: 0, to: 1 },
        races: [[0, 1]],
      }),
  ],
])('Mermaid reads %s', async (_what, text) => {
  expect(await mermaid.parse(text())).toMatchObject({ diagramType: 'sequence' });
});

function chart(system: Parameters<typeof replaySchedule>[0], schedule: string, marks: ChartMarks = {}): string {
  return toMermaid(replaySchedule(system, schedule).trace, marks);
}
