/** A worker thread of `check`: searches of scenarios of the catalogue. */
import { dealtSearch } from '../src/cli/dealt-search.ts';
import type { CheckResultDocument } from '../src/cli/documents.ts';
import type { DealtSearch } from '../src/cli/searchers.ts';
import { catalogue } from './catalogue.ts';

/** @param asked undefined: to load all that may be asked for */
export default async function search(asked: DealtSearch | undefined): Promise<CheckResultDocument | undefined> {
  if (asked) return await dealtSearch(asked, catalogue);
  await catalogue();
  return undefined;
}
