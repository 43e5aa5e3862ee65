// Which site and which room an address is. Pure; tested in node.

/** The site of the table that an address belongs to, or null. */
export function siteOf(sites, host) {
  const isThere = ({ matches }) => matches.some((match) => hostOf(match) === host);
  return sites.find(isThere) ?? null;
}

const hostOf = (match) => match.replace(/^https:\/\//, "").replace(/\/.*$/, "");

/** Whether comments are to be expected at this path (and not the shop's front page). */
export function isRoom(site, path) {
  return site.paths.some((pattern) => new RegExp(pattern).test(path));
}

/** What the room is called: its number in the address, or the address itself. */
export function roomOf(site, host, path) {
  const found = site?.room ? new RegExp(site.room).exec(path) : null;
  if (found) return found[1];
  return (host + path.replace(/[?#].*$/, "").replace(/\/+$/, "")).slice(0, 120);
}
