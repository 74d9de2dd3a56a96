import { isObject, type Properties } from '../../../oci/protocol/resource-type.ts';
import type { Work } from './kind.ts';
import { textOf } from './property-text.ts';
import type { Question } from './question.ts';

const FIRST_LOOK_MS = 200;
const LONGEST_PAUSE_MS = 5000;
/** As long as the official plug-in. */
const PATIENCE_MS = 20 * 60_000;

/** What an operation is called: a path below the API's version, and nothing that leads elsewhere. */
const NAME = /^(?!.*\.\.)[\w.~:/@-]+$/;

/**
 * Waits until a long-running operation of `question` is done; throws where it failed, or where it
 * takes 20 minutes.
 */
export async function waitForOperation(
  operation: Properties,
  question: Question,
  { ask, pause }: Work,
): Promise<void> {
  let current = operation;
  const deadline = Date.now() + PATIENCE_MS;
  for (
    let wait = FIRST_LOOK_MS;
    current['done'] !== true;
    wait = Math.min(wait * 2, LONGEST_PAUSE_MS)
  ) {
    if (Date.now() > deadline) {
      throw new Error(
        `could not ${question.asked}: Google is still at it after 20 minutes; look at operation ` +
          `${textOf(current, 'name')} and run this again`,
      );
    }
    const path = textOf(operation, 'name');
    if (!NAME.test(path)) {
      throw new Error(
        `could not ${question.asked}: Google answered with an operation that has no name; ` +
          'check the custom endpoints of the gcp settings, and run this again',
      );
    }
    await pause(wait);
    const { service, asked, permission } = question;
    current = await ask({ service, method: 'GET', path, asked, permission });
  }
  const { error } = current;
  if (!isObject(error)) return;
  throw new Error(
    `could not ${question.asked}: ${textOf(error, 'message')} (code ${JSON.stringify(error['code'])}); ` +
      'correct what Google names, and run this again',
  );
}
