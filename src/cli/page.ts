import { resolve } from 'node:path';
import { Option } from 'commander';
import { dayOption, stackOption } from './options.ts';
import { readPageAssets } from './page-assets.ts';
import { readPage, type PageOptions, type ReadPage } from './read-page.ts';
import { EXIT_CODES, flag, subcommand, type OptionFor } from './subcommand.ts';
import { expectOwn, writeFolder } from './write-folder.ts';
import { formatDay } from '../dates.ts';
import { renderSite } from '../page/render-site.ts';
import { printable } from '../problem.ts';

const outOption: OptionFor<string> = new Option(
  '--out <folder>',
  'the folder to write; replaced as a whole, if it has an earlier page alone',
).makeOptionMandatory();

/** `images page`: every image, what it is, who needs it and why it stays, as a static site. */
export const pageCommand = subcommand({
  name: 'page',
  description: 'Write a static site that shows every image, who needs it, and why it stays',
  options: {
    out: outOption,
    stack: stackOption,
    at: dayOption('as of this day, such as 2027-03-01'),
    lookup: flag('--lookup', 'look up newer bases and disks, and mark images that lack them'),
  },
  run: async ({ root, out, err }, { out: name, stack, at = new Date(), lookup }) => {
    const folder = resolve(root, name);
    const day = formatDay(at);
    const { data, isWhole, isDangerous } = await writePage(root, stack, {
      folder,
      day,
      isLookup: lookup === true,
      note: (line) => {
        err(`warning: ${printable(line)}\n`);
      },
    });
    const { images, branches } = data;
    out(
      `${name} shows the images (${images.length}) and branches (${branches.length}) as of ${day}.\n`,
    );
    if (!isWhole) return EXIT_CODES.problem;
    return isDangerous ? EXIT_CODES.endangered : EXIT_CODES.done;
  },
});

/** Reads all that the page shows, and writes it into a folder. Throws an InvalidInputError, also for that folder. */
export async function writePage(
  root: string,
  stack: string,
  { folder, ...options }: PageOptions & { readonly folder: string },
): Promise<ReadPage> {
  // Before anything is read.
  expectOwn(folder);
  const page = await readPage(root, stack, options);
  writeFolder(folder, renderSite(page.data, readPageAssets()));
  return page;
}
