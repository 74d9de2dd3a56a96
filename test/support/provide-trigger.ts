import { ACCESS_TOKEN } from '../../infra/sandbox/sandbox.ts';

/**
 * Creates the Cloud Build trigger of that full name (`projects/P/locations/L/triggers/NAME`) in the
 * emulator, unless it is there: what is done once by hand in a Google project, since a trigger belongs
 * to the connection with the source's host. Returns whether it was missing.
 */
export async function provideTrigger(emulator: string, trigger: string): Promise<boolean> {
  const found = await ask(emulator, 'GET', trigger);
  if (found.ok) return false;
  const [parent = '', name] = trigger.split(/\/(?=[^/]*$)/);
  const created = await ask(emulator, 'POST', parent, { name });
  if (created.ok) return true;
  throw new Error(`the emulator did not create ${trigger}: ${await created.text()}`);
}

async function ask(emulator: string, method: string, path: string, body?: object) {
  return fetch(`http://${emulator}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${ACCESS_TOKEN}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
}
