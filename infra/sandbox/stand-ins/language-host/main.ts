import { startLanguageServer } from './language-service.ts';

/**
 * The language host for TypeScript programs, for engines that came without the official one.
 *
 * Protocol between engine and plug-in: the engine's address is the last argument, the port goes to
 * standard output as the first line, everything after that is the program's own output. The engine
 * holds the other end of standard input, so its end of file says that the engine is gone, however
 * it went.
 */
console.log(String(await startLanguageServer(process.argv.at(-1))));
process.stdin.on('close', () => process.exit(0)).resume();
