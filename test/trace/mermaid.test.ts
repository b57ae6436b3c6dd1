import { describe, expect, it } from 'vitest';
import { createMachine, sendTo } from 'xstate';
import { actor, defineSystem } from '../../src/system/system.ts';
import { toMermaid } from '../../src/trace/mermaid.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import { office } from './office.ts';

/** The lines of Mermaid's grammar that we use; a text holds no `;`, and `#` only in an entity. */
const TEXT = String.raw`(?:[^#;<%\n]|<br/>|#\d+;)+`;
const LINE = new RegExp(
  `^(?:sequenceDiagram|  participant p\\d+ as ${TEXT}|  Note over p\\d+(?:,p\\d+)?: ${TEXT}|  p\\d+(?:-->>|->>|-\\)|-x|--x)p\\d+: ${TEXT}|  (?:de)?activate p\\d+|  rect rgba\\([\\d, .]+\\)|  loop for ever|  end)$`,
);

describe('a sequence diagram', () => {
  it('shows participants, steps, messages, fates and changes', () => {
    expect(`\n${toMermaid(replaySchedule(office(), '0/1/1/4/7').trace)}`).toBe(`
sequenceDiagram
  participant p0 as clerk
  participant p1 as desk
  participant p2 as printer
  participant p3 as spool
  Note over p0,p3: 1. clerk.SEND(page=p0)
  p0->>p1: STAMP(by=clerk)
  p0-)p3: JOB(page=p0, tags={urgent: false})
  p1-->>p0: STAMPED(stamp=s0)
  Note over p0: working.writing -> working.waiting<br/>sent 0 -> 1<br/>stamp null -> s0<br/>timer after 1000 in working.waiting armed
  Note over p1: next 0 -> 1
  Note over p3: 1 queued: JOB
  Note over p0,p3: 2. clerk.SEND(page=p1)
  p0->>p1: STAMP(by=clerk)
  p0-)p3: JOB(page=p1, tags={urgent: false})
  p1-->>p0: STAMPED(stamp=s1)
  Note over p0: sent 1 -> 2<br/>stamp s0 -> s1
  Note over p1: next 1 -> 0
  Note over p3: 2 queued: JOB ×2
  Note over p0,p3: 3. clerk.SEND(page=p1)
  p0->>p1: STAMP(by=clerk)
  p0-xp3: JOB(page=p1, tags={urgent: false}), dropped
  p1-->>p0: STAMPED(stamp=s0)
  Note over p0: sent 2 -> 3<br/>stamp s1 -> s0
  Note over p1: next 0 -> 1
  Note over p3: 2 queued: JOB ×2
  Note over p0,p3: 4. spool: JOB(page=p0, tags={urgent: false}) -> printer
  p3->>p2: JOB(page=p0, tags={urgent: false})
  Note over p2: pages + p0<br/>timer dry armed
  Note over p3: 1 queued: JOB
  Note over p0,p3: monitor no page is printed twice: seen.p0 added: true
  Note over p0,p3: 5. spool: JOB(page=p1, tags={urgent: false}) for printer is lo…
  p3--xp2: JOB(page=p1, tags={urgent: false}), lost
  Note over p3: empty
`);
  });

  it('shows where a failed trace breaks off', () => {
    expect(toMermaid(replaySchedule(office({ breaks: true }), '3').trace)).toBe(`sequenceDiagram
  participant p0 as clerk
  participant p1 as desk
  rect rgba(207, 34, 46, 0.15)
  Note over p0,p1: 1. clerk.BREAK
  p0-xp1: NAG, not taken
  end
  Note over p1: the model is wrong here
`);
  });

  it('of no steps still is a diagram', () => {
    expect(toMermaid(replaySchedule(office(), '').trace)).toContain('participant p3 as spool');
  });

  it('holds nothing that Mermaid would take for something else', () => {
    const nasty = 'a;b#c<d>%%{e}\nend: ->> x';
    const other = createMachine({ on: { '*': { actions: [] } } });
    const machine = createMachine({
      context: { text: '' },
      initial: 'end; a',
      states: {
        'end; a': {
          on: {
            GO: {
              target: 'b # <c>',
              actions: sendTo(
                ({ system }) => system.get('end'),
                () => ({ type: nasty, text: nasty }),
              ),
            },
          },
        },
        'b # <c>': {},
      },
    });
    const system = defineSystem({
      actors: { participant: actor(machine, { choices: [{ type: 'GO', text: nasty } as never] }), end: actor(other) },
      channels: { 'loop; # note': { to: ['end'], order: 'fifo', capacity: 1 } },
    });
    const text = toMermaid(replaySchedule(system, '0/0').trace);
    for (const line of text.trimEnd().split('\n')) expect(line).toMatch(LINE);
    expect(text).toContain('participant p2 as loop#59; #35; note');
  });

  it.each(['0/1/1/4/6/4/3/2', '0/6', ''])('is in the grammar: %s', (schedule) => {
    for (const line of toMermaid(replaySchedule(office(), schedule).trace).trimEnd().split('\n')) {
      expect(line).toMatch(LINE);
    }
  });
});
