/**
 * HTML as text that cannot be forgotten to be escaped: what a template's holes are given is text, and becomes markup only
 * when it is itself the result of `html` or was declared to be markup by `trusted`.
 */
import { visible } from '../system/visible.ts';

export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What a hole takes; nothing is shown for `null`, `undefined` and `false`. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(strings.map((text, index) => (index === 0 ? text : markupOf(contents[index - 1]) + text)).join(''));
}

/** Markup that was made by us, or by Graphviz from text that we have escaped. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function markupOf(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (content instanceof Html) return content.markup;
  if (Array.isArray(content)) return content.map(markupOf).join('');
  return escapeHtml(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe as text and in a quoted attribute. Control characters, which HTML does not allow, are shown. */
export function escapeHtml(text: string): string {
  return visible(text).replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}

/** Data for a `script` element: nothing in it can end that element. */
export function embeddedJson(data: unknown): Html {
  return trusted(
    JSON.stringify(data).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'),
  );
}

/** A name that is safe in an `id` and in an address; the caller keeps the names of a page apart. */
export function slug(...parts: readonly string[]): string {
  const words = parts.map((part) => part.replaceAll(/[^\w-]+/g, '-').replaceAll(/^-+|-+$/g, ''));
  return words.filter((word) => word !== '').join('--') || 'system';
}
