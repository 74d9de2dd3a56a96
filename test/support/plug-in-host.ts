import { ociPlugin } from '../../infra/oci/oci-plugin.ts';
import { startPluginServer } from '../../infra/oci/protocol/serve.ts';
import { createDockerStandIn } from '../../infra/sandbox/stand-ins/docker/docker-stand-in.ts';
import { runDocker } from '../../src/build/run-docker.ts';
import { createGcpStandIn } from '../../infra/sandbox/stand-ins/gcp/gcp-stand-in.ts';
import { startLanguageServer } from '../../infra/sandbox/stand-ins/language-host/language-service.ts';

// The plug-ins of one test checkout in one process, which every engine there attaches to: an engine would
// start eight processes of Node for them each time it runs. Prints their ports, and ends with its parent.
const plugins = {
  oci: () => ociPlugin(process.env),
  docker: () => createDockerStandIn(runDocker),
  gcp: () => createGcpStandIn(process.env),
};
const ports = await Promise.all(
  Object.entries(plugins).map(async ([name, create]) => {
    return [name, (await startPluginServer(create)).port] as const;
  }),
);
console.log(JSON.stringify({ ...Object.fromEntries(ports), nodejs: await startLanguageServer() }));
// Each line of input is printed on both outputs: whoever reads it has read all that came before.
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  process.stdout.write(text);
  process.stderr.write(text);
});
process.stdin.on('close', () => process.exit(0));
