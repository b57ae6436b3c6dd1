/**
 * What functions of the user's say that are neither asked again about every state of a resumed search nor part of the tables:
 * `rest` of actors, about all their local states, and `where` of patterns, about all messages. A text that is the same may say
 * something else, by a variable of its module.
 */
import { selects } from '../system/property.ts';
import { mix } from '../tabulate/digest.ts';
import type { Tables } from '../tabulate/tables.ts';

const THREW = 2;

/** A digest of all answers, by who gives them. */
export function answersOf(tables: Tables): Record<string, number> {
  const { system, actorCount, actors, messages } = tables;
  const answers: Record<string, number> = {};
  for (const { name, slot, locals } of actors.slice(0, actorCount)) {
    if (typeof system.actors[name]!.rest !== 'function') continue;
    answers[`\`rest\` of actor "${name}"`] = digestOf(locals.length, (local) => tables.atRest(slot, local));
  }
  for (const property of system.properties) {
    if (property.kind !== 'happens' || !property.message.where) continue;
    answers[`property "${property.name}"`] = digestOf(messages.length, (message) => {
      const { to, event } = messages[message]!;
      return to < actorCount && selects(property.message, actors[to]!.name, event);
    });
  }
  return answers;
}

function digestOf(count: number, ask: (number: number) => boolean): number {
  let digest = 0;
  for (let number = 0; number < count; number++) {
    let answer: number;
    try {
      answer = ask(number) ? 1 : 0;
    } catch {
      // It may well throw where a search does not ask it.
      answer = THREW;
    }
    digest = mix(digest, answer);
  }
  return digest;
}
