import { expect, test } from 'vitest';
import { dockerRemedy } from '../../src/verify/docker-remedies.ts';

const FROM_ENGINE = 'Error response from daemon: ';
const GET = `${FROM_ENGINE}Get "https://r.test/v2/": `;
// With the containerd image store.
const RESOLVE = `${FROM_ENGINE}failed to resolve reference "r.test/a:b": `;
const HEAD = 'status from HEAD request to https://r.test/v2/a/manifests/b';

test.each([
  ['Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?', /^start/],
  ['permission denied while trying to connect to the Docker daemon socket', /group docker/],
  [`${FROM_ENGINE}client version 1.24 is too old.`, /client that this engine takes/],
  [`${FROM_ENGINE}write /var/lib/docker/x: no space left on device`, /make room/],
  [`${FROM_ENGINE}toomanyrequests: You have reached your pull rate limit.`, /limits the rate/],
  [`${GET}tls: failed to verify certificate: x509: signed by unknown authority`, /certs\.d/],
  [
    `${GET}x509: certificate has expired or is not yet valid: current time 2026`,
    /^check the clock/,
  ],
  [`${GET}x509: certificate is valid for other.test, not r.test`, /^write the name/],
  [
    `${GET}x509: cannot validate certificate for 1.2.3.4 because it doesn't contain any IP SANs`,
    /^write the name/,
  ],
  [`${GET}http: server gave HTTP response to HTTPS client`, /^have the registry speak TLS/],
  [`${GET}proxyconnect tcp: dial tcp: lookup p.test: no such host`, /^correct the proxy/],
  [`${GET}Proxy Authentication Required`, /^correct the proxy/],
  [`${GET}dial tcp: lookup r.test: no such host`, /^check the name.*DNS/],
  [`${GET}dial tcp: lookup r.test on 1.1.1.1:53: server misbehaving`, /^check the name.*DNS/],
  [`${GET}dial tcp 127.0.0.1:9: connect: connection refused`, /^nothing listens/],
  [`${GET}dial tcp 1.2.3.4:443: i/o timeout`, /firewall/],
  [`${GET}net/http: request canceled (Client.Timeout exceeded)`, /firewall/],
  [
    'error getting credentials - err: exec: "docker-credential-x": executable file not found in $PATH, out: ``',
    /^install/,
  ],
  ['error getting credentials - err: exit status 1, out: `no login`', /helper .* work/],
  [
    `${FROM_ENGINE}[DEPRECATION NOTICE] Docker Image Format v1 and schema 1 support is disabled`,
    /^use a tag/,
  ],
  ['no matching manifest for linux/arm64 in the manifest list entries', /platform/],
  [`${FROM_ENGINE}manifest for r.test/a:b not found: manifest unknown`, /^publish/],
  [`${FROM_ENGINE}repository r.test/a not found: name unknown: not known`, /^publish/],
  [`${RESOLVE}r.test/a:b: not found`, /^publish/],
  [`${RESOLVE}unexpected ${HEAD}: 429 Too Many Requests`, /limits the rate/],
  [`${RESOLVE}unexpected ${HEAD}: 503 Service Unavailable`, /^the registry has a failure/],
  [`${FROM_ENGINE}received unexpected HTTP status: 500 Internal Server Error`, /^the registry has/],
  [`${RESOLVE}unexpected ${HEAD}: 403 Forbidden`, /docker login/],
  [`${FROM_ENGINE}error parsing HTTP 403 response body: invalid character`, /docker login/],
  [`${FROM_ENGINE}error from registry: denied\ndenied`, /docker login/],
  [`${FROM_ENGINE}pull access denied for a, repository does not exist`, /docker login/],
  [`${RESOLVE}pull access denied, repository does not exist: no basic auth`, /docker login/],
  [
    'no matching manifest for linux/arm64: no match for platform in manifest: not found',
    /platform/,
  ],
  [`${FROM_ENGINE}127.0.0.1:40100/a@sha256:403 is corrupt`, /^mend what Docker says/],
  [`${FROM_ENGINE}unauthorized: authentication required`, /docker login/],
  ['something else', /^mend what Docker says/],
])('Docker says %j: %s', (stderr, remedy) => {
  expect(dockerRemedy(stderr)).toMatch(remedy);
});
