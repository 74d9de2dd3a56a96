import { expect, test } from 'vitest';
import { GOOGLE } from '../../src/google/artifact-registry.ts';
import type { HttpResponse } from '../../src/http/fetch-with-retry.ts';
import { githubApi } from '../../src/merge-request/github-api.ts';
import { gitlabApi } from '../../src/merge-request/gitlab-api.ts';
import { HostError, hostRequest } from '../../src/merge-request/host-api.ts';
import { parseRegistry } from '../../src/image-reference.ts';
import { textFetcher } from '../../src/refresh/lookup/text-fetcher.ts';
import { PublisherError } from '../../src/refresh/publishers/publisher.ts';
import { responseError } from '../../src/registry/registry-request.ts';
import { responder } from '../../src/registry/responder.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { known, rejection } from '../support/fixtures.ts';

const REGISTRY = new URL('https://r.test');

function response(status: number, body: string, headers: Record<string, string> = {}) {
  const { origin } = REGISTRY;
  const bytes = Buffer.from(body);
  return { status, origin, bytes, headers: new Headers(headers), tries: 1 } satisfies HttpResponse;
}

const NOBODY = { registry: known(parseRegistry('r.test')), credentials: undefined };

const says = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] });
const TOO_MANY = 'You have reached your unauthenticated pull rate limit.';

test.each([
  [403, says('DENIED', 'X API has not been used in project 1 before'), 'DENIED', /^enable the API/],
  [403, says('DENIED', "prohibited by organization's policy"), 'DENIED', /VPC/],
  [
    403,
    says('DENIED', 'This API method requires billing to be enabled'),
    'DENIED',
    /billing account/,
  ],
  [403, says('DENIED', 'will exceed the configured upper limit of 1 GiB'), 'DENIED', /is full/],
  [
    400,
    says('TAG_INVALID', "the tag 'a' can't be overwritten: immutable"),
    'ANSWER',
    /tags from mov/,
  ],
  [412, says('PRECONDITION', "'x:a' configured as immutable"), 'ANSWER', /tags from moving/],
  [404, says('NAME_UNKNOWN', 'repository not found'), 'ANSWER', /name of the repository/],
  [413, '<html>Request Entity Too Large</html>', 'ANSWER', /raise the size/],
  [429, says('TOOMANYREQUESTS', TOO_MANY), 'RATE_LIMITED', /docker login/],
  [429, says('TOOMANYREQUESTS', 'slow down'), 'RATE_LIMITED', /^try again later$/],
  [507, '', 'ANSWER', /is full/],
  [500, says('UNKNOWN', 'write /data/x: no space left on device'), 'ANSWER', /is full/],
  [502, '<html>Bad Gateway</html>', 'ANSWER', /^try again later; if it lasts/],
  [307, '', 'ANSWER', /correct its redirect$/],
  [400, says('MANIFEST_INVALID', 'no layers'), 'ANSWER', /look at what it says/],
])('a registry with %i %s: %s, and a remedy %s', (status, body, code, remedy) => {
  const refused = response(status, body);
  const error = responseError('push', refused, [], responder(refused, REGISTRY, NOBODY));
  expect(error.code).toBe(`REGISTRY_${code}`);
  expect(error.remedy).toMatch(remedy);
});

test.each([
  [401, /no account was sent/],
  [403, /let this machine reach https:\/\/r\.test/],
  [503, /^try again later$/],
  [404, /^tell the operator of other\.test$/],
])('a server that a registry redirects to, with %i: %s', (status, remedy) => {
  const refused = response(status, '');
  const who = responder(refused, new URL('https://other.test'), NOBODY);
  expect(responseError('read', refused, [], who).remedy).toMatch(remedy);
});

const google = (message: string) => JSON.stringify({ error: { message } });

test.each([
  [401, 'Request had invalid authentication credentials.', /^log in anew/],
  [403, "Permission 'artifactregistry.repositories.get' denied", /artifactregistry\.reader/],
  [403, 'Artifact Registry API has not been used in project 1 before', /^enable the API/],
  [403, "Request is prohibited by organization's policy. vpcServiceControls", /VPC/],
  [404, 'Requested entity was not found.', /^check project, location and repositoryId$/],
  [400, 'Invalid location', /^check project/],
  [429, 'Quota exceeded', /^try again later$/],
  [503, 'The service is currently unavailable.', /^try again later$/],
  [302, '', /artifactRegistryCustomEndpoint/],
])('Google with %i %j: %s', (status, message, remedy) => {
  const error = responseError('read', response(status, google(message)), [], GOOGLE);
  expect(error.remedy).toMatch(remedy);
});

const NEEDS = 'a token with the scope api';

test.each([
  ['GitHub', 401, 'Bad credentials', /valid$/],
  ['GitHub', 403, 'Resource not accessible by integration', /"pull-requests: write"$/],
  ['GitHub', 403, 'Resource protected by organization SAML enforcement.', /single sign-on/],
  [
    'GitHub',
    403,
    'GitHub Actions is not permitted to create or approve pull requests.',
    /let Actions/,
  ],
  ['GitHub', 403, 'the organization has an IP allow list enabled', /allow list/],
  ['GitHub', 403, 'Repository was archived so is read-only.', /archive/],
  ['GitHub', 404, 'Not Found', /^check GITHUB_REPOSITORY/],
  ['GitHub', 301, 'Moved Permanently', /name that the repository has now/],
  ['GitHub', 422, 'No commits between main and images', /nothing is left/],
  ['GitHub', 503, 'unavailable', /^run this again later/],
  ['GitHub', 409, 'something else', /^see what GitHub says/],
  ['GitLab', 401, '401 Unauthorized', /valid$/],
  ['GitLab', 403, '403 Forbidden', new RegExp(`${NEEDS}$`)],
  ['GitLab', 404, '404 Project Not Found', /may see the project/],
  ['GitLab', 302, '', /redirects to$/],
  ['GitLab', 502, '', /^run this job again$/],
  ['GitLab', 429, '', /^run this job again$/],
  ['GitLab', 400, 'something else', /^see what GitLab says/],
])('%s with %i %j: %s', async (name, status, message, remedy) => {
  const { origin } = await scriptedServer({ status, body: JSON.stringify({ message }) });
  const api =
    name === 'GitHub'
      ? githubApi({ api: origin, repository: 'a/b', token: 'hush' })
      : gitlabApi({ CI_API_V4_URL: origin, GITLAB_TOKEN: 'hush' }, NEEDS);
  const error = await rejection(hostRequest(api, { method: 'GET', path: '/a' }), HostError);
  expect(error.message).toContain(String(status));
  expect(error.remedy).toMatch(remedy);
});

test.each([
  [429, /^try again later$/],
  [503, /^try again later$/],
  [403, /let this machine read it/],
  [302, /new address$/],
  [418, /^look for the publisher's new address$/],
])('a publisher with %i: %s', async (status, remedy) => {
  const fetch = () => Promise.resolve(new Response('', { status }));
  const text = textFetcher({ fetch, mostTries: 1 })('https://p.test/list');
  const error = await rejection(text, PublisherError);
  expect(error.code).toBe('SOURCE_UNREACHABLE');
  expect(error.remedy).toMatch(remedy);
});
