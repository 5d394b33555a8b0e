/** A number of bytes in readable form: `64 MiB`, `1.5 KiB`. */
export function readableBytes(bytes: number): string {
  const [unit, size] =
    bytes >= 1024 * 1024
      ? (['MiB', 1024 * 1024] as const)
      : bytes >= 1024
        ? (['KiB', 1024] as const)
        : (['bytes', 1] as const);
  return `${Math.round((bytes / size) * 10) / 10} ${unit}`;
}
