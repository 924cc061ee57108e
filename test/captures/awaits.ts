/**
 * What is true of a recorded capture and is not said yet: scenario, then the places that differ (see `differencesOf`).
 * A test fails when one of these comes right, so that it is taken out, and when anything else goes wrong.
 */
export const AWAITS: Readonly<Record<string, readonly string[]>> = {
  'mirrors/reordered': ['kdc extra 192.0.2.101 AS alice'],
}
