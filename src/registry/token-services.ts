/** The variable that names further token services. */
export const TOKEN_SERVICES = 'IMAGES_TOKEN_SERVICES';

const DOCKER_HUB = 'registry-1.docker.io';

/**
 * Whether the account at a registry may be sent to a realm: one at the registry's own origin, the token
 * service of Docker Hub, that of the GitLab that a registry belongs to by its name (`registry.gitlab.example`,
 * `gitlab.example:5050`), or one that `others` names, as `registry=URL` with blanks between.
 */
export function isTokenService(realm: URL, registry: URL, others: string): boolean {
  if (realm.origin === registry.origin) return true;
  const address = realm.origin + realm.pathname;
  return (
    tokenServices(registry).includes(address) ||
    others.split(/\s+/).includes(`${registry.host}=${address}`)
  );
}

function tokenServices({ hostname }: URL): readonly string[] {
  if (hostname === DOCKER_HUB) return ['https://auth.docker.io/token'];
  return [hostname, hostname.replace(/^registry\./, '')].map((host) => `https://${host}/jwt/auth`);
}
