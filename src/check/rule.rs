//! Every rule, one a file.

mod access_dangerous;
mod access_hierarchy;
mod access_namespace_addon;
mod access_namespace_reserved;
mod access_namespace_shared;
mod access_namespace_twice;
mod access_role_rules;
mod access_role_unknown;
mod access_role_unused;
mod access_service_account;
mod access_shared_unknown;
mod access_subject_twice;
mod access_unreached;
mod access_urls_in_namespace;
mod addon_end_near;
mod addon_folder;
mod addon_lifecycle;
mod addon_reserved;
mod addon_retired;
mod addon_setting;
mod addon_unknown;
mod addon_unused;
mod api_deprecated;
mod api_unserved;
mod application_collision;
mod application_name;
mod argocd_namespace;
mod autoscale;
mod case_collision;
mod cluster_api_contract;
mod cluster_api_deprecated;
mod cluster_api_minor;
mod cluster_api_step;
mod cluster_api_unserved;
mod cluster_cni;
mod companion_own;
mod companion_secret;
mod companion_twice;
mod control_plane_replicas;
mod control_plane_step;
mod credential;
mod default_storage_class;
mod destination_missing;
mod destination_unknown;
mod display_name_collision;
mod eks_bootstrap;
mod eks_image;
mod eks_provider;
mod exact_minor;
mod external_dns_owner;
mod field_unread;
mod health_check_limit;
mod health_check_overlap;
mod image_version;
mod kubeadm_unused;
mod label_domain;
mod label_reserved;
mod look_up_missing;
mod machine_network;
mod management_namespace;
mod management_network;
mod management_object;
mod management_twice;
mod manifest_unreadable;
mod minor_shadowed;
mod minor_unsupported;
mod minors_order;
mod name_pattern;
mod network_overlap;
mod object_schema;
mod output_branch;
mod output_path;
mod owner_twice;
mod pool_minor;
mod pool_name;
mod pool_name_collision;
mod pool_rollout;
mod pool_step;
mod pool_twice;
mod pool_version;
mod preflight_skipped;
mod project_collision;
mod project_missing;
mod project_permission;
mod provider_block_unused;
mod quota_value;
mod release_name;
mod requires_itself;
mod requires_unknown;
mod role_twice;
mod rollout_overlap;
mod rollout_progressive_syncs;
mod rollout_self_heal;
mod schema_file;
mod secret_name_collision;
mod selector_unmatched;
mod server_collision;
mod server_shared;
mod set_refused;
mod source_incomplete;
mod source_path;
mod source_placement;
mod stray_statement;
mod tenant_reserved;
mod trunk_label;
mod waiver_rule;
pub mod waiver_stale;
mod wave_order;

use super::Rule;

/// Every rule, in the order of the documentation: fleet, tenants, addons, clusters, names, credentials, schemas.
pub const RULES: &[&Rule] = &[
    &minors_order::RULE,
    &management_twice::RULE,
    &cluster_api_step::RULE,
    &cluster_api_contract::RULE,
    &output_path::RULE,
    &output_branch::RULE,
    &trunk_label::RULE,
    &label_domain::RULE,
    &name_pattern::RULE,
    &rollout_progressive_syncs::RULE,
    &rollout_overlap::RULE,
    &rollout_self_heal::RULE,
    &tenant_reserved::RULE,
    &project_collision::RULE,
    &role_twice::RULE,
    &destination_unknown::RULE,
    &quota_value::RULE,
    &access_role_unknown::RULE,
    &access_role_rules::RULE,
    &access_dangerous::RULE,
    &access_subject_twice::RULE,
    &access_service_account::RULE,
    &access_namespace_twice::RULE,
    &access_namespace_reserved::RULE,
    &access_namespace_addon::RULE,
    &access_namespace_shared::RULE,
    &access_shared_unknown::RULE,
    &access_role_unused::RULE,
    &access_hierarchy::RULE,
    &access_unreached::RULE,
    &access_urls_in_namespace::RULE,
    &addon_folder::RULE,
    &addon_reserved::RULE,
    &source_incomplete::RULE,
    &source_path::RULE,
    &source_placement::RULE,
    &eks_provider::RULE,
    &management_namespace::RULE,
    &management_object::RULE,
    &requires_unknown::RULE,
    &requires_itself::RULE,
    &wave_order::RULE,
    &minor_shadowed::RULE,
    &exact_minor::RULE,
    &stray_statement::RULE,
    &manifest_unreadable::RULE,
    &api_unserved::RULE,
    &api_deprecated::RULE,
    &addon_lifecycle::RULE,
    &addon_end_near::RULE,
    &addon_retired::RULE,
    &addon_unused::RULE,
    &default_storage_class::RULE,
    &external_dns_owner::RULE,
    &minor_unsupported::RULE,
    &cluster_api_minor::RULE,
    &control_plane_step::RULE,
    &pool_step::RULE,
    &cluster_cni::RULE,
    &pool_twice::RULE,
    &autoscale::RULE,
    &pool_rollout::RULE,
    &pool_version::RULE,
    &pool_minor::RULE,
    &control_plane_replicas::RULE,
    &image_version::RULE,
    &eks_image::RULE,
    &eks_bootstrap::RULE,
    &health_check_overlap::RULE,
    &health_check_limit::RULE,
    &preflight_skipped::RULE,
    &cluster_api_unserved::RULE,
    &cluster_api_deprecated::RULE,
    &owner_twice::RULE,
    &kubeadm_unused::RULE,
    &provider_block_unused::RULE,
    &field_unread::RULE,
    &network_overlap::RULE,
    &machine_network::RULE,
    &management_network::RULE,
    &label_reserved::RULE,
    &addon_unknown::RULE,
    &addon_setting::RULE,
    &companion_secret::RULE,
    &companion_twice::RULE,
    &companion_own::RULE,
    &pool_name::RULE,
    &pool_name_collision::RULE,
    &secret_name_collision::RULE,
    &display_name_collision::RULE,
    &server_collision::RULE,
    &server_shared::RULE,
    &application_name::RULE,
    &application_collision::RULE,
    &project_missing::RULE,
    &destination_missing::RULE,
    &project_permission::RULE,
    &selector_unmatched::RULE,
    &look_up_missing::RULE,
    &set_refused::RULE,
    &argocd_namespace::RULE,
    &release_name::RULE,
    &case_collision::RULE,
    &credential::RULE,
    &waiver_rule::RULE,
    &waiver_stale::RULE,
    &schema_file::RULE,
    &object_schema::RULE,
];
