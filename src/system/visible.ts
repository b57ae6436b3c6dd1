/**
 * Control characters as people can see them, `\u001b` for an escape.
 *
 * Names and values come from models and from files that others wrote. Sent to a terminal, their control characters would act:
 * change its title, hide what stands before, show text in another order than it has. In JSON, `\u001b` within a string is the
 * very same string.
 */

/**
 * All but line ends and tabs: C0, DEL and C1; line and paragraph separators, which JavaScript takes for line ends; what
 * changes the direction of text; halves of surrogate pairs, and what XML forbids.
 */
const CONTROL = /[^\P{Cc}\n\t]|[\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/u;
const CONTROLS = new RegExp(CONTROL.source, 'gu');
const WHITE: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };

/** Text of several lines. */
export function visible(text: string): string {
  return CONTROL.test(text) ? text.replaceAll(CONTROLS, escaped) : text;
}

/** A name or a value within a line: its line ends and tabs are shown as well. */
export function visibleLine(text: string): string {
  return visible(/[\n\t\r]/.test(text) ? text.replaceAll(/[\n\t\r]/g, (white) => WHITE[white]!) : text);
}

/** Within a line, and for readers to whom all white space is the same. */
export function spacedLine(text: string): string {
  return visible(text.replaceAll(/[\n\t\r]+/g, ' '));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
