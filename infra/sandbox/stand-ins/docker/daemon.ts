import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { parseJson } from '../../../../src/json.ts';
import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { valueAt } from './image-inputs.ts';

/** A Docker Engine, as the settings of a provider and the environment of its plug-in lead to it. */
interface Daemon {
  /** Variables that lead the `docker` command there. */
  readonly variables: Readonly<Record<string, string>>;
  /** Whether Configure contacts it. The official plug-in does not connect by ssh before a build. */
  readonly isPinged: boolean;
}

const MATERIAL = {
  caMaterial: 'ca.pem',
  certMaterial: 'cert.pem',
  keyMaterial: 'key.pem',
} as const;

type Material = Readonly<Record<keyof typeof MATERIAL, string>>;

/** The settings of a provider that say where its engine is and how to get there. */
export const DAEMON_SETTINGS = ['host', 'certPath', 'sshOpts', ...Object.keys(MATERIAL)];

/**
 * Finds the engine as the official plug-in does (`configureDockerClientInner` in pulumi-docker's provider/image.go):
 * the host of the settings goes before DOCKER_HOST, but behind it with the content of certificates; DOCKER_CERT_PATH is
 * the default of certPath, which makes such content an error and keeps ssh from connecting; a Docker context is never
 * looked at. Throws an error where the official plug-in has one.
 */
export function daemonOf(settings: Properties, env: NodeJS.ProcessEnv = process.env): Daemon {
  const text = (name: string) => {
    const value = valueAt(settings, name);
    return typeof value === 'string' ? value : '';
  };
  const outer = env['DOCKER_HOST'] ?? '';
  const certPath = text('certPath') || (env['DOCKER_CERT_PATH'] ?? '');
  const material = {
    caMaterial: text('caMaterial'),
    certMaterial: text('certMaterial'),
    keyMaterial: text('keyMaterial'),
  };
  const given = Object.values(material).filter((content) => content !== '');
  if (given.length > 0) {
    if (given.length < 3) {
      throw new Error('certMaterial, keyMaterial, and caMaterial must all be specified');
    }
    if (certPath !== '') {
      throw new Error('when using raw certificates, certPath must not be specified');
    }
    return { variables: variablesOf(outer || text('host'), writeFiles(material)), isPinged: true };
  }
  const host = text('host') || outer;
  const isSsh = host.startsWith('ssh://');
  if (isSsh && certPath !== '') {
    throw new Error(`failed to connect to any docker daemon: ${host} does not talk TLS`);
  }
  const variables = { ...variablesOf(host, certPath), ...sshVariables(text('sshOpts'), env) };
  return { variables, isPinged: !isSsh };
}

function variablesOf(host: string, certPath: string) {
  return {
    // An empty DOCKER_HOST would leave the choice to the current context.
    ...(host === '' ? { DOCKER_CONTEXT: 'default' } : { DOCKER_HOST: host, DOCKER_CONTEXT: '' }),
    DOCKER_CERT_PATH: certPath,
    DOCKER_TLS_VERIFY: certPath === '' ? '' : '1',
  };
}

/** A folder for the `docker` command, which takes no content; it goes with this process. */
function writeFiles(material: Material): string {
  const folder = mkdtempSync(join(tmpdir(), 'docker-certificates-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [name, file] of Object.entries(MATERIAL)) {
    const content = material[name as keyof Material];
    writeFileSync(join(folder, file), content, { mode: 0o600 });
  }
  return folder;
}

const SshOptions = z.array(z.string());

/** The options come as JSON. */
function sshVariables(json: string, env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  if (json === '') return {};
  const options = SshOptions.parse(parseJson(json));
  return {
    PATH: [join(import.meta.dirname, 'bin'), env['PATH'] ?? ''].join(delimiter),
    SSH_OPTIONS: options.map((option) => `'${option.replaceAll("'", `'\\''`)}'`).join(' '),
  };
}
