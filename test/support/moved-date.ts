import { readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * Loaded before a program (`--import`), so that its clock is ahead of the machine's by the milliseconds
 * in the file that MOVED_DATE names.
 */
const file = process.env['MOVED_DATE'] ?? '';
const machineDate = Date;
// Read each time, since a process may go on while time passes in the test.
const now = () => machineDate.now() + Number(readFileSync(file, 'utf8'));

globalThis.Date = new Proxy(machineDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
  get: (target, key): unknown => (key === 'now' ? now : Reflect.get(target, key)),
});
