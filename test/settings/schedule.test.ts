import { expect, test } from 'vitest';
import { isCron, isGitlabPipeline } from '../../src/settings/schedule.ts';

test.each([
  '* * * * *',
  '0 0 1 1 0',
  '59 23 31 12 7',
  '*/15 9-17 * * 1-5',
  '0,30 0 1,15 JAN-mar,dec mon',
  '0-30/10 */2 * * *',
  ' 0  3 * *  sun ',
])('%j is a schedule', (text) => {
  expect(isCron(text)).toBe(true);
});

test.each([
  '',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * 32 * *',
  '* * * 13 * ',
  '* * * 0 *',
  '* * * * 8',
  '-1 * * * *',
  '30-10 * * * *',
  '*/0 * * * *',
  '*/x * * * *',
  '5/10 * * * *',
  '1,,2 * * * *',
  '1-2-3 * * * *',
  '* * * mon *',
  '@daily',
  'every 5 minutes',
])('%j is none', (text) => {
  expect(isCron(text)).toBe(false);
});

const END = '/trigger/pipeline';
const API = 'https://gitlab.example.com/api/v4/projects';

test.each([
  ['a project by its number', `${API}/42${END}`],
  ['a project by its path', `${API}/some-group%2Fsub.group%2fsome_project${END}`],
  ['another port', `https://gitlab.example.com:8443/api/v4/projects/42${END}`],
  ['an instance below a path', `https://example.com/git/lab/api/v4/projects/42${END}`],
  ['plain http on this machine', `http://127.0.0.1:8080/api/v4/projects/42${END}`],
  ['plain http on this machine, by IPv6', `http://[::1]:8080/api/v4/projects/42${END}`],
])('a pipeline is started at %s', (_, text) => {
  expect(isGitlabPipeline(text)).toBe(true);
});

test.each([
  [
    'plain http elsewhere, where others could read the token',
    `http://gitlab.example.com/api/v4/projects/42${END}`,
  ],
  ['another protocol', `ftp://gitlab.example.com/api/v4/projects/42${END}`],
  ['no protocol', `gitlab.example.com/api/v4/projects/42${END}`],
  ['a user', `https://me@gitlab.example.com/api/v4/projects/42${END}`],
  ['a password', `https://:hush@gitlab.example.com/api/v4/projects/42${END}`],
  ['a token', `${API}/42${END}?token=hush`],
  ['an empty query', `${API}/42${END}?`],
  ['a fragment', `${API}/42${END}#token=hush`],
  ['a slash in the project', `${API}/group/project${END}`],
  ['a group alone', `${API}/group${END}`],
  ['no project', `${API}/${END}`],
  ['the ref', `${API}/42/ref/main${END}`],
  ['a slash at the end', `${API}/42${END}/`],
  ["the project's page", 'https://gitlab.example.com/group/project'],
  ['two ways to write it', `https://GitLab.example.com/api/v4/projects/42${END}`],
  ['steps in the path', `${API}/41/../42${END}`],
  ['a space', ` ${API}/42${END}`],
])('no address with %s is taken', (_, text) => {
  expect(isGitlabPipeline(text)).toBe(false);
});
