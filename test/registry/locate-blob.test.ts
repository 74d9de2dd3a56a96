import { expect, test } from 'vitest';
import { basicAuthorization } from '../../src/url.ts';
import { locateBlob } from '../../src/registry/registry-client.ts';
import { DIGEST, failureOf, REPOSITORY } from './client-of.ts';
import { scriptedServer } from './scripted-server.ts';

const ASK_WHO = { status: 401, headers: { 'www-authenticate': 'Basic realm="test"' } };

test('a blob is where its digest says, with nothing to show where nobody asks', async () => {
  const { registry, origin, asked } = await scriptedServer({ status: 200 });
  const place = await locateBlob({ registry, credentials: undefined }, REPOSITORY, DIGEST);
  expect(place).toEqual({ url: `${origin}/v2/${REPOSITORY}/blobs/${DIGEST}` });
  expect(asked.map(({ method }) => method)).toEqual(['HEAD']);
});

test('a blob comes with the header that the registry has just taken', async () => {
  const { registry } = await scriptedServer(ASK_WHO, { status: 200 });
  const credentials = { username: 'ci', password: 'open sesame' };
  const place = await locateBlob({ registry, credentials }, REPOSITORY, DIGEST);
  expect(place?.authorization).toBe(basicAuthorization('ci', 'open sesame'));
});

test('a blob that is not there is no failure, and a refusal is one', async () => {
  const none = await scriptedServer({ status: 404 });
  const { registry } = none;
  const asked = locateBlob({ registry, credentials: undefined }, REPOSITORY, DIGEST);
  expect(await asked).toBeUndefined();
  const closed = await scriptedServer({ status: 403 });
  const denied = locateBlob(
    { registry: closed.registry, credentials: undefined },
    REPOSITORY,
    DIGEST,
  );
  expect((await failureOf(denied)).code).toBe('REGISTRY_DENIED');
});
