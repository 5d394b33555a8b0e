/** Whether a value is the number of a TCP port. Objects may contain other numbers, which NGINX would refuse. */
export function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}
