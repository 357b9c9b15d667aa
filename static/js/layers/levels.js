/** Depth of an area in the hierarchy, as `geodata.models.Level` numbers it. */

export const NEIGHBOUR = 0;
export const DISTRICT = 2;
export const VILLAGE = 3;
