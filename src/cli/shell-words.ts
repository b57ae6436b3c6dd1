/** A word as a POSIX shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) || /^[\w./-]+#\w+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
