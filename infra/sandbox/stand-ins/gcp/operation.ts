import { isObject, type Properties } from '../../../oci/protocol/resource-type.ts';
import type { GoogleRequest } from './google-client.ts';
import type { Work } from './kind.ts';
import { textOf } from './property.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
/** As long as the official plug-in waits. */
const LONGEST_WAIT_MS = 20 * 60_000;

/** The name of an operation: a path below the API's version. */
const NAME = /^(?!.*\.\.)[\w.~:/@-]+$/;

/** Waits until the long-running operation that a request started has ended. Throws where it failed. */
export async function waitForOperation(
  operation: Properties,
  { service, purpose, permission }: GoogleRequest,
  { send, pause }: Work,
): Promise<void> {
  const failed = (reason: string) => new Error(`could not ${purpose}: ${reason}`);
  const path = textOf(operation, 'name');
  const deadline = Date.now() + LONGEST_WAIT_MS;
  let current = operation;
  for (let wait = FIRST_PAUSE_MS; current['done'] !== true; wait *= 2) {
    if (Date.now() > deadline) {
      const remedy = `look at operation ${path} and run this again`;
      throw failed(`Google has not finished after 20 minutes; ${remedy}`);
    }
    if (!NAME.test(path)) {
      const remedy = 'check the custom endpoints of the gcp settings, and run this again';
      throw failed(`Google started an operation that has no name; ${remedy}`);
    }
    await pause(Math.min(wait, LONGEST_PAUSE_MS));
    current = await send({ service, method: 'GET', path, purpose, permission });
  }
  const { error } = current;
  if (!isObject(error)) return;
  const reason = `${textOf(error, 'message')} (code ${JSON.stringify(error['code'])})`;
  throw failed(`${reason}; correct what Google names, and run this again`);
}
