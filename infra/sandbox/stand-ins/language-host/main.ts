import { startLanguageServer } from './language-service.ts';

/**
 * The language host for TypeScript programs, for engines that came without the official one.
 *
 * Protocol between engine and plug-in: the last argument is the engine's address. The first line on
 * standard output is the port; the program's own output follows. The engine holds the other end of
 * standard input, which closes when the engine ends, however it ends.
 */
console.log(String(await startLanguageServer(process.argv.at(-1))));
process.stdin.on('close', () => process.exit(0)).resume();
