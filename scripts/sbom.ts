/**
 * Prints the software bill of materials of the image: CycloneDX 1.6, as JSON. The Dockerfile calls it:
 *
 *   node scripts/sbom.ts DPKG_STATUS OS_RELEASE DIST
 *
 * DPKG_STATUS and OS_RELEASE are /var/lib/dpkg/status and /usr/lib/os-release of the image's base; DIST is the folder
 * that scripts/bundle.ts has written. It also reads package.json and package-lock.json of this checkout.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Enums, Models, Serialize, SPDX, Spec } from '@cyclonedx/cyclonedx-library';
import { PackageURL } from 'packageurl-js';
import { BUNDLED_PACKAGES, type BundledPackage } from './bundle.ts';

const ROOT = join(import.meta.dirname, '..');

export interface SbomInput {
  /** Text of /var/lib/dpkg/status. */
  readonly dpkgStatus: string;
  /** Text of /usr/lib/os-release. */
  readonly osRelease: string;
  /** The npm packages in the bundle. */
  readonly bundled: readonly BundledPackage[];
  /** Version of Tidegate. */
  readonly version: string;
  /** Package of Node in package-lock.json, with its version and hash. */
  readonly node: Omit<BundledPackage, 'license'>;
  readonly now: Date;
}

type Fields = ReadonlyMap<string, string>;

/** The paragraphs of a control file (deb822); continuation lines are left out. */
function paragraphs(text: string): readonly Fields[] {
  return text
    .split(/\n\n+/)
    .map(
      (each) => new Map([...each.matchAll(/^([A-Za-z-]+): (.*)$/gm)].map(([, name = '', value = '']) => [name, value])),
    );
}

function debianComponents(status: string, osRelease: string): readonly Models.Component[] {
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? '';
  const distro = `${field('ID')}-${field('VERSION_ID')}`;
  const installed = paragraphs(status).filter((each) => each.get('Status') === 'install ok installed');
  if (installed.length === 0) throw new Error('the dpkg status names no installed package');
  return installed.map((each) => {
    const [name = '', version = ''] = [each.get('Package'), each.get('Version')];
    const arch = each.get('Architecture') ?? 'all';
    const maintainer = each.get('Maintainer');
    // `nginx (1.26.3-3)`: the source package, if its name or version differs.
    const [, source, sourceVersion] = /^(\S+)(?: \((.*)\))?$/.exec(each.get('Source') ?? '') ?? [];
    const upstream = source === undefined ? {} : { upstream: `${source}${sourceVersion ? `@${sourceVersion}` : ''}` };
    return component(Enums.ComponentType.Library, name, {
      version,
      purl: new PackageURL('deb', field('ID'), name, version, { arch, distro, ...upstream }).toString(),
      ...(maintainer !== undefined && { supplier: new Models.OrganizationalEntity({ name: maintainer }) }),
    });
  });
}

/** `license` of a package.json: an SPDX identifier, an SPDX expression, or other text. */
function licencesOf(text: string | undefined): Models.LicenseRepository {
  if (text === undefined) return new Models.LicenseRepository();
  const id = SPDX.fixupSpdxId(text);
  if (id !== undefined) return new Models.LicenseRepository([new Models.SpdxLicense(id)]);
  const isExpression = / (?:OR|AND|WITH) /.test(text);
  return new Models.LicenseRepository([
    isExpression ? new Models.LicenseExpression(text) : new Models.NamedLicense(text),
  ]);
}

/** `integrity`: `sha512-` and the hash in base64, as in package-lock.json. */
function hashesOf(integrity: string | undefined): Models.HashDictionary {
  const [, base64] = /^sha512-(\S+)$/.exec(integrity ?? '') ?? [];
  if (base64 === undefined) return new Models.HashDictionary();
  return new Models.HashDictionary([[Enums.HashAlgorithm['SHA-512'], Buffer.from(base64, 'base64').toString('hex')]]);
}

function npmComponent({ name, version, license, integrity }: BundledPackage): Models.Component {
  const [group, own = name] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return component(Enums.ComponentType.Library, own, {
    ...(group !== undefined && { group }),
    version,
    purl: new PackageURL('npm', group, own, version).toString(),
    hashes: hashesOf(integrity),
    licenses: licencesOf(license),
  });
}

/** A component, identified by its package URL, which is unique. */
function component(
  type: Enums.ComponentType,
  name: string,
  properties: Models.OptionalComponentProperties & { readonly purl: string },
): Models.Component {
  return new Models.Component(type, name, { ...properties, bomRef: properties.purl });
}

/** The document. Throws an Error if `dpkgStatus` names no package. */
export function sbom(input: SbomInput): string {
  const { dpkgStatus, osRelease, bundled, version, node, now } = input;
  const image = component(Enums.ComponentType.Container, 'tidegate', {
    version,
    purl: new PackageURL('oci', undefined, 'tidegate', version).toString(),
    licenses: licencesOf('Apache-2.0'),
  });
  const runtime = component(Enums.ComponentType.Platform, 'node', {
    version: node.version,
    purl: new PackageURL('npm', undefined, node.name, node.version).toString(),
    hashes: hashesOf(node.integrity),
  });
  const bom = new Models.Bom({ serialNumber: `urn:uuid:${randomUUID()}` });
  bom.metadata.timestamp = now;
  bom.metadata.component = image;
  for (const each of [...debianComponents(dpkgStatus, osRelease), runtime, ...bundled.map(npmComponent)]) {
    bom.components.add(each);
    image.dependencies.add(each.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return serializer.serialize(bom, { sortLists: true, space: 1 });
}

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity?: string }>>;
}

function json<T>(...path: readonly string[]): T {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as T;
}

if (import.meta.main) {
  const [status, osRelease, dist] = process.argv.slice(2);
  if (status === undefined || osRelease === undefined || dist === undefined)
    throw new Error('usage: node scripts/sbom.ts DPKG_STATUS OS_RELEASE DIST');
  const { packages } = json<Lockfile>(ROOT, 'package-lock.json');
  const dpkgStatus = readFileSync(status, 'utf8');
  const isArm = /^Architecture: arm64$/m.test(dpkgStatus);
  const name = `node-linux-${isArm ? 'arm64' : 'x64'}`;
  const locked = packages[`node_modules/${name}`];
  if (locked === undefined) throw new Error(`package-lock.json has no ${name}`);
  const text = sbom({
    dpkgStatus,
    osRelease: readFileSync(osRelease, 'utf8'),
    bundled: json<readonly BundledPackage[]>(dist, BUNDLED_PACKAGES),
    version: json<{ readonly version: string }>(ROOT, 'package.json').version,
    node: { name, ...locked },
    now: new Date(),
  });
  process.stdout.write(`${text}\n`);
}
