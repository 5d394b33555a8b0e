/** argv → typed options of a command. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Bounds, boundsFrom } from '../model/bounds/bounds.ts';
import { rangeItems, rangeOf } from '../types/addresses.ts';
import type { CommandName, OptionRow } from './options.ts';
import { OPTIONS } from './options.ts';

/** Options as the commands use them; names are those of the flags in camel case. */
export interface ModelArguments {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly ingressClass: string;
  readonly controllerClass: string;
  readonly ingressClassByName: boolean;
  readonly watchIngressWithoutClass: boolean;
  readonly configmap: string;
  readonly defaultBackendService?: string;
  readonly defaultSslCertificate?: string;
  readonly templateDir?: string;
  readonly annotationsPrefix?: string;
  readonly disableCatchAll?: boolean;
  readonly strictPaths?: boolean;
  readonly isolateNamespaces?: boolean;
  readonly redirectTrailingSlash?: boolean;
  readonly strictAccess?: boolean;
  readonly ignoreModsecurity?: boolean;
  readonly enableSslPassthrough?: boolean;
  readonly disableSvcExternalName?: boolean;
  readonly bounds: Bounds;
  /** Ranges, separated by commas, that are connected to whatever they are. */
  readonly allowAddresses: string;
  /** Addresses of the own Pod, and the ports that NGINX and the controller have there. */
  readonly own?: { readonly addresses: readonly string[]; readonly ports: readonly number[] };
  /** Worker processes where the settings say auto; by default those of this machine. */
  readonly processors?: number;
  /** Zone whose endpoints are preferred. */
  readonly zone?: string;
}

export interface UpArguments extends ModelArguments {
  readonly manifests: string;
  readonly keepCertificates: string;
  readonly runDir?: string;
  readonly logFormat: 'text' | 'json';
  readonly logLevel: string;
}

export interface RenderArguments extends ModelArguments {
  readonly output: 'conf' | 'live' | 'problems' | 'json';
}

export interface CheckArguments extends ModelArguments {
  readonly output: 'text' | 'json';
  readonly strict: boolean;
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65_535)
    throw new InvalidArgumentError('a port is 1 to 65535, for example 8080');
  return value;
}

function bound({ least = 0, most = Infinity }: OptionRow, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new InvalidArgumentError(`it is a whole number from ${least} to ${most}`);
  return value;
}

function objectName(text: string): string {
  if (!/^[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*$/.test(text)) {
    throw new InvalidArgumentError('an object is namespace/name, for example ingress-nginx/ingress-nginx-controller');
  }
  return text;
}

function addressRanges(text: string): string {
  const bad = rangeItems(text).find((each) => rangeOf(each) === undefined);
  if (bad !== undefined) throw new InvalidArgumentError(`${bad} is not a range, for example 127.0.0.0/8,::1`);
  return text;
}

function toOption(row: OptionRow): Option {
  const option = new Option(row.flag, row.about);
  if (row.choices !== undefined) option.choices(row.choices);
  if (row.kind === 'port') option.argParser(port);
  if (row.kind === 'ranges') option.argParser(addressRanges);
  if (row.kind === 'object' || row.kind === 'object-or-none') option.argParser(objectName);
  if (row.kind === 'bound') option.argParser((text) => bound(row, text));
  if (row.required === true) option.makeOptionMandatory();
  if (row.fallback !== undefined)
    option.default(row.kind === 'port' || row.kind === 'bound' ? Number(row.fallback) : row.fallback);
  return option;
}

/** Gives a command the options of the table that are its own. */
export function addOptions(command: Command, name: CommandName): Command {
  for (const row of OPTIONS) if (row.commands.includes(name)) command.addOption(toOption(row));
  return command;
}

/** commander's values with switches-by-word turned into booleans, and the bounds together. */
export function normalise<T>(values: Record<string, unknown>): T {
  const given = (flag: string): number | undefined => {
    const value = values[flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
    return typeof value === 'number' ? value : undefined;
  };
  return {
    ...values,
    watchIngressWithoutClass: values['watchIngressWithoutClass'] !== 'false',
    bounds: boundsFrom(given),
  } as T;
}
