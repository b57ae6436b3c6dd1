import { JSDOM } from 'jsdom';
import { describe, expect, it } from 'vitest';
import { createMachine, sendTo } from 'xstate';
import { diningPhilosophers } from '../../machines/textbook/dining-philosophers.ts';
import { svgToPng } from '../../src/diagram/picture.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { type ChartSvgOptions, renderChartSvg } from '../../src/trace/chart-svg.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import { widthOf, wrap } from '../../src/trace/svg.ts';
import { office } from './office.ts';
import { letters, locks } from './post.ts';

interface Drawn {
  readonly svg: string;
  readonly document: Document;
  readonly texts: readonly string[];
}

function draw(system: System, schedule: string, options: ChartSvgOptions = {}): Drawn {
  const svg = renderChartSvg(replaySchedule(system, schedule).trace, options);
  // As XML: what is no XML throws.
  const { document } = new JSDOM(svg, { contentType: 'image/svg+xml' }).window;
  return { svg, document, texts: [...document.querySelectorAll('text')].map((text) => text.textContent ?? '') };
}

const number = (element: Element, name: string) => Number(element.getAttribute(name) ?? 0);

/** All text lies within the picture, and no two notes of a layer on each other. */
function expectTidy({ document }: Drawn): void {
  const [, , width, height] = document.documentElement.getAttribute('viewBox')!.split(' ').map(Number);
  for (const text of document.querySelectorAll('text:not([transform])')) {
    const long = widthOf(
      text.textContent ?? '',
      number(text, 'font-size'),
      text.getAttribute('font-weight') === 'bold',
    );
    const anchor = text.getAttribute('text-anchor');
    const left = number(text, 'x') - (anchor === 'middle' ? long / 2 : anchor === 'end' ? long : 0);
    expect(left, text.textContent ?? '').toBeGreaterThanOrEqual(0);
    expect(left + long, text.textContent ?? '').toBeLessThanOrEqual(width!);
    expect(number(text, 'y')).toBeLessThanOrEqual(height!);
  }
  const boxes = [...document.querySelectorAll('g.notes rect')].map((box) => {
    const [left, top] = [number(box, 'x'), number(box, 'y')];
    return { left, top, right: left + number(box, 'width'), bottom: top + number(box, 'height') };
  });
  for (const [at, one] of boxes.entries()) {
    for (const other of boxes.slice(at + 1)) {
      const apart =
        one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
      expect(apart, JSON.stringify([one, other])).toBe(true);
    }
  }
}

