/** How guards that nobody has implemented turned out in a step: a member of the step's event. */
import type { EventObject } from 'xstate';

/** No payload has a member of this name. */
export const ANSWERS = '?';

export type Answers = Readonly<Record<string, boolean>>;

export function answersOf(event: EventObject): Answers {
  return ((event as unknown as Record<string, unknown>)[ANSWERS] as Answers | undefined) ?? {};
}

/** ` [isValid, not isNew]`; nothing where no such guard was asked. */
export function answersText(event: EventObject): string {
  const answers = Object.entries(answersOf(event)).map(([guard, answer]) => (answer ? guard : `not ${guard}`));
  return answers.length === 0 ? '' : ` [${answers.join(', ')}]`;
}
