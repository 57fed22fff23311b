// Session variables that the program leaves as the server has them: the reason, and the names.

const words = (text: string): string[] => text.trim().split(/\s+/);

export const UNSTATED: Readonly<Record<string, readonly string[]>> = {
  'Follows one that is stated, or is another name of it.': words(`
    character_set_connection storage_engine old_alter_table wsrep_causal_reads`),

  'Only the server or the login sets it; a session reads it.': words(`
    error_count warning_count external_user proxy_user gtid_owned last_gtid in_transaction statement_id
    max_allowed_packet max_user_connections net_buffer_length`),

  'How a statement is carried out, how fast, and with how much memory: not what it gives.': words(`
    analyze_max_length analyze_sample_percentage big_tables eq_range_index_dive_limit expensive_subquery_limit
    histogram_generation_max_mem_size histogram_size histogram_type in_predicate_conversion_threshold
    innodb_ddl_buffer_size innodb_ddl_threads innodb_parallel_read_threads innodb_tmpdir internal_tmp_mem_storage_engine
    join_buffer_size join_buffer_space_limit join_cache_level max_length_for_sort_data max_rowid_filter_size
    max_seeks_for_key mrr_buffer_size new new_mode optimizer_adjust_secondary_key_costs optimizer_extra_pruning_depth
    optimizer_join_limit_pref_ratio optimizer_max_sel_arg_weight optimizer_max_sel_args optimizer_max_subgraph_pairs
    optimizer_prune_level optimizer_scan_setup_cost optimizer_search_depth optimizer_selectivity_sampling_limit
    optimizer_switch optimizer_trace optimizer_trace_features optimizer_trace_limit optimizer_trace_max_mem_size
    optimizer_trace_offset optimizer_use_condition_selectivity optimizer_where_cost preload_buffer_size profiling
    profiling_history_size query_alloc_block_size query_prealloc_size range_alloc_block_size
    range_optimizer_max_mem_size read_buffer_size read_rnd_buffer_size rowid_merge_buff_size
    secondary_engine_cost_threshold set_operations_buffer_size sort_buffer_size tcp_nodelay thread_pool_priority
    transaction_alloc_block_size transaction_prealloc_size use_stat_tables mhnsw_ef_search
    enable_secondary_engine_statistics low_priority_updates aria_repair_threads aria_sort_buffer_size
    aria_stats_method myisam_repair_threads myisam_sort_buffer_size myisam_stats_method bulk_insert_buffer_size
    deadlock_search_depth_long deadlock_search_depth_short deadlock_timeout_long deadlock_timeout_short
    connection_memory_chunk_size global_connection_memory_tracking interactive_timeout net_retry_count
    query_cache_type query_cache_strip_comments query_cache_wlock_invalidate`),

  'A limit: what goes beyond it ends with an error, and is told.': words(`
    connection_memory_limit max_heap_table_size max_join_size max_points_in_geometry max_recursive_iterations
    max_sp_recursion_depth max_tmp_session_space_usage max_tmp_tables parser_max_mem_size cte_max_recursion_depth
    tmp_disk_table_size tmp_memory_table_size tmp_table_size`),

  'What is logged for administrators.': words(`
    log_disabled_statements log_queries_not_using_indexes log_slow_admin_statements log_slow_always_query_time
    log_slow_disabled_statements log_slow_filter log_slow_max_warnings log_slow_min_examined_row_limit log_slow_query
    log_slow_query_time log_slow_rate_limit log_slow_slave_statements log_slow_verbosity log_warnings
    long_query_time min_examined_row_limit slow_query_log sql_log_off`),

  'In which form the binary log holds what was written; REPEATABLE READ may be logged in each.': words(`
    binlog_alter_two_phase binlog_annotate_row_events binlog_direct_non_transactional_updates binlog_format
    binlog_row_image binlog_row_value_options binlog_rows_query_log_events binlog_transaction_compression
    binlog_transaction_compression_level_zstd gtid_domain_id gtid_next gtid_seq_no server_id
    skip_parallel_replication transaction_allow_batching transaction_write_set_extraction wsrep_gtid_seq_no`),

  "Only for what a replica's applier runs, or its administrator.": words(`
    default_master_connection immediate_server_version max_relay_log_size original_commit_timestamp
    original_server_version pseudo_replica_mode pseudo_slave_mode pseudo_thread_id rbr_exec_mode
    sql_slave_skip_counter`),

  'When other nodes of a cluster follow, or how long a statement waits for them.': words(`
    group_replication_consistency wsrep_retry_autocommit wsrep_sync_wait wsrep_trx_fragment_size
    wsrep_trx_fragment_unit`),

  "OFF where there is no Galera; with it only an account with SUPER could have it OFF, for which no init_connect runs.":
    words('wsrep_on'),

  'How many bytes a value takes on the disk: not its definition, nor what it reads as.': words(`
    column_compression_threshold column_compression_zlib_level column_compression_zlib_strategy
    column_compression_zlib_wrap`),

  "The target's own rule for what lies on its disks: which files are encrypted, and by which key.": words(`
    default_table_encryption innodb_default_encryption_key_id`),

  "The target's own rule for its full-text indexes, as for what WordPress writes there.": words(`
    innodb_ft_enable_stopword innodb_ft_user_stopword_table`),

  'It refuses: a table without a primary key, a statement that is logged by rows, what a snapshot has not seen.':
    words('sql_require_primary_key require_row_format innodb_snapshot_isolation'),

  "MySQL's may be set by few. ON refuses a definition; OFF takes it as the source did.": words('innodb_strict_mode'),

  'Our statements and all definitions name what it would stand for, or have no use for it.': words(`
    character_set_database character_set_filesystem character_set_server collation_database collation_server
    default_tmp_storage_engine enable_cascade_triggers end_markers_in_json
    explain_json_format_version external_table_secondary_storage_engine external_table_storage_engine
    generated_random_password_length innodb_table_locks keep_files_on_create last_insert_id identity
    max_delayed_threads max_insert_delayed_threads old_passwords print_identified_with_as_hex rand_seed1 rand_seed2
    select_into_buffer_size select_into_disk_sync select_into_disk_sync_delay standard_compliant_cte
    updatable_views_with_limit windowing_use_high_precision
    xa_detach_on_prepare`),

  'Set where rows of the past are written, and only there: src/mysql/history.ts.': words(
    'system_versioning_insert_history',
  ),

  'Which number the server gives where it makes one: any that is free does, and one that is taken is refused.':
    words('auto_increment_increment auto_increment_offset insert_id'),

  'Texts for people: of errors, of warnings, of progress; numbers and counts decide.': words(`
    lc_messages max_error_count progress_report_time sql_warnings terminology_use_previous`),

  'What the server adds to its answers: the driver reads it, or has not asked for it.': words(`
    redirect_url resultset_metadata session_track_gtids session_track_schema session_track_state_change
    session_track_system_variables session_track_transaction_info`),
};
