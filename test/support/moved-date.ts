import { readFileSync } from 'node:fs';

/**
 * Loaded before a program (`--import`), so that its clock is ahead of the machine's by the milliseconds
 * in the file that MOVED_DATE names. So are the times that servers state in their responses.
 */
const file = process.env['MOVED_DATE'] ?? '';
const machineDate = Date;
// Read each time, since a process may go on while time passes in the test.
const ahead = () => Number(readFileSync(file, 'utf8'));
const now = () => machineDate.now() + ahead();

globalThis.Date = new Proxy(machineDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
  get: (target, key): unknown => (key === 'now' ? now : Reflect.get(target, key)),
});

const stated = new Proxy(Headers.prototype.get, {
  apply(target, headers: Headers, [name = '']: string[]) {
    const value = Reflect.apply(target, headers, [name]);
    if (value === null || name.toLowerCase() !== 'date') return value;
    return new machineDate(machineDate.parse(value) + ahead()).toUTCString();
  },
});
Object.assign(Headers.prototype, { get: stated });
