/** When memory that was given up may be freed, and what a completion remembers. */
import { expect, test } from 'vitest';
import { createActor } from 'xstate';
import { gracePeriod } from '../../../machines/kernel/rcu/grace-period.ts';
import { completion } from '../../../machines/kernel/sched/completion.ts';

test('a grace period waits for those who were reading when it began, and for nobody who began later', () => {
  const rcu = createActor(gracePeriod).start();
  const isOver = () => rcu.getSnapshot().can({ type: 'RUN' });
  expect(isOver()).toBe(false);
  rcu.send({ type: 'READ_LOCK', by: 'early' });
  rcu.send({ type: 'KFREE_RCU', object: 'param0' });
  rcu.send({ type: 'READ_LOCK', by: 'late' });
  expect(isOver()).toBe(false);
  rcu.send({ type: 'READ_UNLOCK', by: 'late' });
  rcu.send({ type: 'READ_LOCK', by: 'late' });
  expect(isOver()).toBe(false);
  rcu.send({ type: 'READ_UNLOCK', by: 'early' });
  expect(isOver()).toBe(true);
});

test('what nobody reads may be freed at once', () => {
  const rcu = createActor(gracePeriod).start();
  rcu.send({ type: 'KFREE_RCU', object: 'param0' });
  expect(rcu.getSnapshot().can({ type: 'RUN' })).toBe(true);
});

test('a completion that comes before the wait is kept, until it is waited for or reinitialised', () => {
  const done = createActor(completion).start();
  const mayGoOn = () => done.getSnapshot().can({ type: 'WAIT' });
  expect(mayGoOn()).toBe(false);
  done.send({ type: 'COMPLETE' });
  expect(mayGoOn()).toBe(true);
  done.send({ type: 'WAIT' });
  expect(mayGoOn()).toBe(false);
  done.send({ type: 'COMPLETE' });
  done.send({ type: 'REINIT' });
  expect(mayGoOn()).toBe(false);
});
