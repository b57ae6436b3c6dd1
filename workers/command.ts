/** The thread of the command line. */
import { runCommand } from '../src/cli/command.ts';
import { catalogue, studies } from './catalogue.ts';

await runCommand({ catalogue, studies, showcase: 'pri-overflow', searcher: 'check', simulator: 'simulate' });
