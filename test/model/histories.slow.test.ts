import process from 'node:process';
import { expect, test } from 'vitest';
import { SEED, share } from '../support/long-haul.ts';
import { brokenHistory } from './histories.ts';

const HOURS_MS = 3_600_000;

test(
  'whatever happens, nothing that a branch needs is lost',
  { timeout: 4 * HOURS_MS },
  async () => {
    const story = await brokenHistory({ numRuns: share(20_000, 500, 40) });
    if (story === undefined) return;
    const soak = process.env['SOAK_SEED'] === undefined ? '' : `SOAK_SEED=${SEED} `;
    expect.fail(`${story}\n\nseed ${SEED}; to see it again: ${soak}npm test -- test/model`);
  },
);
