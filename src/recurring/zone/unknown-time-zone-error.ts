import { FirelaterError, preview } from "../../base/error.ts";
import { nearest } from "../../base/suggestion.ts";

/** A time zone that this Node does not know (`FL_UNKNOWN_TIME_ZONE`). */
export class UnknownTimeZoneError extends FirelaterError {}

/** The error, with the zone that was most likely meant: a slip in its name, or its city alone. */
export function unknownTimeZone(name: unknown): UnknownTimeZoneError {
  const near = typeof name === "string" ? nearestZone(name) : undefined;
  const hint = near === undefined ? "" : `Did you mean ${JSON.stringify(near)}? `;
  return new UnknownTimeZoneError({
    code: "FL_UNKNOWN_TIME_ZONE",
    what: `Cannot use ${preview(name)} as a time zone.`,
    why: "This Node knows no zone of that name.",
    mend: `${hint}Write a name of the IANA database, such as "Europe/Paris", or "UTC".`,
  });
}

function nearestZone(name: string): string | undefined {
  const zones = ["UTC", ...Intl.supportedValuesOf("timeZone")];
  const wanted = name.trim().replaceAll(" ", "_");
  const byCity = new Map(zones.map((zone) => [zone.slice(zone.lastIndexOf("/") + 1), zone]));
  const city = nearest(wanted, byCity.keys());
  return nearest(wanted, zones) ?? (city === undefined ? undefined : byCity.get(city));
}
