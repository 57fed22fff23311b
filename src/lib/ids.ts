/** Ids of sites, networks and users are read as numbers, which are exact to 2^53, and stand in names of tables: those from
 *  1 to this have their digits as text as well. BIGINT allows more, which no network has by itself. */
export const HIGHEST_ID = 999_999_999_999_999;
