// Times in a table. They are written as ISO 8601 in UTC, which spreadsheets do not change; local times are read, too.

/** The instant as ISO 8601; from the year 10000 on, where ISO 8601 begins with a plus, as milliseconds in digits. */
export function timeOf(ms) {
  return ms <= 253_402_300_799_999 ? new Date(ms).toISOString().replace(".000Z", "Z") : String(ms);
}

const DAY = 24 * 60 * 60 * 1000;
const DAYS = /((?:19[7-9]\d|[2-9]\d{3})-\d\d-\d\d)/.source;
const CLOCK = /(\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,3}))?)?/.source;
const DATE = new RegExp(`^${DAYS}(?:[T ]${CLOCK} ?(?:(Z)|([+-])(\\d\\d):?(\\d\\d))?)?$`, "i");
const WRITTEN = "2026-07-25T18:00:00+02:00";

/**
 * The instant of a cell. A date without a time is the first instant of that day, or with `end` the first of the next.
 * `wrong` makes the error.
 */
export function instantOf(cell, { zone, clock, end }, wrong) {
  const found = DATE.exec(cell);
  if (found === null) throw wrong(`a time such as ${WRITTEN} or milliseconds since 1970`);
  const [, date, minutes = "00:00", seconds = "00", fraction = "0", utc, sign, hours, rest] = found;
  const written = `${date}T${minutes}:${seconds}`;
  const read = Date.parse(`${written}Z`);
  // Some JavaScript engines read 30 February as 2 March; then the date in the cell does not exist.
  const exists = !Number.isNaN(read) && new Date(read).toISOString().startsWith(written);
  if (!exists || hours > "23" || rest > "59") throw wrong("a day and time that exist");
  const local = read + Number(fraction.padEnd(3, "0"));
  if (utc !== undefined) return local;
  if (sign !== undefined) return local - Number(`${sign}1`) * (Number(hours) * 60 + Number(rest)) * 60_000;
  if (zone === null) throw wrong(`a time with its offset, such as ${WRITTEN}, because no zone is given`);
  if (date.startsWith("9999")) throw wrong("a year before 9999, or an empty cell");
  const clocks = local + (end && found[2] === undefined ? DAY : 0);
  const instants = instantsOf(clocks, clock);
  if (instants.length === 0) throw wrong(`a time that there is in ${zone}, where the clocks go forward then`);
  if (instants.length === 1) return instants[0];
  const choices = instants.map((one) => new Date(clocks).toISOString().slice(0, 19) + offset(clocks - one));
  throw wrong(`a time that there is once in ${zone}, where the clocks go back then`, choices.join(" or "));
}

function offset(ms) {
  const minutes = Math.abs(ms) / 60_000;
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  return `${ms < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/**
 * Returns a function that tells what the zone's clocks show at an instant. It answers in milliseconds, as if the clock
 * time were in UTC. Throws a RangeError if there is no such zone.
 */
export function clockOf(zone) {
  const digits = {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  };
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    ...digits,
  });
  return (ms) => {
    const shown = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const { year, month, day, hour, minute, second } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (ms % 1000);
  };
}

/** The instants at which the zone's clock shows this time: one, none (it goes forward then) or two (it goes back). */
function instantsOf(local, clock) {
  // The zone's offset from UTC changes at most once within these two days, so it is one of these two offsets.
  const offsets = [local - DAY, local + DAY].map((ms) => clock(ms) - ms);
  return [...new Set(offsets)]
    .map((ms) => local - ms)
    .filter((ms) => clock(ms) === local)
    .sort((one, other) => one - other);
}
