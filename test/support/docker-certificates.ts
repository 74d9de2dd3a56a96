import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianProgram } from '../../infra/toolchain/programs.ts';

/** The files of a Docker Engine that takes only clients with a certificate, and of such a client. */
export interface DockerCertificates {
  /** With `ca.pem`, `cert.pem` and `key.pem`: a value for DOCKER_CERT_PATH. */
  readonly client: string;
  /** With the same names, good for 127.0.0.1. */
  readonly server: string;
  /** Settings of the docker plug-in with the content of the client's files. */
  readonly material: Readonly<Record<'caMaterial' | 'certMaterial' | 'keyMaterial', string>>;
}

/** Makes an authority in `folder`, and certificates of it for a server and a client. */
export async function makeDockerCertificates(folder: string): Promise<DockerCertificates> {
  const openssl = await debianProgram('openssl', 'openssl', console.error);
  const [client, server] = [join(folder, 'client'), join(folder, 'server')];
  for (const each of [client, server]) mkdirSync(each, { recursive: true });
  const ca = join(folder, 'ca.pem');
  const caKey = join(folder, 'ca-key.pem');
  const make = (key: string, certificate: string, ...more: readonly string[]) => {
    const args = ['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt'];
    args.push('ec_paramgen_curve:prime256v1', '-days', '2', '-keyout', key, '-out', certificate);
    execFileSync(openssl, [...args, ...more], { stdio: 'ignore' });
  };
  make(caKey, ca, '-subj', '/CN=authority');
  const uses = {
    [server]: ['subjectAltName=IP:127.0.0.1', 'extendedKeyUsage=serverAuth'],
    [client]: ['extendedKeyUsage=clientAuth'],
  };
  for (const [place, extensions] of Object.entries(uses)) {
    const signed = ['-CA', ca, '-CAkey', caKey, '-subj', '/CN=docker'];
    const added = ['basicConstraints=CA:false', ...extensions];
    const more = added.flatMap((extension) => ['-addext', extension]);
    make(join(place, 'key.pem'), join(place, 'cert.pem'), ...signed, ...more);
    copyFileSync(ca, join(place, 'ca.pem'));
  }
  const contentOf = (name: string) => readFileSync(join(client, name), 'utf8');
  return {
    client,
    server,
    material: {
      caMaterial: contentOf('ca.pem'),
      certMaterial: contentOf('cert.pem'),
      keyMaterial: contentOf('key.pem'),
    },
  };
}
