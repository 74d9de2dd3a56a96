import { parseArgs } from 'node:util';
import { runMain } from '../../../toolchain/run-main.ts';
import { PrerequisiteError } from '../../../toolchain/prerequisite-error.ts';
import { startGoogleApi } from './google-api.ts';

// The emulator as a program of its own:
//
//     node main.ts --registry 127.0.0.1:5000 --folder .sandbox/google-api --port 5100
await runMain(async () => {
  const {
    registry,
    folder,
    port = '0',
  } = parseArgs({
    options: {
      registry: { type: 'string' },
      folder: { type: 'string' },
      port: { type: 'string' },
    },
  }).values;
  if (registry === undefined || folder === undefined || !/^\d{1,5}$/.test(port)) {
    throw new PrerequisiteError(
      'the Google API emulator was started without what it needs',
      'give --registry <host:port> --folder <folder> and perhaps --port <port>',
    );
  }
  const emulator = await startGoogleApi({ registry, folder, port: Number(port) });
  console.log(`Google API emulator: http://${emulator.address}`);
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
  });
  await emulator.close();
  return 0;
});
