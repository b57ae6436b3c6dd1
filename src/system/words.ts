/** All words that a system has in it, as far as its definition shows: where the name of a thing may stand. */
import type { System } from './system.ts';

/**
 * The words of names, inputs, choices, initial contexts, and of what machines are made of, their code included: a name may stand
 * nowhere but in the message that an action sends.
 */
export function wordsOf({ actors, channels, properties, starts }: Omit<System, symbol>): ReadonlySet<string> {
  const words = new Set<string>();
  const seen = new Set<unknown>();
  addWords({ ...Object.fromEntries(Object.keys(channels).map((name) => [name, 0])) }, words, seen);
  for (const [name, { machine, input, choices }] of Object.entries(actors)) {
    addWords([name, input, choices, machine.config, machine.implementations], words, seen);
    addWords(contextOf(machine.config.context, input), words, seen);
  }
  addWords(starts, words, seen);
  for (const property of properties) {
    if (property.kind !== 'monitor') continue;
    const { machine, input } = property;
    addWords([input, machine.config, machine.implementations], words, seen);
    addWords(contextOf(machine.config.context, input), words, seen);
  }
  return words;
}

/** The context that a machine starts with. One that cannot be made is told when the machine starts. */
function contextOf(context: unknown, input: unknown): unknown {
  if (typeof context !== 'function') return context;
  try {
    return context({ input });
  } catch {
    return undefined;
  }
}

function addWords(value: unknown, words: Set<string>, seen: Set<unknown>): void {
  if (typeof value === 'string') addText(value, words);
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
  seen.add(value);
  if (typeof value === 'function') addText(String(value), words);
  // Functions too: what XState makes of `assign` and `sendTo` holds its parts as properties.
  for (const [key, inner] of Object.entries(value)) {
    addText(key, words);
    addWords(inner, words, seen);
  }
}

function addText(text: string, words: Set<string>): void {
  for (const word of text.match(/\w+/g) ?? []) words.add(word);
}
