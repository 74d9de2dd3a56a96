import { describe, expect, test } from 'vitest';
import { pullRequestStep } from '../../src/merge-request/pull-request-step.ts';

describe('a pull request is', () => {
  const pull = (state: string, commit: string) => ({ number: 1, url: '', state, commit });
  test.each([
    ['created where there is none', [], 'create'],
    ['brought up to date where one is open', [pull('closed', 'it'), pull('open', 'x')], 'update'],
    ['left closed where it was of this commit', [pull('closed', 'it')], 'leave'],
    ['created where another one was closed', [pull('closed', 'x')], 'create'],
  ])('%s', (_, pulls, step) => {
    expect(pullRequestStep(pulls, 'it')).toMatchObject({ step });
  });
});
