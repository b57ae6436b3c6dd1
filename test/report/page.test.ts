/** What is in a report, without a browser. */
import { JSDOM } from 'jsdom';
import { beforeAll, describe, expect, test } from 'vitest';
import { boundedFifo } from '../../machines/textbook/bounded-fifo.ts';
import { twoPhaseCommit } from '../../machines/textbook/two-phase-commit.ts';
import { transitionsOf } from '../../src/diagram/machine-graph.ts';
import { escapeHtml, html, slug } from '../../src/report/html.ts';
import { renderReport } from '../../src/report/page.ts';
import { activePaths, visitsOf } from '../../src/report/visits.ts';
import { DEADLOCK_PROPERTY } from '../../src/system/property.ts';
import type { Scenario } from '../../src/system/scenario.ts';
import type { System } from '../../src/system/system.ts';
import { EVIL, nastySystem, reportOf, resultOf } from './nasty.ts';

function systemOf(scenario: Scenario, variant: string): System {
  return scenario.build(scenario.parameters.parse({}) as Record<string, unknown>, variant);
}

const parse = (text: string) => new JSDOM(text).window.document;
const texts = (elements: Iterable<Element>) => [...elements].map((element) => element.textContent!.trim());

describe('a report about a violation', () => {
  let document: Document;
  let system: System;
  beforeAll(async () => {
    system = systemOf(boundedFifo, 'drop');
    const fixed = systemOf(boundedFifo, 'fixed');
    const results = [await resultOf(fixed, { variant: 'fixed' }), await resultOf(system, { variant: 'drop' })];
    document = parse(await renderReport(reportOf('bounded-fifo', ...results)));
  });

  test('has a title, landmarks and headings in order', () => {
    expect(document.title).toBe('Report on bounded-fifo');
    expect(document.documentElement.lang).toBe('en');
    for (const landmark of ['header', 'nav', 'main'])
      expect(document.querySelectorAll(`body > ${landmark}`)).toHaveLength(1);
    const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5')].map(({ tagName }) => Number(tagName[1]));
    expect(levels[0]).toBe(1);
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
  });

  test('every address within it leads somewhere, and no id is there twice', () => {
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of document.querySelectorAll('a[href]')) expect(ids).toContain(link.getAttribute('href')!.slice(1));
    for (const part of document.querySelectorAll('[aria-labelledby]')) {
      expect(ids).toContain(part.getAttribute('aria-labelledby'));
    }
  });

  test('tables have headers, buttons have names, pictures have texts', () => {
    for (const table of document.querySelectorAll('table')) {
      expect(table.querySelectorAll('thead th[scope=col]').length).toBeGreaterThan(1);
      for (const row of table.querySelectorAll('tbody')) expect(row.querySelector('th[scope]')).not.toBeNull();
    }
    for (const button of document.querySelectorAll('button')) expect(button.textContent).not.toBe('');
    for (const svg of document.querySelectorAll('svg')) expect(svg.getAttribute('aria-label')).not.toBe('');
  });

  test('says each verdict, and each property in words', () => {
    expect(texts(document.querySelectorAll('.verdicts tbody .badge'))).toEqual(['✔ holds', '✘ violated']);
    const properties = texts(document.querySelectorAll('#bounded-fifo--drop .properties th[scope=row]'));
    expect(properties).toEqual([...system.properties.map(({ name }) => name), DEADLOCK_PROPERTY]);
    expect(document.querySelector('#bounded-fifo--fixed .verdict-sentence')!.textContent).toContain('whole space');
  });

  test('has a chart and the changes of all steps, also for those without scripts', () => {
    const trace = document.querySelector('#bounded-fifo--drop--trace')!;
    const count = Number(trace.getAttribute('data-steps'));
    expect(count).toBeGreaterThan(3);
    expect(trace.querySelectorAll('.step')).toHaveLength(count + 1);
    expect(trace.querySelectorAll('.detail')).toHaveLength(count + 1);
    expect(trace.querySelectorAll('.messages .dropped').length).toBeGreaterThan(0);
    expect(trace.querySelector('.chart-end')!.textContent).toContain('violated');
    // What a channel holds before and after is a change, too.
    expect(texts(trace.querySelectorAll('.diff td'))).toContain('messages');
  });

  test('draws a machine once for all variants, and can find its states and transitions', () => {
    const machines = [...document.querySelectorAll('.machine')];
    expect(machines.length).toBeLessThanOrEqual(
      new Set(Object.values(system.actors).map(({ machine }) => machine.id)).size + 2,
    );
    const known = Object.values(system.actors).flatMap(({ machine }) => transitionsOf(machine).map(({ id }) => id));
    const marked = [...document.querySelectorAll('[data-transition]')].map(
      (node) => node.getAttribute('data-transition')!,
    );
    expect(marked.length).toBeGreaterThan(0);
    for (const id of marked) expect(known).toContain(id);
    const data = JSON.parse(document.querySelector('#bounded-fifo--drop--trace > script')!.textContent!);
    for (const [name, id] of Object.entries<string>(data.machines)) {
      for (const step of [data.start, ...data.steps]) {
        for (const path of step[name]?.s ?? []) {
          const states = [...document.querySelectorAll(`#${id} [data-state]`)].map((node) =>
            node.getAttribute('data-state'),
          );
          expect(states).toContain(path);
        }
      }
    }
  });

  test('loads nothing and lets nothing be loaded', () => {
    const policy = document.querySelector('meta[http-equiv=Content-Security-Policy]')!.getAttribute('content')!;
    expect(policy).toContain("default-src 'none'");
    for (const node of document.querySelectorAll('[src],link[href]')) {
      expect(node.getAttribute('src') ?? node.getAttribute('href')).toMatch(/^data:/);
    }
    expect(document.querySelectorAll('[onclick],[onload],script[src]')).toHaveLength(0);
    expect(document.documentElement.innerHTML).not.toMatch(/url\(|@import/);
  });
});

