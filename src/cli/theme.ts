import type { Theme } from '../diagram/palette.ts';
import { possibleNames, UsageError } from './errors.ts';

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

/** @throws UsageError */
export function themeOf(name: string | undefined): Theme | undefined {
  const theme = THEMES.find((known) => known === name);
  if (name === undefined || theme) return theme;
  throw new UsageError(`there is no theme "${name}"`, possibleNames(name, THEMES));
}
