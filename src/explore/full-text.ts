/** Parts of a definition as text: equal texts mean parts that look alike, but for what their functions refer to. */
import { isMachine } from '../system/xstate.ts';

/** JSON, and of what it does not know as much as can be seen. */
export function fullText(value: unknown): string {
  const seen = new Map<object, number>();
  return JSON.stringify({ value }, function (this: Record<string, unknown>, key) {
    // Before any `toJSON`.
    const value = this[key];
    if (typeof value === 'string') return value;
    const isLost =
      value === undefined || (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)));
    if (isLost || typeof value === 'bigint' || typeof value === 'symbol') {
      return { [typeof value]: Object.is(value, -0) ? '-0' : String(value) };
    }
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
    const known = seen.get(value);
    if (known !== undefined) return { seen: known };
    seen.set(value, seen.size);
    if (isMachine(value)) return { config: value.config, implementations: value.implementations };
    // XState's action creators keep their arguments as properties of the function.
    if (typeof value === 'function') return { text: String(value), ...value };
    if (value instanceof Map || value instanceof Set) return { [value.constructor.name]: [...value] };
    if (value instanceof RegExp || value instanceof Date) return { [value.constructor.name]: String(value) };
    return value;
  });
}