test('what comes from a model stays text', async () => {
  const system = nastySystem();
  const result = await resultOf(system, { variant: EVIL, title: EVIL, replay: `npx faultline replay ${EVIL}` });
  const text = await renderReport({ ...reportOf(EVIL, result), title: EVIL, command: EVIL });
  const document = parse(text);
  expect(result.verdict).toBe('violated');
  expect(document.querySelectorAll('img, i:not([class]):not(.messages i), u')).toHaveLength(0);
  expect(document.querySelector('h1')!.textContent).toBe(EVIL);
  expect(document.querySelector('.chart-end')!.textContent).toContain(EVIL);
  expect(document.querySelectorAll('script:not([type])')).toHaveLength(1);
  for (const data of document.querySelectorAll('script[type]')) JSON.parse(data.textContent!);
  const states = [...document.querySelectorAll('[data-state]')].map((node) => node.getAttribute('data-state'));
  expect(states).toEqual(expect.arrayContaining(['<u>one</u>', 'in"ner', 'in"ner.a\\.b', 'in"ner.c']));
});

test('a trace lights the states that it passes and the transitions that it takes', async () => {
  const system = nastySystem();
  const { trace } = await resultOf(system);
  const { start, steps } = visitsOf(system, trace!);
  expect(start.get('a')!.states).toEqual(['<u>one</u>']);
  expect(steps[0]!.get('a')).toEqual({
    states: ['in"ner', 'in"ner.c'],
    passed: ['in"ner.a\\.b'],
    transitions: ['<u>one</u> GO', 'in"ner.a\\.b always'],
  });
});

test('coverage is what the traces go through, or what is given', async () => {
  const system = systemOf(twoPhaseCommit, 'hasty');
  const result = await resultOf(system);
  const [actorName] = Object.keys(system.actors);
  const [own, given] = await Promise.all([
    renderReport(reportOf('two-phase', result)),
    renderReport(
      reportOf('two-phase', { ...result, coverage: { machines: { [actorName!]: { states: [], transitions: [] } } } }),
    ),
  ]);
  expect(parse(own).querySelector('#machines')!.textContent).toContain('what the traces of this report go through');
  expect(parse(given).querySelector('#machines')!.textContent).toContain('what the given coverage names');
  const shares = texts(parse(given).querySelectorAll('.share'));
  expect(shares.length).toBeGreaterThan(0);
  for (const share of shares) expect(share).toMatch(/^0 of \d+ states?, 0 of \d+ transitions? seen$/);
  expect(texts(parse(own).querySelectorAll('.share')).join()).toMatch(/[1-9]\d* of \d+ states/);
});

test('results without a trace, and models that are wrong, have a place', async () => {
  const base = await resultOf(systemOf(boundedFifo, 'fixed'));
  const error = { code: 'bad-definition', message: 'nothing <here>', hint: 'write something' };
  const document = parse(
    await renderReport(
      reportOf(
        'three',
        { ...base, variant: 'a', verdict: 'model-error', system: undefined, error, properties: [] },
        {
          ...base,
          variant: 'b',
          verdict: 'unknown',
          bound: 'states',
          growth: [{ name: 'n', kind: 'actor', field: 'x' }],
          costly: [{ name: 'm', kind: 'actor', values: 12_000, advice: 'split it' }],
        },
        {
          ...base,
          variant: 'c',
          asExpected: false,
          expected: { verdict: 'violated', properties: ['p'], numbers: null },
        },
      ),
    ),
  );
  expect(texts(document.querySelectorAll('.verdict-sentence'))).toEqual([
    expect.stringContaining('nothing <here> write something'),
    expect.stringContaining('as many states as it was allowed to'),
    expect.stringContaining('Every property holds'),
  ]);
  expect(document.querySelector('#three--b')!.textContent).toContain('actor n, x');
  expect(document.querySelector('#three--b')!.textContent).toMatch(/actor m, 12,000 values in [\d,]+ states: split it/);
  expect(document.querySelector('#three--c .alarm')!.textContent).toContain('violated “p”');
  expect([...document.querySelectorAll('details.result')].map((details) => details.hasAttribute('open'))).toEqual([
    false,
    false,
    true,
  ]);
});

test('escaping and names', () => {
  expect(html`<a title="${'"<'}">${['&', null, false, 0]}${html`<b>`}</a>`.markup).toBe(
    '<a title="&quot;&lt;">&amp;0<b></a>',
  );
  expect(escapeHtml('a\u0000b\nc')).toBe('a\\u0000b\nc');
  expect(slug('./my system.ts#x', '')).toBe('my-system-ts-x');
  expect(activePaths({ a: { b: 'c' }, 'd.e': {} })).toEqual(['a', 'a.b', 'a.b.c', 'd\\.e']);
  expect(activePaths({})).toEqual(['(root)']);
});
