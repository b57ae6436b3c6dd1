/** Damage to data files: to their bytes, to their lines, and to what their JSON says. */
import type { Random } from './random.ts';

/** By name. */
export type Samples = Readonly<Record<string, Uint8Array>>;

export function damaged(random: Random, name: string, sample: Uint8Array): Uint8Array {
  let bytes: Uint8Array = sample;
  const times = random.pick([1, 1, 1, 2, 3]);
  for (let time = 0; time < times; time++) bytes = damagedOnce(random, name, bytes);
  return bytes;
}

function damagedOnce(random: Random, name: string, bytes: Uint8Array): Uint8Array {
  const isJson = /\.jsonl?$/.test(name);
  switch (
    random.weighted({ json: isJson ? 70 : 0, bytes: 12, lines: name.endsWith('.checkpoint') ? 0 : 12, whole: 6 })
  ) {
    case 'json':
      return name.endsWith('.jsonl') ? damagedLine(random, bytes) : damagedJson(random, Buffer.from(bytes).toString());
    case 'bytes':
      return damagedBytes(random, bytes);
    case 'lines':
      return damagedLines(random, bytes);
    case 'whole':
      return Buffer.from(random.pick(WHOLES)());
  }
}

const WHOLES: readonly (() => string | Uint8Array)[] = [
  () => '',
  () => '\n',
  () => '\u0000'.repeat(100),
  () => 'null',
  () => '[]',
  () => '{}',
  () => '0',
  () => '"text"',
  () => '[[[[',
  () => '{"format":"faultline-trace"}',
  () => '{"kind":"coverage","version":1}',
  () => '{"faultline":"log","version":1,"kind":"steps"}',
  () => '{"faultline":"log","version":1,"kind":"events","scenario":"bounded-fifo"}\n{}\n',
  () => '['.repeat(100_000),
  () => `${'{"a":'.repeat(20_000)}0${'}'.repeat(20_000)}`,
  () => Uint8Array.from({ length: 4096 }, (_, index) => (index * 167) & 255),
  () => `{"${'k'.repeat(1_000_000)}": 1}`,
];

function damagedBytes(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length || 1);
  switch (random.below(8)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      return copy.subarray(at);
    case 2:
      return Buffer.concat([copy.subarray(0, at), Buffer.from([0xc3, 0x28, 0xff]), copy.subarray(at)]);
    case 3:
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), copy]);
    case 4:
      return Buffer.concat([copy, copy]);
    case 5:
      return Buffer.concat([copy.subarray(0, at), Buffer.alloc(1 + random.below(20)), copy.subarray(at)]);
    case 6:
      return Buffer.from(copy.toString('latin1'), 'utf16le');
    default:
      for (let flip = 0; flip <= random.below(8); flip++) copy[random.below(copy.length || 1)]! ^= 1 << random.below(8);
      return copy;
  }
}

function damagedLines(random: Random, bytes: Uint8Array): Uint8Array {
  const lines = Buffer.from(bytes).toString().split('\n');
  const at = random.below(lines.length);
  switch (random.below(6)) {
    case 0:
      return Buffer.from(lines.join('\r\n'));
    case 1:
      lines.splice(at, 1);
      break;
    case 2:
      lines.splice(at, 0, lines[at]!);
      break;
    case 3:
      lines.splice(at, 0, random.pick(['', ' ', '{}', 'null', '\u001b[2J', '[', '// x', '\ufeff', '\u2028']));
      break;
    case 4:
      lines.reverse();
      break;
    default:
      lines.length = at;
  }
  return Buffer.from(lines.join('\n'));
}

function damagedLine(random: Random, bytes: Uint8Array): Uint8Array {
  const lines = Buffer.from(bytes).toString().split('\n');
  // The first line says what the others are.
  const at = random.chance(0.5) ? 0 : random.below(lines.length);
  lines[at] = Buffer.from(damagedJson(random, lines[at]!)).toString().replaceAll('\n', ' ');
  return Buffer.from(lines.join('\n'));
}

/** As JSON text, since some of them cannot be values. */
const ODD_JSON: readonly string[] = [
  'null',
  'true',
  'false',
  '0',
  '-1',
  '-0',
  '1.5',
  '1e400',
  '-1e400',
  '9007199254740993',
  '1e-400',
  '4294967296',
  '""',
  '"x"',
  '" "',
  '"__proto__"',
  '"constructor"',
  '"\\u0000"',
  '"\\u001b]0;owned\\u0007"',
  '"\\ud800"',
  '"a.b.c"',
  '"NaN"',
  '"Infinity"',
  '"10n"',
  '"./system.ts"',
  '"bounded-fifo"',
  '"0/0/0"',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"type":"GO"}',
  '{"type":""}',
  '{"type":1}',
  '{"type":null}',
  '{"__proto__":{"type":"x"}}',
  '{"constructor":{"prototype":{}}}',
  '{"toString":1}',
  '{"length":1e9}',
  '[0,0,0,0]',
  '{"a":{"b":{"c":{}}}}',
  '{"$bigint":"1"}',
  '{"$bigint":"x"}',
  '{"$undefined":true}',
  '{"path":"__proto__.x"}',
  '"*"',
  '"**********************************************y"',
  '"$from"',
  `${'['.repeat(3000)}${']'.repeat(3000)}`,
  `"${'x'.repeat(100_000)}"`,
  `[${'0,'.repeat(50_000)}0]`,
];

/** Where a value stands, and what puts JSON text there. */
function damagedJson(random: Random, text: string): Uint8Array {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return damagedBytes(random, Buffer.from(text));
  }
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const collect = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 50) return;
    for (const key of Object.keys(value)) {
      places.push({ holder: value as Record<string, unknown>, key });
      collect((value as Record<string, unknown>)[key], depth + 1);
    }
  };
  collect(document, 0);
  if (places.length === 0) return Buffer.from(random.pick(ODD_JSON));
  // Often near the root, where a file says what it is.
  const { holder, key } =
    places[random.chance(0.3) ? random.below(Math.min(12, places.length)) : random.below(places.length)]!;
  const odd = random.pick(ODD_JSON);
  const mark = '\ue000mark\ue000';
  switch (random.below(6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return Buffer.from(JSON.stringify(document, null, 2));
    case 1:
      if (Array.isArray(holder)) holder.push(...holder.slice(0, 5));
      else holder[random.pick(['extra', 'toString', 'type', '', 'version', key.toUpperCase()])] = mark;
      break;
    case 2:
      // Not by assignment, which would set the prototype.
      Object.defineProperty(holder, '__proto__', { value: mark, enumerable: true, configurable: true });
      break;
    default:
      holder[key] = mark;
  }
  return Buffer.from(JSON.stringify(document, null, 2).replace(JSON.stringify(mark), () => odd));
}
