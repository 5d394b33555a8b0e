/** The software bill of materials in the built image is valid, and lists exactly what the image contains. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { BUNDLED_PACKAGES, type BundledPackage } from '../../scripts/bundle.ts';
import { buildImage } from './image.ts';
import { sbomFaults } from './sbom-faults.ts';

interface Document {
  readonly components: readonly {
    readonly name: string;
    readonly group?: string;
    readonly version: string;
    readonly purl: string;
  }[];
}

it(
  'lists the Debian packages and npm packages of the image, and is valid CycloneDX',
  () => {
    const image = buildImage();
    if (typeof image === 'string') throw new Error(image);
    const { rootfs } = image;
    const text = readFileSync(join(rootfs, 'opt/tidegate/sbom.cdx.json'), 'utf8');
    expect(sbomFaults(text)).toEqual([]);
    expect(readFileSync(join(dirname(rootfs), 'sbom.cdx.json'), 'utf8')).toBe(text);
    const { components } = JSON.parse(text) as Document;
    const listed = (kind: string) =>
      components
        .filter(({ purl }) => purl.startsWith(`pkg:${kind}/`) && !purl.startsWith('pkg:npm/node-linux'))
        .map(({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name} ${version}`);
    const admin = join(rootfs, 'var/lib/dpkg');
    const format = '${db:Status-Status} ${Package} ${Version}\n';
    const shown = execFileSync('dpkg-query', ['--admindir', admin, '--show', '--showformat', format], {
      encoding: 'utf8',
    });
    const installed = shown.split('\n').flatMap((line) => /^installed (.*)$/.exec(line)?.[1] ?? []);
    expect(installed).toContainEqual(expect.stringMatching(/^nginx 1\./));
    expect(listed('deb').toSorted()).toEqual(installed.toSorted());
    const bundled = JSON.parse(
      readFileSync(join(rootfs, 'opt/tidegate', BUNDLED_PACKAGES), 'utf8'),
    ) as BundledPackage[];
    expect(listed('npm').toSorted()).toEqual(bundled.map(({ name, version }) => `${name} ${version}`).toSorted());
    expect(components.filter(({ purl }) => purl.startsWith('pkg:npm/node-linux'))).toHaveLength(1);
  },
  30 * 60_000,
);
