/** Numbers, durations and times as people read them. */

/** `0`, `0.25`, `12.3`, `1,234` */
export function numberText(value: number): string {
  const digits = value === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

/** A share from 0 to 1: `0 %`, `<0.1 %`, `2.5 %`, `100 %` */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  return `${percent.toLocaleString('en', { maximumFractionDigits: percent < 10 ? 1 : 0 })} %`;
}

/** `0.4 ms`, `12 ms`, `1.5 s` */
export function msText(ms: number): string {
  if (ms >= 1000) return `${numberText(ms / 1000)} s`;
  return `${ms.toLocaleString('en', { maximumFractionDigits: ms < 10 ? 1 : 0 })} ms`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** At most two units: `5 s`, `3 m 20 s`, `2 d 4 h`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const at = UNITS.findIndex(([, size]) => whole >= size);
  const [unit, size] = UNITS[at] ?? (['s', 1] as const);
  const rest = whole % size;
  const [smaller, smallerSize] = UNITS[at + 1] ?? [];
  const more = smallerSize === undefined ? 0 : Math.floor(rest / smallerSize);
  const first = `${Math.floor(whole / size)} ${unit}`;
  return more === 0 ? first : `${first} ${more} ${smaller}`;
}

/** How long ago a time is; times in the future, because clocks differ, count as now. */
export function agoText(time: string, now: number): string {
  const seconds = (now - Date.parse(time)) / 1000;
  return seconds < 2 ? 'just now' : `${durationText(seconds)} ago`;
}

/** The time of day where the person is: `14:03:21`. */
export function clockText(time: string): string {
  return new Date(time).toLocaleTimeString('en-GB', { hour12: false });
}

/** `1 path`, `2 paths` */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** `expires in 12 days`, `expires today`, `expired 3 days ago` */
export function expiryText(daysLeft: number): string {
  if (daysLeft === 0) return 'expires within a day';
  if (daysLeft < 0) return `expired ${countText(-daysLeft, 'day')} ago`;
  return `expires in ${countText(daysLeft, 'day')}`;
}
