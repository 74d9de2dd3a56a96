import { expect, test } from 'vitest';
import type { CatalogEdit } from '../../src/refresh/edits.ts';
import {
  commitIdentity,
  isProposal,
  proposalText,
} from '../../src/merge-request/proposal-commit.ts';

const [A, B] = ['a', 'b'].map((letter) => `sha256:${letter.repeat(64)}`) as [string, string];
const written = { value: '', start: 0, end: 0, line: 1, column: 1, path: 'images[0].base' };
const base = (image: string): CatalogEdit => ({
  kind: 'base',
  written,
  images: [image],
  replacement: `docker.io/library/debian:12@${B}`,
  from: A,
  to: B,
});
const snapshot: CatalogEdit = {
  kind: 'snapshot',
  written,
  images: ['one', 'two'],
  replacement: '2026-02-01',
  from: '2026-01-01',
  to: '2026-02-01',
};

const BOT = commitIdentity({}).GIT_COMMITTER_EMAIL;
const [ONE = '', TWO = ''] = [[snapshot], [snapshot, base('one')]].map(
  (edits) => proposalText('config/images.yml', edits).subject,
);

test('the subject counts values', () => {
  expect(ONE).toBe('Refresh 1 value of config/images.yml');
  expect(TWO).toBe('Refresh 2 values of config/images.yml');
});

test('the subject is a title that both hosts take, however long the path is', () => {
  const { subject } = proposalText(`config/${'x'.repeat(300)}/images.yml`, [snapshot]);
  // GitLab takes 255 characters, GitHub 256.
  expect(subject.length).toBeLessThan(256);
  expect(subject).toMatch(/^Refresh 1 value of …x+\/images\.yml$/);
  expect(isProposal({ committerEmail: BOT, subject }, '')).toBe(true);
});

test.each([
  ['of the bot', BOT, ONE, true],
  ['of whom the environment names', 'me@example.org', TWO, true],
  ['not when somebody else committed or changed it', 'you@example.org', ONE, false],
  ['not when it is about something else', BOT, 'Refresh the README', false],
])('a commit is a proposal: %s', (_, committerEmail, subject, expected) => {
  expect(isProposal({ committerEmail, subject }, 'me@example.org')).toBe(expected);
});

test('the list has images, what changes, and both digests in full', () => {
  const { body, line } = proposalText('config/images.yml', [snapshot, base('one')]);
  expect(body).toContain(
    `- one, two: snapshot\n  2026-01-01 → 2026-02-01\n- one: base docker.io/library/debian:12\n  ${A} → ${B}\n`,
  );
  expect(line).toBe(
    `one, two: snapshot: 2026-01-01 → 2026-02-01; one: base docker.io/library/debian:12: ${A} → ${B}`,
  );
});

test('a list that is too long for a line says how many are left out', () => {
  const edits = Array.from({ length: 500 }, (_, at) => base(`image-${at}\n`));
  const { line } = proposalText('config/images.yml', edits);
  expect(line.length).toBeLessThan(11_000);
  expect(line).not.toContain('\n');
  const shown = line.split(' → ').length - 1;
  expect(line).toContain(`; and ${500 - shown} more, which the commit lists`);
});

test('a list that is too long for a pull request says how many are left out', () => {
  const edits = Array.from({ length: 500 }, (_, at) => base(`image-${at}`));
  const { body, description } = proposalText('config/images.yml', edits);
  // "body is too long (maximum is 65536 characters)".
  expect(description.length).toBeLessThan(65_536);
  const shown = description.split(' → ').length - 1;
  expect(description).toContain(`\n- and ${500 - shown} more, which the commit lists\n`);
  expect(body.split(' → ')).toHaveLength(501);
  const one = proposalText('config/images.yml', edits.slice(0, 1));
  expect(one.description).toBe(one.body);
});
