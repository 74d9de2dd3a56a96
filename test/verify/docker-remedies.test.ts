import { expect, test } from 'vitest';
import { dockerRemedy } from '../../src/verify/docker-client.ts';

const FROM_ENGINE = 'Error response from daemon: ';
const GET = `${FROM_ENGINE}Get "https://r.test/v2/": `;

test.each([
  ['Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?', /^start/],
  ['permission denied while trying to connect to the Docker daemon socket', /group docker/],
  [`${FROM_ENGINE}client version 1.24 is too old.`, /client that this engine takes/],
  [`${FROM_ENGINE}write /var/lib/docker/x: no space left on device`, /make room/],
  [`${FROM_ENGINE}toomanyrequests: You have reached your pull rate limit.`, /limits the rate/],
  [`${GET}tls: failed to verify certificate: x509: signed by unknown authority`, /certs\.d/],
  [`${GET}dial tcp: lookup r.test: no such host`, /DNS, proxy/],
  [`${GET}dial tcp 127.0.0.1:9: connect: connection refused`, /DNS, proxy/],
  ['no matching manifest for linux/arm64 in the manifest list entries', /platform/],
  [`${FROM_ENGINE}manifest for r.test/a:b not found: manifest unknown`, /^publish/],
  [`${FROM_ENGINE}pull access denied for a, repository does not exist`, /docker login/],
  [`${FROM_ENGINE}unauthorized: authentication required`, /docker login/],
  ['something else', /^mend what Docker says/],
])('Docker says %j: %s', (stderr, remedy) => {
  expect(dockerRemedy(stderr)).toMatch(remedy);
});