describe('a chart as SVG', () => {
  const all = '0/1/1/4/6/4/3/2';

  it('has a lifeline for who takes part, and a band for each step', () => {
    const drawn = draw(office(), all);
    const { document } = drawn;
    const names = [...document.querySelectorAll('g.notes > g:not([data-step]) > title')].map(
      (title) => title.textContent,
    );
    expect(names.slice(0, 4)).toEqual(['actor clerk', 'actor desk', 'channel spool', 'actor printer']);
    expect([...document.querySelectorAll('g.step')].map((band) => band.getAttribute('data-step'))).toEqual(
      [...Array(8).keys()].map(String),
    );
    expect(document.querySelector('[data-step="0"] title')?.textContent).toBe('1. clerk.SEND(page=p0)');
    expectTidy(drawn);
  });

  it('says in words what the marks say in colour and shape', () => {
    const { texts } = draw(office(), '0/1/1/4/7');
    expect(texts).toContain('dropped: spool is full');
    expect(texts).toContain('lost');
    expect(texts).toContain('from clerk, step 1');
    expect(texts).toContain('2 queued');
    expect(texts).toContain('JOB ×2');
    expect(texts.join(' ')).toContain('monitor "no page is printed twice"');
    expect(draw(office(), '0/5').texts).toContain('a copy stays');
    expect(draw(letters(), '0/0/4').texts).toContain('overtakes LETTER of step 1');
    expect(draw(office({ breaks: true }), '3', { error: { message: 'NAG is unknown' } }).texts).toEqual(
      expect.arrayContaining(['not taken', 'the model is wrong: NAG is unknown']),
    );
  });

  it('explains the marks that occur, and no others', () => {
    const legend = (system: System, schedule: string) =>
      [...draw(system, schedule).document.querySelectorAll('g.marks text')].map((text) => text.textContent);
    expect(legend(letters(), '0/0/4')).toEqual([
      'a channel, and what is in it',
      'into or out of a channel',
      'overtakes an earlier message',
    ]);
    expect(legend(locks(), '0')).toEqual(['a lock is held']);
  });

  it('shows on both lifelines who holds a lock', () => {
    const { document } = draw(diningPhilosophers.build({ philosophers: 2 }, 'left-right'), '0/1');
    expect([...document.querySelectorAll('g.bars title')].map((title) => title.textContent)).toEqual([
      'fork0 held by philosopher0',
      'philosopher0 holds fork0',
      'fork1 held by philosopher1',
      'philosopher1 holds fork1',
    ]);
  });

  it('marks a violation, a dead end, a cycle and a race', () => {
    const drawn = draw(diningPhilosophers.build({ philosophers: 3 }, 'left-right'), '0/0/0', {
      title: 'dining philosophers',
      property: 'no deadlock',
      deadEnd: true,
      cycle: { from: 0, to: 1 },
      races: [[1, 2]],
    });
    expect(drawn.texts).toEqual(
      expect.arrayContaining([
        'dining philosophers',
        'violated: no deadlock',
        'Nothing can happen any more: this is the end.',
        'for ever',
        'race',
      ]),
    );
    expectTidy(drawn);
  });

  it('of no steps shows everybody at the start, and what is violated there', () => {
    const drawn = draw(office(), '', { property: 'the ink stays wet' });
    expect(drawn.texts).toEqual(expect.arrayContaining(['clerk', 'spool', 'violated: the ink stays wet']));
    expectTidy(drawn);
  });

  it('repeats the names in a long chart, and stays tidy', () => {
    const short = draw(letters(), '0/3');
    const long = draw(letters(), Array(30).fill('0/3').join('/'));
    const names = ({ texts }: Drawn) => texts.filter((text) => text === 'alice').length;
    expect(names(short)).toBe(1);
    expect(names(long)).toBeGreaterThan(3);
    expectTidy(long);
  });

  it('draws what is full of markup, controls and endless names', () => {
    const nasty = `</text><script>"&'\u0000\n ${'x'.repeat(300)}`;
    const machine = createMachine({
      initial: nasty.replaceAll('.', ''),
      states: {
        [nasty]: {
          on: {
            GO: {
              target: 'b',
              actions: sendTo(
                ({ system }) => system.get('b'),
                () => ({ type: nasty, nasty }),
              ),
            },
          },
        },
        b: {},
      },
    });
    const system = defineSystem({
      actors: {
        a: actor(machine, { choices: [{ type: 'GO' }] }),
        b: actor(createMachine({ on: { '*': { actions: [] } } })),
      },
      channels: { [nasty]: { to: ['b'], order: 'fifo', capacity: 1 } },
    });
    const drawn = draw(system, '0/0', { title: nasty, property: nasty });
    expect(drawn.document.querySelector('script')).toBeNull();
    expectTidy(drawn);
  });

  it('shortens an endless step', () => {
    const messages = [...Array(100).keys()].map((n) =>
      sendTo(
        ({ system }) => system.get('b'),
        () => ({ type: 'N', n }),
      ),
    );
    const talker = createMachine({ on: { GO: { actions: messages } } });
    const system = defineSystem({
      actors: {
        a: actor(talker, { choices: [{ type: 'GO' }] }),
        b: actor(createMachine({ on: { N: { actions: [] } } })),
      },
    });
    const drawn = draw(system, '0');
    expect(drawn.texts).toContain('… and 77 more messages …');
    expectTidy(drawn);
  });

  it('follows the reader: light, dark, or as the settings say', () => {
    const trace = replaySchedule(letters(), '0/0/4').trace;
    const [auto, light, dark] = (['auto', 'light', 'dark'] as const).map((theme) => renderChartSvg(trace, { theme }));
    expect(auto).toContain('prefers-color-scheme: dark');
    expect(light).not.toContain('prefers-color-scheme');
    expect(dark).toContain('fill="#0d1117"');
    expect(dark).not.toContain('fill="#ffffff"');
    expect(auto).not.toMatch(/ id="/);
  });

  it('can be rasterised', async () => {
    const png = await svgToPng(renderChartSvg(replaySchedule(letters(), '0/0/4').trace));
    expect(Buffer.from(png.slice(1, 4)).toString()).toBe('PNG');
  });
});

describe('wrap', () => {
  it('keeps lines within the width, and cuts what is too much', () => {
    const lines = wrap('one two three aVeryLongCamelCaseName and_others', 60, 10);
    for (const line of lines) expect(widthOf(line, 10)).toBeLessThanOrEqual(60);
    expect(lines.join('').replaceAll(' ', '')).toBe('onetwothreeaVeryLongCamelCaseNameand_others');
    expect(wrap('one two three four five', 40, 10, 2).at(-1)).toMatch(/…$/);
  });
});
