/** TLC is not asked here; that a module is well formed is checked by what can be said about its text. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { modelOf } from '../../src/export/model.ts';
import { exploreSpace } from '../../src/export/space.ts';
import { toTla } from '../../src/export/tla.ts';
import type { System } from '../../src/system/system.ts';
import { oddSystem } from './odd-system.ts';

const WORDS = new Set(
  `MODULE EXTENDS Naturals Sequences VARIABLES TRUE FALSE CASE OTHER UNCHANGED EXCEPT ENABLED IF THEN ELSE DOMAIN
  Append Tail Head Len`.split(/\s+/),
);

interface Token {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** Tokens without comments; strings are one token each. */
function tokens(text: string): Token[] {
  const found: Token[] = [];
  const pattern =
    /\\\*.*|"[^"\n]*"|[A-Za-z_]\w*'?|\d+|\/\\|\\\/|\\in|\|->|->|<<|>>|==|<=|\[\]|[-=#~+@!(){}[\]<>,:'.]+?|\S/g;
  text.split('\n').forEach((content, line) => {
    for (const match of content.matchAll(pattern)) {
      if (!match[0].startsWith('\\*')) found.push({ text: match[0], line, column: match.index });
    }
  });
  return found;
}

function expectWellFormed(text: string, name: string): void {
  const all = tokens(text.replaceAll(']_', '] '));
  expect(text).toMatch(new RegExp(`^-{4,} MODULE ${name} -{4,}\n`));
  expect(text).toMatch(/\n={4,}\n$/);

  const closing: Record<string, string> = { '(': ')', '{': '}', '[': ']', '<<': '>>' };
  const open: Token[] = [];
  for (const token of all) {
    if (token.text in closing) open.push(token);
    else if (Object.values(closing).includes(token.text)) expect(closing[open.pop()?.text ?? '']).toBe(token.text);
  }
  expect(open).toEqual([]);

  const declared = /\nVARIABLES ([\s\S]*?)\n\n/
    .exec(text)![1]!
    .split(/,\s*/)
    .map((variable) => variable.trim());
  const defined = [...text.matchAll(/^(\w+) ==/gm)].map(([, operator]) => operator!);
  expect(new Set([...declared, ...defined]).size).toBe(declared.length + defined.length);
  const known = new Set([...WORDS, ...declared, ...defined, name, 'message']);
  const body = all.filter(({ text: word }) => /^[A-Za-z_]/.test(word));
  expect(body.map(({ text: word }) => word.replace(/'$/, '')).filter((word) => !known.has(word))).toEqual([]);

  // Each value of a variable is one of its set, and each branch of an action says what becomes of each variable once.
  const values = new Set([...text.matchAll(/^ {4}"(\w+)"/gm)].map(([, value]) => value!));
  for (const { text: word } of all) if (word.startsWith('"')) expect(values).toContain(word.slice(1, -1));
  for (const leaf of text.split(/UNCHANGED <</).slice(1)) {
    const unchanged = leaf.slice(0, leaf.indexOf('>>')).split(',');
    for (const variable of unchanged) expect(declared).toContain(variable.trim());
  }
}

/** Per action without branches: every variable is primed or unchanged, exactly once. */
function expectComplete(text: string): number {
  const declared = /\nVARIABLES ([\s\S]*?)\n\n/
    .exec(text)![1]!
    .split(/,\s*/)
    .map((variable) => variable.trim());
  const actions = text.slice(text.indexOf('Init_ =='), text.indexOf('Next_ ==')).split(/\n\n/).slice(1);
  let complete = 0;
  for (const action of actions) {
    if (/\\\/ \/\\/.test(action)) continue;
    const primed = [...action.matchAll(/\/\\ (\w+)' =/g)].map(([, variable]) => variable!);
    const unchanged = /UNCHANGED << ([\s\S]*?) >>/.exec(action)?.[1]?.split(/,\s*/) ?? [];
    if (primed.length + unchanged.length === 0) continue;
    expect([...primed, ...unchanged.map((variable) => variable.trim())].sort()).toEqual([...declared].sort());
    complete++;
  }
  return complete;
}

async function moduleOf(system: System): Promise<string> {
  return toTla(modelOf(await exploreSpace(system)), ['a title with (( and "quotes"'], 'Model');
}

describe('a module is well formed', () => {
  test.each([
    ['bounded-fifo', 'fixed', {}],
    ['ping-pong', 'lossy', {}],
    ['dining-philosophers', 'left-handed', { philosophers: 3 }],
    ['partial-fallthrough', 'fixed', {}],
    ['lock-free-set', 'fixed', {}],
  ])('%s %s', async (name, variant, parameters) => {
    const scenario = catalogue.find((one) => one.name === name)!;
    const text = await moduleOf(
      scenario.build(scenario.parameters.parse(parameters) as Record<string, unknown>, variant),
    );
    expectWellFormed(text, 'Model');
    expectComplete(text);
  });

  test.each(['fifo', 'unordered'] as const)('with odd names, and a channel that drops: %s', async (order) => {
    const text = await moduleOf(oddSystem('drop', order));
    expectWellFormed(text, 'Model');
    expect(expectComplete(text)).toBeGreaterThan(2);
    expect(text).toContain('\\* hot: every noise ends');
  });
});
