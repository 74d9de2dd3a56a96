import { parseArgs } from 'node:util';
import { PrerequisiteError } from '../../../toolchain/prerequisite-error.ts';
import { runMain } from '../../../toolchain/run-main.ts';
import { serveUntilSignal } from '../loopback-server.ts';
import { emulatorSecret } from '../../secret-file.ts';
import { startGoogleApi } from './google-api.ts';

// A program: `node main.ts --registry 127.0.0.1:5000 --folder .sandbox/google-api --port 5100`.
await runMain(async () => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { registry: text, folder: text, port: text } });
  const { registry, folder, port = '0' } = values;
  if (registry === undefined || folder === undefined || !/^\d{1,5}$/.test(port)) {
    throw new PrerequisiteError(
      'the Google API emulator was started without what it needs',
      'give --registry <host:port> --folder <folder> and perhaps --port <port>',
    );
  }
  const secret = emulatorSecret(folder);
  const emulator = await startGoogleApi({ registry, folder, secret, port: Number(port) });
  await serveUntilSignal('Google API emulator', emulator);
  return 0;
});
