// What `--accept` may name, and what becomes of it: each is a word that somebody has read in a finding, and that must
// not be a typing slip.

const LEFT_OUT = 'its sites are left out';

export const ACCEPT_CODES = {
  anonymise_refused: LEFT_OUT,
  core_rows_elsewhere: LEFT_OUT,
  damaged_table: LEFT_OUT,
  definition_refused: LEFT_OUT,
  foreign_key_across_sites: LEFT_OUT,
  host_in_constraint: LEFT_OUT,
  name_too_long: LEFT_OUT,
  rows_break_check: LEFT_OUT,
  sequence_elsewhere: LEFT_OUT,
  shared_address: LEFT_OUT,
  site_replaces_other: LEFT_OUT,
  strange_engine: LEFT_OUT,
  table_name_case: LEFT_OUT,
  target_foreign_key: LEFT_OUT,
  target_trigger: LEFT_OUT,
  target_view: LEFT_OUT,
  unknown_collation: LEFT_OUT,
  unknown_engine: LEFT_OUT,
  id_out_of_range: 'rows with such an id are left out',
  site_moved: "the target's site of that number is the same one, which has moved, and is replaced",
  network_replaces_other: "the target's network of that number is replaced",
  unmapped_network: 'that network keeps its address, which is the one of the source',
  users_replaced: "sites that stay at the target get the source's users as their authors",
  user_other_email: 'the two count as one person',
  plan_drift: 'a resume goes on with the plan as it was made',
  later_run: 'a resume goes on, and replaces what the later run has migrated',
  remade_tables: 'tables count as those that the run has made or kept, however old the server says they are',
  source_moved: "the source's database is on another server now",
  target_moved: 'the target database is on another server now, with the id that the run knows',
  primary_key_required: 'nothing: the network tables can only be left out by --sites-only',
  users_apart: 'nothing: users and usermeta travel together or not at all',
} as const satisfies Readonly<Record<string, string>>;
