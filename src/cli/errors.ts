/** Errors in the words of the command line. */
export { closest, possibleNames, textOf, UsageError } from '../system/errors.ts';
