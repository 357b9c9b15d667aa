/** A place for the simulator: a tap on the map fills the two number fields. */

const DECIMALS = 6;

/**
 * @param {L.Map} map
 * @param {{lat: string, lon: string}} fields Ids of the two fields.
 */
export function spot(map, { lat, lon }) {
  const [north, east] = [lat, lon].map((id) => document.getElementById(id));
  map.on("click", ({ latlng }) => {
    north.value = latlng.lat.toFixed(DECIMALS);
    east.value = latlng.lng.toFixed(DECIMALS);
    north.form.requestSubmit();
  });
}
