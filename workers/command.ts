/** The thread of the command line. */
import { runCommand } from '../src/cli/command.ts';
import { catalogue } from './catalogue.ts';

await runCommand({ catalogue, showcase: 'pri-overflow', searcher: 'check' });
