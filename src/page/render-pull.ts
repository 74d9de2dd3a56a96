import { html, type Content, type Html } from './html.ts';
import { shortName, type Links } from './links.ts';
import type { PageData, PageImage, PageVersion } from './page-data.ts';

/** The names to pull an image by, and what to write where it is used. `undefined` where it has no version. */
export function renderPull({ registry }: PageData, image: PageImage, links: Links): Content {
  const [newest] = image.versions;
  if (newest === undefined) return undefined;
  const repository = `${registry}/${image.name}`;
  const byDigest = `${repository}@${newest.digest}`;
  const row = (what: Content, reference: string) =>
    html`<tr>
      <th scope="row">${what}</th>
      <td><code>${reference}</code></td>
    </tr>`;
  const aliases = image.versions.flatMap((version) =>
    version.aliases.map((alias) =>
      row(
        html`Alias, now ${links.version(image.name, version.digest, shortName(version))}`,
        `${repository}:${alias}`,
      ),
    ),
  );
  return html`<section aria-labelledby="pull">
    <h2 id="pull">How to pull it</h2>
    <table class="pull">
      <tbody>
        ${
          newest.tag === undefined
            ? undefined
            : row('Newest, by immutable tag', `${repository}:${newest.tag}`)
        }
        ${row('Newest, by digest', byDigest)} ${aliases}
      </tbody>
    </table>
    ${snippets(image, newest, repository, byDigest)}
  </section>`;
}

function snippets(
  { name, declared }: PageImage,
  newest: PageVersion,
  repository: string,
  byDigest: string,
): Content {
  switch (declared?.holds ?? declared?.kind) {
    case 'vm-disk':
      return snippet('A virtual machine of KubeVirt', virtualMachine(name, byDigest));
    case 'container': {
      // kind finds an image by its tag alone.
      const byTag = newest.tag === undefined ? byDigest : `${repository}:${newest.tag}`;
      const isPrivileged = declared?.verify === undefined;
      return html`${snippet(
        isPrivileged ? 'A container, whose systemd needs privileges' : 'A container',
        `docker run --detach${isPrivileged ? ' --privileged' : ''} --name ${name} \\\n  ${byDigest}`,
      )}
      ${snippet(
        'Into the nodes of a kind cluster',
        `docker pull ${byTag}\nkind load docker-image ${byTag}`,
      )}`;
    }
    default:
      return snippet('With Docker', `docker pull ${byDigest}`);
  }
}

function snippet(title: string, text: string): Html {
  return html`<h3>${title}</h3>
    <div class="snippet"><pre tabindex="0">${text}</pre></div>`;
}

function virtualMachine(name: string, reference: string): string {
  return `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: { name: ${name} }
spec:
  domain:
    memory: { guest: 2Gi }
    devices: { disks: [{ name: root, disk: { bus: virtio } }] }
  volumes:
    - name: root
      containerDisk:
        image: ${reference}`;
}
