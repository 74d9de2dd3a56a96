import { readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * Loaded before a program (`--import`), so that its clock is ahead of the machine's by the milliseconds
 * in the file that MOVED_DATE names.
 */
const ahead = Number(readFileSync(process.env['MOVED_DATE'] ?? '', 'utf8'));
const machineDate = Date;
const now = () => machineDate.now() + ahead;

globalThis.Date = new Proxy(machineDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
  get: (target, key): unknown => (key === 'now' ? now : Reflect.get(target, key)),
});
