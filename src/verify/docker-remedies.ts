/** What to do about a failure, by what the Docker client prints for this cause only; the first match counts. */
const REMEDIES: readonly { readonly sign: RegExp; readonly remedy: string }[] = [
  {
    sign: /permission denied while trying to connect/i,
    remedy: 'give this user access to the socket of the Docker Engine (the group docker)',
  },
  {
    sign: /Cannot connect to the Docker daemon|failed to connect to the docker API|error during connect/i,
    remedy: 'start the Docker Engine, or correct DOCKER_HOST',
  },
  {
    sign: /client version .* is too|API version/i,
    remedy: 'put a client that this engine takes on PATH, or unset DOCKER_API_VERSION',
  },
  { sign: /no space left on device/i, remedy: 'make room on the disk of the Docker Engine' },
  {
    sign: /toomanyrequests|429 Too Many Requests/i,
    remedy: 'the registry limits the rate: try again later',
  },
  {
    sign: /error getting credentials.*executable file not found/i,
    remedy: 'install the credential helper, or take it out of the Docker config',
  },
  {
    sign: /error getting credentials/i,
    remedy: 'let the credential helper of the Docker config work: log in with its own command',
  },
  {
    sign: /proxyconnect|Proxy Authentication Required/i,
    remedy: 'correct the proxy in the settings of the Docker Engine, or the account in it',
  },
  {
    sign: /certificate has expired/i,
    remedy: 'check the clock of the Docker Engine; if it is right, renew the certificate',
  },
  {
    sign: /certificate is (?:not )?valid for|any IP SANs|relies on legacy Common Name/i,
    remedy: 'write the name of the registry that is in its certificate',
  },
  {
    sign: /x509:|certificate/i,
    remedy: "give the Docker Engine the certificate of the registry's authority (certs.d)",
  },
  {
    sign: /HTTP response to HTTPS client/i,
    remedy: 'have the registry speak TLS: Docker trusts plain http on its own machine only',
  },
  {
    sign: /no such host|server misbehaving/i,
    remedy: 'check the name of the registry, and the DNS of the Docker Engine',
  },
  {
    sign: /connection refused/i,
    remedy: 'nothing listens there: check the port of the registry, and that it runs',
  },
  {
    sign: /i\/o timeout|Client\.Timeout|TLS handshake timeout|no route to host|network is unreachable/i,
    remedy: 'let the Docker Engine reach the registry: see its proxy and firewall',
  },
  {
    sign: /schema 1 support/i,
    remedy: 'use a tag that was pushed with a Docker of today',
  },
  {
    sign: /no matching manifest for|does not match the specified platform/i,
    remedy: 'name a platform that the image has',
  },
  {
    // The containerd image store says of a tag and of a repository only that it is not found.
    sign: /manifest unknown|name unknown|manifest for .* not found|failed to resolve reference .*: not found$/im,
    remedy: 'publish the image with pulumi up',
  },
  {
    sign: /unexpected (?:HTTP )?status\b.*: 5\d\d /i,
    remedy: 'the registry has a failure of its own: try again later',
  },
  {
    sign: /denied|unauthorized|no basic auth credentials|403 Forbidden|HTTP 40[13]/i,
    remedy: 'log in to the registry with `gcloud auth configure-docker` or `docker login`',
  },
];

/** The remedy for a failed command of the Docker client, by its error output. */
export function dockerRemedy(stderr: string): string {
  const found = REMEDIES.find(({ sign }) => sign.test(stderr));
  return found?.remedy ?? 'mend what Docker says there, then run this again';
}
